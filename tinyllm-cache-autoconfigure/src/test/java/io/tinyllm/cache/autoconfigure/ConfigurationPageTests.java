package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The page of all properties is made from what editors know of them, and is never behind it. */
class ConfigurationPageTests {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    private static final String COMMAND = "mvn -pl tinyllm-cache-autoconfigure test -Dtest=ConfigurationPageTests"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true";

    private static final String HEAD = """
            # All properties

            Which property is called what, takes which values, and is what where nobody sets it? Every one \
            is here, made from the metadata that
            editors complete with; the guides say what they are for.

            This page is written by a program, and the build fails where it is behind. Write it anew with

                %s

            Durations are written `500ms`, `10m`, `2h`, `1d`; sizes `4KB`, `64MB`. A misspelt name or a \
            value out of range stops the start with a message that says what to write instead.
            """;

    private static final String EACH = """

            ## Of each cache

            `tinyllm.cache.defaults.*` holds for every cache; `tinyllm.cache.caches.NAME.*` takes the same \
            properties and overrides them for one cache, property by property. A name with
            a dot or another special character is written `"[quotes.eu]"`.
            """;

    private static final String ALL = """

            ## Of all caches together
            """;

    private static final String ENDPOINTS = """

            ## Of the endpoints

            An endpoint is reached over HTTP only where `management.endpoints.web.exposure.include` names it.
            """;

    @Test
    void thePageOfAllPropertiesIsUpToDate() throws IOException {
        String page = page();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("%s is behind the properties; write it anew with%n%n    %s%n", PAGE, COMMAND)
                .isEqualTo(page);
    }

    @Test
    void everyPropertyIsOnThePage() {
        String page = page();
        assertThat(ConfigurationMetadata.ours().keySet())
                .hasSizeGreaterThan(80)
                .allSatisfy(
                        name -> assertThat(page).contains("| `" + name.replace("tinyllm.cache.defaults.", "") + "` |"));
    }

    private static String page() {
        Map<String, Map<String, JsonNode>> each = new TreeMap<>();
        Map<String, Map<String, JsonNode>> all = new TreeMap<>();
        Map<String, JsonNode> endpoints = new TreeMap<>();
        ConfigurationMetadata.ours().forEach((name, property) -> {
            String cache = within("tinyllm.cache.defaults.", name);
            String common = within("tinyllm.cache.", name);
            if (cache != null) {
                group(each, cache, cache, property);
            } else if (common != null) {
                group(all, common, name, property);
            } else {
                endpoints.put(name, property);
            }
        });
        StringBuilder page = new StringBuilder(HEAD.formatted(COMMAND)).append(EACH);
        each.values().forEach(group -> table(page, group));
        page.append(ALL);
        all.values().forEach(group -> table(page, group));
        page.append(ENDPOINTS);
        table(page, endpoints);
        return page.toString();
    }

    private static String within(String prefix, String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : null;
    }

    /** Properties with a dot in their name are in the group before it, the others in one that comes first. */
    private static void group(Map<String, Map<String, JsonNode>> groups, String path, String name, JsonNode property) {
        int dot = path.indexOf('.');
        groups.computeIfAbsent(dot < 0 ? "" : path.substring(0, dot), group -> new LinkedHashMap<>())
                .put(name, property);
    }

    private static void table(StringBuilder page, Map<String, JsonNode> properties) {
        page.append("\n| property | takes | default | |\n|---|---|---|---|\n");
        properties.forEach((name, property) -> page.append("| `")
                .append(name)
                .append("` | ")
                .append(type(property.get("type").asString()))
                .append(" | ")
                .append(value(property.get("defaultValue")).replace("read_only", "read-only"))
                .append(" | ")
                .append(property.get("description")
                        .asString()
                        .replaceAll("\\s+", " ")
                        .replace("|", "\\|"))
                .append(" |\n"));
    }

    private static String value(JsonNode value) {
        if (value == null || value.isNull() || value.asString().isEmpty() && !value.isArray()) {
            return "";
        }
        return "`" + (value.isArray() ? value.toString() : value.asString()) + "`";
    }

    private static String type(String name) {
        return switch (name) {
            case "java.lang.Boolean" -> "true, false";
            case "java.lang.Integer", "java.lang.Long" -> "a whole number";
            case "java.lang.Double", "java.lang.Float" -> "a number";
            case "java.time.Duration" -> "a duration";
            case "org.springframework.util.unit.DataSize" -> "a size";
            case "java.lang.String" -> "text";
            case "java.nio.file.Path" -> "a directory";
            default ->
                name.startsWith("java.util.List") || name.startsWith("java.util.Set")
                        ? "a list"
                        : name.startsWith("java.util.Map") ? "a map" : constants(name);
        };
    }

    private static String constants(String name) {
        List<Object> constants = new ArrayList<>();
        try {
            Object[] found = Class.forName(name.replaceAll("(\\.[A-Z]\\w*)\\.([A-Z])", "$1\\$$2"))
                    .getEnumConstants();
            Stream.of(found == null ? new Object[0] : found).forEach(constants::add);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("a type that this page does not know how to name: " + name, e);
        }
        assertThat(constants)
                .as("a type that this page does not know how to name: %s", name)
                .isNotEmpty();
        return constants.stream()
                .map(constant ->
                        ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
    }
}
