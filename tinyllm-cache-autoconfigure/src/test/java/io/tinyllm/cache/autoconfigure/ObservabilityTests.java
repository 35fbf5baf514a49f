package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.tinyllm.cache.spring.TinyLlmCacheManager;
import io.tinyllm.cache.testing.LeftOut;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator sees over HTTP and in the meters, in an application that Spring Boot has configured by itself. */
class ObservabilityTests {

    private static final List<String> METERS = List.of("cache.gets", "cache.puts", "cache.evictions", "cache.size");

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theEndpointsSayWhatHappened() throws Exception {
        try (ConfigurableApplicationContext context = start(Application.class)) {
            Cache cache = context.getBean(CacheManager.class).getCache("on demand");
            cache.get("secret-key", () -> "secret-value");
            cache.get("secret-key");
            cache.get("secret-key");
            cache.get("absent");
            cache.put("other", 1);

            HttpResponse<String> response = get(context, "cacheanalytics/on%20demand");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).doesNotContain("secret");
            JsonNode figures = json(response);
            assertThat(figures.get("requests").asLong()).isEqualTo(4);
            assertThat(figures.get("hits").asLong()).isEqualTo(2);
            assertThat(figures.get("misses").asLong()).isEqualTo(2);
            assertThat(figures.get("hitRate").asDouble()).isEqualTo(0.5);
            assertThat(figures.get("loads").asLong()).isEqualTo(1);
            assertThat(figures.get("puts").asLong()).isEqualTo(1);
            assertThat(figures.get("size").asLong()).isEqualTo(2);
            assertThat(figures.get("hitsByTier").get("memory").asLong()).isEqualTo(2);
            assertThat(figures.get("latency").get("load").get("mean").asDouble())
                    .isPositive();
            for (String zero :
                    List.of("bypassed", "negativeHits", "staleHits", "loadFailures", "evictions", "errors")) {
                assertThat(figures.get(zero).asLong()).as(zero).isZero();
            }

            JsonNode all = json(get(context, "cacheanalytics")).get("caches");
            assertThat(all.get("on demand").get("hits").asLong()).isEqualTo(2);
            assertThat(all.get("listed").get("requests").asLong()).isZero();

            assertThat(get(context, "cacheanalytics/unknown").statusCode()).isEqualTo(404);
            assertThat(context.getBean(CacheManager.class).getCacheNames())
                    .as("asking for an unknown cache makes none")
                    .containsExactlyInAnyOrder("listed", "on demand");
        }
    }

    @Test
    void springBootsOwnEndpointsKnowEveryCache() throws Exception {
        try (ConfigurableApplicationContext context = start(Application.class)) {
            Cache cache = context.getBean(CacheManager.class).getCache("demanded");
            cache.get("key");
            cache.put("key", 1);
            cache.get("key");

            JsonNode managers = json(get(context, "caches")).get("cacheManagers");
            JsonNode caches = managers.get("cacheManager").get("caches");
            assertThat(caches.get("demanded").get("target").asString()).isNotBlank();
            assertThat(caches.get("listed")).isNotNull();
            assertThat(json(get(context, "caches/demanded")).get("name").asString())
                    .isEqualTo("demanded");

            JsonNode hits = json(get(context, "metrics/cache.gets?tag=result:hit&tag=cache:demanded"));
            assertThat(hits.get("measurements").get(0).get("value").asLong()).isEqualTo(1);
            JsonNode misses = json(get(context, "metrics/cache.gets?tag=result:miss&tag=cache:demanded"));
            assertThat(misses.get("measurements").get(0).get("value").asLong()).isEqualTo(1);
        }
    }

    @Test
    void everyCacheHasTheMetersOfSpringBootWheneverItWasMade() {
        try (ConfigurableApplicationContext context = start(Application.class)) {
            assertMeters(context);
        }
    }

    @Test
    void theTransactionAwareDecoratorHidesNoMeter() {
        try (ConfigurableApplicationContext context = start(TransactionAware.class)) {
            assertMeters(context);
        }
    }

    private static void assertMeters(ConfigurableApplicationContext context) {
        Cache cache = context.getBean(CacheManager.class).getCache("demanded");
        cache.put("key", 1);
        cache.get("key");
        cache.get("key");
        cache.get("absent");
        MeterRegistry registry = context.getBean(MeterRegistry.class);
        for (String name : List.of("listed", "demanded")) {
            for (String meter : METERS) {
                assertThat(registry.find(meter).tag("cache", name).meters())
                        .as(meter + " of " + name)
                        .isNotEmpty();
            }
        }
        assertThat(count(registry, "cache.gets", "result", "hit")).isEqualTo(2);
        assertThat(count(registry, "cache.gets", "result", "miss")).isEqualTo(1);
        assertThat(registry.get("cache.puts")
                        .tag("cache", "demanded")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        Gauge size = registry.get("cache.size").tag("cache", "demanded").gauge();
        assertThat(size.value()).isEqualTo(1);
        assertThat(registry.getMeters().stream()
                        .map(Meter::getId)
                        .filter(id -> id.getName().contains("cache"))
                        .flatMap(id -> id.getTags().stream())
                        .map(Tag::getValue))
                .as("a key is never a tag")
                .doesNotContain("key", "absent");
        List<String> tagsOfListed = tags(registry, "listed");
        assertThat(tags(registry, "demanded")).as("the same tags for both").isEqualTo(tagsOfListed);
    }

    private static List<String> tags(MeterRegistry registry, String cache) {
        return registry.get("cache.puts").tag("cache", cache).functionCounter().getId().getTags().stream()
                .map(Tag::getKey)
                .toList();
    }

    private static double count(MeterRegistry registry, String meter, String tag, String value) {
        FunctionCounter counter =
                registry.get(meter).tag("cache", "demanded").tag(tag, value).functionCounter();
        return counter.count();
    }

    private static ConfigurableApplicationContext start(Class<?> source) {
        return new SpringApplication(source)
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--management.endpoints.web.exposure.include=*",
                        "--" + LeftOut.clientsAnd("org.springframework.boot.data."),
                        "--tinyllm.cache.caches.listed.time-to-live=1m");
    }

    private HttpResponse<String> get(ConfigurableApplicationContext context, String path) throws Exception {
        int port = ((WebServerApplicationContext) context).getWebServer().getPort();
        URI uri = URI.create("http://localhost:" + port + "/actuator/" + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class TransactionAware {

        @Bean
        CacheManagerCustomizer<TinyLlmCacheManager> transactionAware() {
            return manager -> manager.setTransactionAware(true);
        }
    }
}
