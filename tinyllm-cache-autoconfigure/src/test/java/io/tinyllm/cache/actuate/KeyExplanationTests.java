package io.tinyllm.cache.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.testing.LeftOut;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.json.BasicJsonTester;
import org.springframework.boot.test.json.JsonContent;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What an application tells of one key, over HTTP. */
class KeyExplanationTests {

    private static final String SECRET = "the-value-4711";

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    @TempDir
    Path directory;

    private void start(String... properties) {
        application = new SpringApplicationBuilder(Application.class)
                .properties(
                        LeftOut.clientsAnd("org.springframework.boot.data.", "org.springframework.boot.micrometer."),
                        "server.port=0",
                        "management.endpoints.web.exposure.include=*",
                        "spring.main.banner-mode=off",
                        "tinyllm.cache.analytics.show-keys=plain",
                        "tinyllm.cache.journal.directory=" + directory)
                .properties(properties)
                .run();
    }

    @AfterEach
    void stop() {
        application.getBean(Store.class).opened.countDown();
        application.close();
    }

    private Cache cache(String name) {
        Cache cache = application.getBean(CacheManager.class).getCache(name);
        assertThat(cache).isNotNull();
        return cache;
    }

    private HttpResponse<String> ask(String cache, String key) {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/cacheanalytics/" + cache
                                    + "?key=" + URLEncoder.encode(key, StandardCharsets.UTF_8)))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonContent<Object> explain(String cache, String key) {
        HttpResponse<String> response = ask(cache, key);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).doesNotContain(SECRET);
        return new BasicJsonTester(getClass()).from(response.body());
    }

    private static void has(JsonContent<Object> body, String state, String tier) {
        assertThat(body).extractingJsonPathStringValue("state").isEqualTo(state);
        assertThat(body).extractingJsonPathStringValue("tier").isEqualTo(tier);
    }

    @Test
    void tellsWhatIsFreshForHowLongAndWhy() {
        start("tinyllm.cache.defaults.time-to-live=10m", "tinyllm.cache.defaults.time-to-live-jitter=0.1");
        application.getBean(Service.class).find("a");
        JsonContent<Object> body = explain("found", "a");
        has(body, "fresh", "memory");
        assertThat(body).extractingJsonPathStringValue("key").isEqualTo("a");
        assertThat(body)
                .extractingJsonPathNumberValue("ageSeconds")
                .satisfies(age -> assertThat(age.doubleValue()).isBetween(0.0, 60.0));
        assertThat(body)
                .extractingJsonPathNumberValue("remainingSeconds")
                .satisfies(left -> assertThat(left.doubleValue()).isBetween(400.0, 600.0));
        assertThat(body)
                .extractingJsonPathNumberValue("timeToLive.seconds")
                .satisfies(life -> assertThat(life.doubleValue()).isBetween(540.0, 600.0));
        assertThat(body)
                .extractingJsonPathStringValue("timeToLive.because")
                .isEqualTo("time-to-live of the cache, less up to 10 % at random");
        assertThat(body)
                .extractingJsonPathNumberValue("loadedInMillis")
                .satisfies(took -> assertThat(took.doubleValue()).isPositive());
        assertThat(body).extractingJsonPathArrayValue("tags").isEmpty();
        assertThat(body).doesNotHaveJsonPath("bypassedBy");
        assertThat(body).doesNotHaveJsonPath("redis");
        assertThat(body).doesNotHaveJsonPath("store");
    }

    @Test
    void tellsThatNothingIsKnownAndCountsNoRequest() {
        start();
        cache("found");
        has(explain("found", "nobody"), "absent", "none");
        assertThat(new BasicJsonTester(getClass()).from(figures("found")))
                .extractingJsonPathNumberValue("requests")
                .isEqualTo(0);
    }

    private String figures(String cache) {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(
                                            "http://127.0.0.1:" + port + "/actuator/cacheanalytics/" + cache))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void namesThePatternOrTheBeanThatKeepsAKeyAway() {
        start("tinyllm.cache.defaults.bypass.key-patterns=live-*");
        cache("found");
        JsonContent<Object> pattern = explain("found", "live-1");
        has(pattern, "bypassed", "none");
        assertThat(pattern).extractingJsonPathStringValue("bypassedBy").isEqualTo("live-*");
        JsonContent<Object> rule = explain("found", "ruled-1");
        has(rule, "bypassed", "none");
        assertThat(rule).extractingJsonPathStringValue("bypassedBy").isEqualTo("ruleOfTheHouse");
    }

    @Test
    void tellsThatAWriteHasNotReachedTheStore() {
        start(
                "tinyllm.cache.caches.orders.write.policy=write-back",
                "tinyllm.cache.caches.orders.write.flush-interval=50ms");
        cache("orders").put("o1", SECRET);
        JsonContent<Object> body = explain("orders", "o1");
        has(body, "dirty", "memory");
        assertThat(body).extractingJsonPathBooleanValue("store.dirty").isTrue();
        application.getBean(Store.class).opened.countDown();
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonContent<Object> written = explain("orders", "o1");
            has(written, "fresh", "memory");
            assertThat(written).extractingJsonPathBooleanValue("store.dirty").isFalse();
        });
    }

    @Test
    void tellsWhatIsRememberedAsFailing() {
        start("tinyllm.cache.defaults.negative.enabled=true", "tinyllm.cache.defaults.negative.time-to-live=3m");
        assertThat(CompletableFuture.supplyAsync(
                        () -> application.getBean(Service.class).find("failing")))
                .failsWithin(Duration.ofSeconds(30));
        JsonContent<Object> body = explain("found", "failing");
        has(body, "negative", "memory");
        assertThat(body).extractingJsonPathNumberValue("timeToLive.seconds").isEqualTo(180.0);
        assertThat(body).extractingJsonPathStringValue("timeToLive.because").isEqualTo("negative.time-to-live");
    }

    @Test
    void tellsThatAKeyIsBeingLoaded() throws InterruptedException {
        start();
        Service service = application.getBean(Service.class);
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> service.find("slow"));
        service.awaitBeginning();
        has(explain("found", "slow"), "loading", "none");
        service.goOn();
        assertThat(answer).succeedsWithin(Duration.ofSeconds(30));
        has(explain("found", "slow"), "fresh", "memory");
    }

    @Test
    void tellsWhatIsStaleAndForHowLong() {
        start("tinyllm.cache.defaults.time-to-live=1s", "tinyllm.cache.defaults.stale-if-error=1h");
        cache("found").put("old", SECRET);
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonContent<Object> body = explain("found", "old");
            has(body, "stale", "none");
            assertThat(body)
                    .extractingJsonPathNumberValue("remainingSeconds")
                    .satisfies(left -> assertThat(left.doubleValue()).isNegative());
        });
    }

    @Test
    void findsAKeyThatIsNoTextByItsText() {
        start();
        cache("found").put(42L, SECRET);
        cache("found").put(new SimpleKey("tiny", "hello"), SECRET);
        has(explain("found", "42"), "fresh", "memory");
        has(explain("found", "SimpleKey [tiny, hello]"), "fresh", "memory");
        has(explain("found", "43"), "absent", "none");
    }

    @Test
    void takesAHostileKeyForAText() {
        start();
        String hostile = "<script>alert('x')</script>\" \u202e\n%00";
        cache("found").put(hostile, SECRET);
        HttpResponse<String> response = ask("found", hostile);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).contains("json");
        JsonContent<Object> body = explain("found", hostile);
        has(body, "fresh", "memory");
        assertThat(body).extractingJsonPathStringValue("key").isEqualTo(hostile);
    }

    @Test
    void refusesWhereKeysAreNotShownAsTextAndSaysWhatToSet() {
        start("tinyllm.cache.analytics.show-keys=hashed");
        cache("found").put("a", SECRET);
        HttpResponse<String> response = ask("found", "a");
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(response.body())
                .contains("tinyllm.cache.analytics.show-keys")
                .doesNotContain(SECRET);
        assertThat(ask("nobody", "a").statusCode()).isEqualTo(404);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Service service() {
            return new Service();
        }

        @Bean
        Store store() {
            return new Store();
        }

        @Bean
        BypassRule ruleOfTheHouse() {
            return (cacheName, key, value) -> String.valueOf(key).startsWith("ruled-");
        }
    }

    static class Service {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);

        public void awaitBeginning() throws InterruptedException {
            begun.await();
        }

        public void goOn() {
            go.countDown();
        }

        @Cacheable("found")
        public String find(String key) {
            if (key.equals("failing")) {
                throw new IllegalStateException("no");
            }
            if (key.equals("slow")) {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return SECRET;
        }
    }

    /** A store that takes nothing until it is opened. */
    static class Store implements BackingStore<String, String> {

        final CountDownLatch opened = new CountDownLatch(1);

        @Override
        public Set<String> cacheNames() {
            return Set.of("orders");
        }

        @Override
        public String load(String key) {
            return null;
        }

        @Override
        public void writeAll(Map<String, String> entries) {
            try {
                opened.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            // nothing is deleted here
        }
    }
}
