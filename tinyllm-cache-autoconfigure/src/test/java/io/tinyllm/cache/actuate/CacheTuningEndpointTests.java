package io.tinyllm.cache.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.tinyllm.cache.testing.LeftOut;
import io.tinyllm.cache.testing.MapStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The endpoint as an application offers it over HTTP. */
class CacheTuningEndpointTests {

    private static final String UNRESTRICTED = "management.endpoint.cachetuning.access=unrestricted";
    private static final String RETRY = "{\"action\":\"retry-dead-letters\"}";

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    private void start(String... properties) {
        application = new SpringApplicationBuilder(Application.class)
                .properties(
                        LeftOut.clientsAnd("org.springframework.boot.data."),
                        "server.port=0",
                        "management.endpoints.web.exposure.include=cachetuning",
                        "spring.main.banner-mode=off",
                        "tinyllm.cache.journal.directory=" + directory,
                        "tinyllm.cache.caches.plain.time-to-live=1m",
                        "tinyllm.cache.caches.answers.write.policy=write-back",
                        "tinyllm.cache.caches.answers.write.flush-interval=1ms",
                        "tinyllm.cache.caches.answers.write.maximum-attempts=1")
                .properties(properties)
                .run();
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private HttpResponse<String> request(String method, String path, String body) throws Exception {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/cachetuning" + path))
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private JsonNode write() throws Exception {
        return json(request("GET", "/answers", "")).get("write");
    }

    private Cache cache() {
        return application.getBean(CacheManager.class).getCache("answers");
    }

    private void deadLetter() {
        application.getBean(MapStore.class).failing = true;
        cache().put("key-4711", "secret value");
        await().until(() -> write().get("deadLetters").size() == 1);
    }

    @Test
    void tellsTheWritesOfACacheThatHasAStoreAndNothingOfOneThatHasNone() throws Exception {
        start();
        cache().put("key-4711", "secret value");
        await().until(() -> write().get("flushed").asLong() == 1);
        JsonNode all = json(request("GET", "", "")).get("caches");
        assertThat(all.get("answers").get("write").propertyNames())
                .containsExactlyInAnyOrder("policy", "dirty", "flushed", "failed", "deadLetters");
        assertThat(all.get("answers").get("write").get("policy").asString()).isEqualTo("write-back");
        assertThat(all.get("plain").propertyNames()).isEmpty();
        assertThat(request("GET", "/plain", "").body()).isEqualTo("{}");
    }

    @Test
    void anUnknownCacheIsNotFound() throws Exception {
        start(UNRESTRICTED);
        assertThat(request("GET", "/unknown", "").statusCode()).isEqualTo(404);
        assertThat(request("POST", "/unknown", "{}").statusCode()).isEqualTo(404);
    }

    @Test
    void aRequestWithoutABodyIsAStepOfTuning() throws Exception {
        start(UNRESTRICTED);
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        HttpRequest bare = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/actuator/cachetuning/answers"))
                .POST(BodyPublishers.noBody())
                .build();
        assertThat(json(http.send(bare, BodyHandlers.ofString())).has("write")).isTrue();
    }

    @Test
    void actingIsRefusedByDefault() throws Exception {
        start();
        deadLetter();
        assertThat(request("POST", "/answers", RETRY).statusCode()).isEqualTo(405);
        assertThat(write().get("deadLetters").size()).isEqualTo(1);
    }

    @Test
    void hidesTheKeyOfADeadLetterAndWhatTheStoreSaidOfIt() throws Exception {
        start();
        deadLetter();
        JsonNode letter = write().get("deadLetters").get(0);
        assertThat(letter.propertyNames()).containsExactlyInAnyOrder("key", "type", "attempts", "error", "reason");
        assertThat(letter.get("key").asString()).matches("[0-9a-f]{16}/8");
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(letter.get("error").asString()).isEqualTo(IllegalStateException.class.getName());
        assertThat(request("GET", "", "").body()).doesNotContain("4711", "secret");
    }

    @Test
    void tellsTheKeyOfADeadLetterWhereKeysAreShown() throws Exception {
        start("tinyllm.cache.analytics.show-keys=plain");
        deadLetter();
        JsonNode letter = write().get("deadLetters").get(0);
        assertThat(letter.get("key").asString()).isEqualTo("key-4711");
        assertThat(letter.get("error").asString()).endsWith("cannot write [key-4711]");
        assertThat(request("GET", "", "").body()).doesNotContain("secret");
    }

    @Test
    void listsNoDeadLetterWhereKeysAreNeverShown() throws Exception {
        start("tinyllm.cache.analytics.show-keys=never");
        application.getBean(MapStore.class).failing = true;
        cache().put("key-4711", "secret value");
        await().until(() -> write().get("failed").asLong() > 0);
        assertThat(write().get("deadLetters").size()).isZero();
    }

    @Test
    void retriesWhatWasGivenUpOn() throws Exception {
        start(UNRESTRICTED);
        deadLetter();
        MapStore<?, ?> store = application.getBean(MapStore.class);
        store.failing = false;
        assertThat(json(request("POST", "/answers", RETRY)).has("write")).isTrue();
        await().until(() -> store.rows.containsKey("key-4711"));
        assertThat(write().get("deadLetters").size()).isZero();
    }

    @Test
    void tellsWhatTunesACacheAndDecidesWhenAsked() throws Exception {
        start(
                UNRESTRICTED,
                "tinyllm.cache.caches.tuned.size-tuner.enabled=true",
                "tinyllm.cache.caches.tuned.ttl-optimizer.enabled=true");
        Cache tuned = application.getBean(CacheManager.class).getCache("tuned");
        for (int i = 0; i < 100; i++) {
            tuned.get("key-" + i % 10, () -> "secret value");
        }
        JsonNode before = json(request("GET", "/tuned", ""));
        assertThat(before.propertyNames()).containsExactly("size", "timeToLive");
        assertThat(before.get("size").propertyNames())
                .containsExactlyInAnyOrder("policy", "current", "minimum", "maximum", "target", "decisions", "curve");
        assertThat(before.get("size").get("policy").asString()).isEqualTo("miss-ratio-curve");
        assertThat(before.get("size").get("decisions").size()).isZero();
        assertThat(before.get("timeToLive").propertyNames())
                .containsExactlyInAnyOrder("policy", "minimum", "maximum", "tracked", "meanSeconds", "decisions");
        assertThat(before.get("timeToLive").get("minimum").asString()).isEqualTo("PT5M");

        JsonNode after = json(request("POST", "/tuned", "{}"));
        JsonNode decision = after.get("size").get("decisions").get(0);
        assertThat(decision.propertyNames()).containsExactlyInAnyOrder("at", "from", "to", "reason");
        assertThat(decision.get("from").asLong()).isEqualTo(10_000);
        assertThat(decision.get("at").asString()).endsWith("Z");
        JsonNode point = after.get("size").get("curve").get(0);
        assertThat(point.propertyNames()).containsExactlyInAnyOrder("size", "hitRate");
        assertThat(after.get("timeToLive").get("decisions").size()).isEqualTo(1);
        assertThat(after.toString()).doesNotContain("key-", "secret");
    }

    @Test
    void countsWhatWaitsForTheStoreInAMeter() throws Exception {
        start();
        deadLetter();
        MeterRegistry registry = application.getBean(MeterRegistry.class);
        assertThat(registry.get("tinyllm.cache.write.dead.letters")
                        .tag("cache", "answers")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(registry.get("tinyllm.cache.write.dirty")
                        .tag("cache", "answers")
                        .gauge()
                        .value())
                .isEqualTo(write().get("dirty").asDouble());
        assertThat(registry.find("tinyllm.cache.write.dirty")
                        .tag("cache", "plain")
                        .gauge())
                .isNull();
    }

    @Test
    void anUnknownActionIsABadRequest() throws Exception {
        start(UNRESTRICTED);
        assertThat(request("POST", "/answers", "{\"action\":\"explode\"}").statusCode())
                .isEqualTo(400);
        assertThat(request("POST", "/plain", "{}").statusCode()).isEqualTo(200);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(excludeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
    static class Application {

        @Bean
        MapStore<String, String> store() {
            return new MapStore<>("answers");
        }
    }
}
