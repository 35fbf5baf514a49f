package io.tinyllm.cache.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.snapshot.SnapshotStore;
import io.tinyllm.cache.snapshot.Snapshots;
import io.tinyllm.cache.testing.LeftOut;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CacheSnapshotsEndpointTests {

    private static final String UNRESTRICTED = "--management.endpoint.cachesnapshots.access=unrestricted";
    private static final String EXPOSED = "--management.endpoints.web.exposure.include=cachesnapshots";

    @TempDir
    Path directory;

    private final ValueTypes types = new ValueTypes(List.of(), getClass().getClassLoader());
    private final TieredCache cache = TieredCache.named("users")
            .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
            .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
            .build();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(excludeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
    static class Application {}

    /** One application on a free port. */
    private final class Running implements AutoCloseable {

        private final Snapshots snapshots = new Snapshots(
                SnapshotStore.open(directory, 2, false),
                new KeyCodec(types, List.of(), io.tinyllm.cache.codec.BeanKeys.NONE),
                new ValueCodec(types, ValueLimits.DEFAULT, List.of()),
                new NotShared(),
                System::nanoTime,
                Clock.systemUTC());
        private final ServletWebServerApplicationContext context;

        Running(String... properties) {
            snapshots.register(cache, key -> false);
            String[] arguments = java.util.Arrays.copyOf(properties, properties.length + 1);
            arguments[properties.length] = "--server.port=0";
            context = (ServletWebServerApplicationContext) new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.SERVLET)
                    .properties(LeftOut.clientsAnd(
                            "org.springframework.boot.data.", "org.springframework.boot.micrometer."))
                    .initializers(applicationContext -> ((org.springframework.context.support.GenericApplicationContext)
                                    applicationContext)
                            .registerBean(
                                    CacheSnapshotsEndpoint.class, () -> new CacheSnapshotsEndpoint(() -> snapshots)))
                    .run(arguments);
        }

        HttpResponse<String> request(String method, String path, String body) throws Exception {
            URI uri = URI.create("http://127.0.0.1:" + context.getWebServer().getPort() + "/actuator/" + path);
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .build();
            return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        }

        @Override
        public void close() {
            context.close();
            snapshots.close();
        }
    }

    @Test
    void savesListsRestoresAndDeletes() throws Exception {
        try (Running app = new Running(EXPOSED, UNRESTRICTED)) {
            cache.put("alice", "canary");
            JsonNode saved = json(app.request("POST", "cachesnapshots/users", "{\"action\":\"save\"}"));
            assertThat(saved.propertyNames()).containsExactlyInAnyOrder("cache", "entries", "skipped", "tookMillis");
            assertThat(saved.get("cache").asString()).isEqualTo("users");
            assertThat(saved.get("entries").asInt()).isEqualTo(1);

            JsonNode list = json(app.request("GET", "cachesnapshots", null)).get("snapshots");
            assertThat(list.size()).isEqualTo(1);
            assertThat(list.get(0).propertyNames())
                    .containsExactlyInAnyOrder("cache", "generation", "savedAt", "entries", "bytes");
            assertThat(list.get(0).get("savedAt").asString())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
            assertThat(list.get(0).get("bytes").asLong()).isEqualTo(Files.size(directory.resolve("users-1.jsonl")));
            assertThat(list.toString()).doesNotContain("canary", "alice");

            cache.evict("alice");
            JsonNode restored = json(app.request("POST", "cachesnapshots/users", "{\"action\":\"restore\"}"));
            assertThat(restored.get("entries").asInt()).isEqualTo(1);
            assertThat(restored.toString()).doesNotContain("canary", "alice");
            assertThat(cache.get("alice")).isNotNull();

            assertThat(app.request("DELETE", "cachesnapshots/users", null).statusCode())
                    .isEqualTo(204);
            assertThat(json(app.request("GET", "cachesnapshots", null))
                            .get("snapshots")
                            .size())
                    .isZero();
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        Path outside = Files.writeString(directory.resolveSibling("x-1.jsonl"), "outside");
        try (Running app = new Running(EXPOSED, UNRESTRICTED)) {
            for (String name :
                    List.of("other", "..", "%2e%2e%2fx", "..%2Fx", "..;", "users-1.jsonl", "users%00", "C:")) {
                for (String body : List.of("{\"action\":\"save\"}", "{\"action\":\"restore\"}")) {
                    assertThat(app.request("POST", "cachesnapshots/" + name, body)
                                    .statusCode())
                            .as(name)
                            .isIn(400, 404, 405);
                }
                assertThat(app.request("DELETE", "cachesnapshots/" + name, null).statusCode())
                        .as(name)
                        .isIn(400, 404, 405);
            }
            assertThat(app.request("POST", "cachesnapshots/other", "{\"action\":\"save\"}")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(app.request("DELETE", "cachesnapshots/other", null).statusCode())
                    .isEqualTo(404);
            for (String body : List.of("{\"action\":\"drop\"}", "{\"action\":null}", "{}")) {
                HttpResponse<String> response = app.request("POST", "cachesnapshots/users", body);
                assertThat(response.statusCode()).as(body).isEqualTo(400);
            }
            assertThat(outside).hasContent("outside");
            try (var files = Files.list(directory)) {
                assertThat(files.map(path -> path.getFileName().toString())).containsExactly(".lock");
            }
        }
    }

    @Test
    void aFailedSaveIsAnErrorWithABody() throws Exception {
        try (Running app = new Running(EXPOSED, UNRESTRICTED)) {
            cache.put("alice", "canary");
            app.snapshots.close();
            HttpResponse<String> response = app.request("POST", "cachesnapshots/users", "{\"action\":\"save\"}");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(JsonMapper.shared()
                            .readTree(response.body())
                            .get("error")
                            .asString())
                    .contains("'users' could not be saved")
                    .doesNotContain("canary", "alice");
        }
    }

    @Test
    void readsAreTheDefaultAccessWhereItIsExposed() throws Exception {
        try (Running app = new Running(EXPOSED)) {
            assertThat(app.request("GET", "cachesnapshots", null).statusCode()).isEqualTo(200);
            assertThat(app.request("POST", "cachesnapshots/users", "{\"action\":\"save\"}")
                            .statusCode())
                    .isIn(404, 405);
            assertThat(app.request("DELETE", "cachesnapshots/users", null).statusCode())
                    .isIn(404, 405);
            assertThat(Files.exists(directory.resolve("users-1.jsonl"))).isFalse();
        }
    }

    @Test
    void isNotExposedUnlessAskedFor() throws Exception {
        try (Running app = new Running(UNRESTRICTED)) {
            assertThat(app.request("GET", "cachesnapshots", null).statusCode()).isEqualTo(404);
        }
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }
}
