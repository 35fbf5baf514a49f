package io.tinyllm.cache.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.Access;
import io.tinyllm.cache.AccessListener;
import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.testing.LeftOut;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.json.BasicJsonTester;
import org.springframework.boot.test.json.JsonContent;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** What an application tells about the traffic of its caches, over HTTP and in its log. */
@ExtendWith(OutputCaptureExtension.class)
class CacheAnalyticsApplicationTests {

    private static final String CANARY = "canary-4711";

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    private void start(String... properties) {
        start(Application.class, properties);
    }

    private void start(Class<?> type, String... properties) {
        application = new SpringApplicationBuilder(type)
                .properties(LeftOut.clientsAnd())
                .properties(
                        "server.port=0", "management.endpoints.web.exposure.include=*", "spring.main.banner-mode=off")
                .properties(properties)
                .run();
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private Service service() {
        return application.getBean(Service.class);
    }

    private String get(String path) {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
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

    private JsonContent<Object> json(String path) {
        return new BasicJsonTester(getClass()).from(get(path));
    }

    @Test
    void tellsTheFiguresOfACacheMadeOnDemand() {
        start(
                "tinyllm.cache.analytics.show-keys=plain",
                "tinyllm.cache.caches.parted.memory.partitions.enabled=true",
                "tinyllm.cache.caches.parted.memory.partitions.count=2");
        for (int i = 0; i < 5; i++) {
            service().find("a");
        }
        service().find("b");
        JsonContent<Object> body = json("/actuator/cacheanalytics/found");
        assertThat(body).extractingJsonPathNumberValue("requests").isEqualTo(6);
        assertThat(body).extractingJsonPathNumberValue("hits").isEqualTo(4);
        assertThat(body).extractingJsonPathNumberValue("misses").isEqualTo(2);
        assertThat(body).extractingJsonPathNumberValue("loads").isEqualTo(2);
        assertThat(body).extractingJsonPathStringValue("hotKeys[0].key").isEqualTo("a");
        assertThat(body).extractingJsonPathNumberValue("hotKeys[0].count").isEqualTo(5);
        assertThat(body).extractingJsonPathArrayValue("coldKeys").hasSize(2);
        assertThat(body).hasJsonPathNumberValue("coldKeys[0].idleSeconds");
        assertThat(body).extractingJsonPathArrayValue("partitions").isEmpty();
        for (String of : List.of("hit", "load")) {
            for (String figure : List.of("mean", "p50", "p95", "p99", "max")) {
                assertThat(body)
                        .extractingJsonPathNumberValue("latency." + of + "." + figure)
                        .satisfies(millis -> assertThat(millis.doubleValue()).isPositive());
            }
        }
        JsonContent<Object> all = json("/actuator/cacheanalytics");
        assertThat(all).extractingJsonPathArrayValue("caches.parted.partitions").hasSize(2);
        assertThat(all).hasJsonPathNumberValue("caches.parted.partitions[1].maximumSize");
        assertThat(all).hasJsonPathMapValue("caches.found");
    }

    @Test
    void neverTellsAKeyUnlessAsked(CapturedOutput output) {
        start();
        service().find(CANARY);
        service().find(CANARY);
        assertThat(json("/actuator/cacheanalytics/found"))
                .extractingJsonPathStringValue("hotKeys[0].key")
                .matches("[0-9a-f]{16}/" + CANARY.length());
        for (String path : List.of(
                "/actuator/cacheanalytics",
                "/actuator/prometheus",
                "/actuator/metrics",
                "/actuator/metrics/tinyllm.cache.latency",
                "/actuator/metrics/cache.gets",
                "/actuator/health",
                "/actuator/caches",
                "/actuator/configprops",
                "/actuator/beans")) {
            assertThat(get(path)).as(path).hasSizeGreaterThan(2).doesNotContain(CANARY);
        }
        application.close();
        assertThat(output.getAll()).doesNotContain(CANARY);
    }

    @Test
    void neverTellsAKeyWhereTheSharedTierIsDownAndLoadsTakeTooLong(CapturedOutput output) {
        start(
                "tinyllm.cache.defaults.redis.enabled=true",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=1",
                "tinyllm.cache.defaults.load-timeout=50ms");
        for (int i = 0; i < 20; i++) {
            service().find(CANARY + i);
        }
        // Who has waited for the first load leads a second one beside it; nobody leads a third.
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        Cache slow = application.getBean(CacheManager.class).getCache("slow");
        for (int i = 0; i < 2; i++) {
            new Thread(() -> slow.get(CANARY, () -> {
                        started.countDown();
                        return release.await(1, TimeUnit.MINUTES);
                    }))
                    .start();
        }
        try {
            assertThat(started.await(1, TimeUnit.MINUTES)).isTrue();
            Throwable failure = catchThrowable(() -> slow.get(CANARY, () -> "never asked"));
            assertThat(failure).isInstanceOf(LoadTimeoutException.class);
            assertThat(failure).message().doesNotContain(CANARY);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            release.countDown();
        }
        for (String path : List.of("/actuator/cacheanalytics", "/actuator/prometheus", "/actuator/health")) {
            assertThat(get(path)).as(path).hasSizeGreaterThan(2).doesNotContain(CANARY);
        }
        application.close();
        assertThat(output.getAll()).doesNotContain(CANARY);
    }

    @Test
    void aSecretSaltGivesAKeyTheSameNameAfterARestart() {
        List<String> names = new ArrayList<>();
        for (String salt : List.of("0123456789abcdef", "0123456789abcdef", "another-secret-salt")) {
            start("tinyllm.cache.analytics.salt=" + salt);
            service().find("key");
            names.add(String.valueOf(new JsonMapper()
                    .readTree(get("/actuator/cacheanalytics/found"))
                    .at("/hotKeys/0/key")));
            application.close();
        }
        assertThat(names.get(0)).isEqualTo(names.get(1)).isNotEqualTo(names.get(2));
    }

    @Test
    void aSaltThatIsTooShortIsRefused() {
        assertThatThrownBy(() -> start("tinyllm.cache.analytics.salt=short"))
                .rootCause()
                .hasMessageContaining("tinyllm.cache.analytics.salt")
                .hasMessageNotContaining("short");
        start();
    }

    @Test
    void tellsNoKeyAtAllWhereKeysAreNeverShown() {
        start("tinyllm.cache.analytics.show-keys=never");
        service().find("a");
        assertThat(json("/actuator/cacheanalytics/found"))
                .extractingJsonPathArrayValue("hotKeys")
                .isEmpty();
        assertThat(json("/actuator/cacheanalytics/found"))
                .extractingJsonPathArrayValue("coldKeys")
                .isEmpty();
    }

    @Test
    void hasNoThreadAndStillExactCountersWhereAnalyticsAreOff() {
        start("tinyllm.cache.defaults.analytics.enabled=false");
        service().find("a");
        service().find("a");
        JsonContent<Object> body = json("/actuator/cacheanalytics/found");
        assertThat(body).extractingJsonPathNumberValue("hits").isEqualTo(1);
        assertThat(body).extractingJsonPathNumberValue("latency.load.max").isEqualTo(0.0);
        assertThat(body).extractingJsonPathArrayValue("hotKeys").isEmpty();
        assertThat(threads()).noneMatch(name -> name.startsWith("tinyllm-cache-control"));
        application.close();
        start();
        service().find("a");
        assertThat(threads()).filteredOn("tinyllm-cache-control"::equals).hasSize(1);
        application.close();
        assertThat(threads()).noneMatch(name -> name.startsWith("tinyllm-cache-control"));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Test
    void listenersHearOfAccessesAndOneThatThrowsHarmsNobody() {
        start(WithListeners.class);
        for (int i = 0; i < 5; i++) {
            service().find("key");
        }
        Listening listening = application.getBean(Listening.class);
        await().until(() -> listening.heard.stream()
                        .filter(access -> access.key().equals("key"))
                        .count()
                == 6);
        assertThat(listening.heard.stream().collect(Collectors.groupingBy(Access::outcome, Collectors.counting())))
                .isEqualTo(Map.of(
                        io.tinyllm.cache.Outcome.LOAD, 1L,
                        io.tinyllm.cache.Outcome.MISS, 1L,
                        io.tinyllm.cache.Outcome.MEMORY_HIT, 4L));
        assertThat(service().find("key")).isEqualTo("found key");
        await().until(() ->
                get("/actuator/metrics/tinyllm.cache.listener.failures").matches("(?s).*\"value\":[1-9].*"));
    }

    @Test
    void everyMetricOfTheDashboardIsInTheScrape() throws IOException {
        start("tinyllm.cache.llm.cache=answers");
        application.getBean(AnswerLedgers.class).of("answers").spent("tiny", null, 1, false);
        service().find("a");
        service().find("a");
        Set<String> scraped = get("/actuator/prometheus")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
        Matcher matcher = Pattern.compile("\\b(?:tinyllm_)?cache_[a-z_]+")
                .matcher(String.join("\n", expressions(Files.readString(Path.of("../docs/grafana-dashboard.json")))));
        Set<String> named = new TreeSet<>();
        while (matcher.find()) {
            named.add(matcher.group());
        }
        named.remove("cache_manager");
        assertThat(named).hasSizeGreaterThan(10).isSubsetOf(scraped);
    }

    private static List<String> expressions(String dashboard) {
        return Pattern.compile("\"expr\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"")
                .matcher(dashboard)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Service service() {
            return new Service();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithListeners extends Application {

        @Bean
        Listening listening() {
            return new Listening();
        }

        @Bean
        AccessListener throwing() {
            return (cache, accesses) -> {
                throw new IllegalStateException(cache);
            };
        }
    }

    static class Listening implements AccessListener {

        private final List<Access> heard = new CopyOnWriteArrayList<>();

        @Override
        public void onAccesses(String cacheName, List<Access> accesses) {
            heard.addAll(accesses);
        }
    }

    static class Service {

        @Cacheable("found")
        public String find(String key) {
            return "found " + key;
        }
    }
}
