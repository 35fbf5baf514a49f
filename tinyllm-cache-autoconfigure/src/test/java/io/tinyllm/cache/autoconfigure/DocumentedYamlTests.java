package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import tools.jackson.databind.JsonNode;

/** What the documentation tells people to write into their {@code application.yml} is understood. */
class DocumentedYamlTests {

    private static final Path ROOT = Path.of("..");

    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```yaml\\n(.*?)^ *```$");

    private static final Map<String, JsonNode> KNOWN = ConfigurationMetadata.all();

    record Snippet(String where, String yaml) {

        @Override
        public String toString() {
            return where;
        }
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void everyPropertyOfASnippetExistsAndTakesItsValue(Snippet snippet) {
        MutablePropertySources sources = parse(snippet.yaml());
        bind(sources).getCaches().forEach((name, settings) -> settings.validate(name));
        bind(sources).getDefaults().validate("defaults");
        assertThat(unknown(sources)).isEmpty();
    }

    @Test
    void aSnippetThatIsWrongWouldBeFound() {
        assertThatThrownBy(() -> bind(parse("tinyllm.cache.defaults.time-to-lvie: 5m")))
                .rootCause()
                .hasMessageContaining("time-to-lvie");
        assertThatThrownBy(() -> bind(parse("tinyllm.cache.defaults.time-to-live: soon")));
        assertThat(unknown(parse("spring.data.reddis.host: localhost"))).containsExactly("spring.data.reddis.host");
    }

    private static TinyLlmCacheProperties bind(MutablePropertySources sources) {
        Binder binder = new Binder(
                ConfigurationPropertySources.from(sources), null, ApplicationConversionService.getSharedInstance());
        return binder.bindOrCreate(
                TinyLlmCacheProperties.PREFIX,
                Bindable.of(TinyLlmCacheProperties.class),
                new DefaultsBindHandlerAdvisor().apply(new NoUnboundElementsBindHandler(BindHandler.DEFAULT)));
    }

    /** The properties of other libraries and of our endpoints that no metadata on the class path has. */
    private static List<String> unknown(MutablePropertySources sources) {
        List<String> unknown = new ArrayList<>();
        ConfigurationPropertySources.from(sources)
                .forEach(source -> ((IterableConfigurationPropertySource) source)
                        .stream()
                                .filter(name -> !ConfigurationPropertyName.of(TinyLlmCacheProperties.PREFIX)
                                        .isAncestorOf(name))
                                .filter(name -> !isKnown(name.toString()))
                                .forEach(name -> unknown.add(name.toString())));
        return unknown;
    }

    /** An element of a list or a map is known where its container is. */
    private static boolean isKnown(String name) {
        String container = name;
        while (true) {
            JsonNode property = KNOWN.get(container);
            if (property != null) {
                return container.equals(name) || property.get("type").asString().startsWith("java.util.");
            }
            int end = Math.max(container.lastIndexOf('.'), container.lastIndexOf('['));
            if (end < 0) {
                return false;
            }
            container = container.substring(0, end);
        }
    }

    private static MutablePropertySources parse(String yaml) {
        MutablePropertySources sources = new MutablePropertySources();
        try {
            for (PropertySource<?> source : new YamlPropertySourceLoader()
                    .load("snippet", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))) {
                sources.addLast(source);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sources;
    }

    static List<Snippet> snippets() throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        for (Path page : pages) {
            String text = Files.readString(page);
            Matcher block = BLOCK.matcher(text);
            while (block.find()) {
                long line = text.substring(0, block.start()).lines().count() + 1;
                snippets.add(new Snippet(page.getFileName() + ":" + line, block.group(2)));
            }
        }
        assertThat(snippets).hasSizeGreaterThan(20);
        return snippets;
    }
}
