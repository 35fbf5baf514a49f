package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files on the class path that tell editors of properties. */
final class ConfigurationMetadata {

    private static final String FILE = "META-INF/spring-configuration-metadata.json";

    private ConfigurationMetadata() {}

    /** Reads the properties of this module, by name. */
    static Map<String, JsonNode> ours() {
        String classFile = "/" + CacheSettings.class.getName().replace('.', '/') + ".class";
        String location = CacheSettings.class.getResource(classFile).toString().replace(classFile, "/" + FILE);
        try {
            return properties(URI.create(location).toURL());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the properties of everything on the class path, by name. */
    static Map<String, JsonNode> all() {
        Map<String, JsonNode> properties = new TreeMap<>();
        try {
            for (URL file : Collections.list(
                    ConfigurationMetadata.class.getClassLoader().getResources(FILE))) {
                properties.putAll(properties(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    private static Map<String, JsonNode> properties(URL file) throws IOException {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        try (InputStream in = file.openStream()) {
            for (JsonNode property : JsonMapper.shared().readTree(in).get("properties")) {
                properties.put(property.get("name").asString(), property);
            }
        }
        return properties;
    }
}
