package io.tinyllm.cache.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.testing.LeftOut;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Evictions by tag over HTTP. */
class CacheTagsEndpointTests {

    private static final String EXPOSED = "--management.endpoints.web.exposure.include=cachetags";
    private static final String UNRESTRICTED = "--management.endpoint.cachetags.access=unrestricted";

    private static ServletWebServerApplicationContext start(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 3);
        all[arguments.length] = "--server.port=0";
        all[arguments.length + 1] = "--tinyllm.cache.caches.users.time-to-live=1h";
        all[arguments.length + 2] = "--tinyllm.cache.caches.orders.time-to-live=1h";
        return (ServletWebServerApplicationContext) new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
                .properties(
                        LeftOut.clientsAnd("org.springframework.boot.data.", "org.springframework.boot.micrometer."))
                .run(all);
    }

    private static HttpResponse<String> delete(ServletWebServerApplicationContext context, String query)
            throws Exception {
        URI uri = URI.create("http://localhost:" + context.getWebServer().getPort() + "/actuator/cachetags" + query);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).DELETE().build(), BodyHandlers.ofString());
    }

    private static Cache cache(ServletWebServerApplicationContext context, String name) {
        return context.getBean(CacheManager.class).getCache(name);
    }

    @Test
    void evictsFromAllCachesOrFromOneAndSaysWhich() throws Exception {
        try (ServletWebServerApplicationContext context = start(EXPOSED, UNRESTRICTED)) {
            for (String name : Set.of("users", "orders")) {
                cache(context, name).put("eu", 1);
                cache(context, name).put("us", 1);
            }
            HttpResponse<String> one = delete(context, "?tag=eu&cache=users");
            assertThat(one.statusCode()).isEqualTo(200);
            JsonNode told = JsonMapper.shared().readTree(one.body());
            assertThat(told.get("tag").asString()).isEqualTo("eu");
            assertThat(told.get("caches").toString()).isEqualTo("[\"users\"]");
            assertThat(cache(context, "users").get("eu")).isNull();
            assertThat(cache(context, "orders").get("eu")).isNotNull();

            HttpResponse<String> all = delete(context, "?tag=us");
            assertThat(JsonMapper.shared().readTree(all.body()).get("caches").toString())
                    .contains("orders", "users");
            assertThat(cache(context, "users").get("us")).isNull();
            assertThat(cache(context, "orders").get("us")).isNull();
        }
    }

    @Test
    void aCacheThatDoesNotExistIsNotFoundAndABadTagIsRefusedByItsLength() throws Exception {
        try (ServletWebServerApplicationContext context = start(EXPOSED, UNRESTRICTED)) {
            cache(context, "users").put("eu", 1);
            assertThat(delete(context, "?tag=eu&cache=nowhere").statusCode()).isEqualTo(404);
            for (String bad : new String[] {"", "?tag=", "?tag=" + "x".repeat(257)}) {
                HttpResponse<String> refused = delete(context, bad);
                assertThat(refused.statusCode()).as(bad).isEqualTo(400);
                assertThat(refused.body()).contains("1 to 256");
            }
            assertThat(cache(context, "users").get("eu")).isNotNull();
            String odd = "a b/\u00e4?&" + "x".repeat(249);
            assertThat(delete(context, "?tag=" + URLEncoder.encode(odd, StandardCharsets.UTF_8))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void evictsNothingUnlessThatWasAllowed() throws Exception {
        try (ServletWebServerApplicationContext context = start(EXPOSED)) {
            cache(context, "users").put("eu", 1);
            assertThat(delete(context, "?tag=eu").statusCode()).isBetween(404, 405);
            assertThat(cache(context, "users").get("eu")).isNotNull();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(excludeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
    static class Application {

        @Bean
        TagResolver byKey() {
            return (cacheName, key, value) -> Set.of(key.toString());
        }
    }
}
