package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * A healthy Redis is used from the first operation on; one that joins later loses nothing but what was changed here.
 */
@ExtendWith(OutputCaptureExtension.class)
class FirstOperationTests {

    /** Generous: how quick Redis answers on a busy machine is not the question here. */
    private static final String PATIENT = "tinyllm.cache.defaults.redis.timeout=5s";

    @ParameterizedTest
    @CsvSource({"defaults, true", "defaults, false", "caches.answers, true"})
    void whatWasCachedBeforeTheRestartIsReadByTheFirstCallsAfterIt(String path, boolean memory) {
        String[] properties = {
            Apps.PLAIN,
            PATIENT,
            "spring.data.redis.port=" + Apps.redis(),
            "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":",
            "tinyllm.cache." + path + ".redis.enabled=true",
            "tinyllm.cache." + path + ".redis.timeout=5s",
            "tinyllm.cache." + path + ".memory.enabled=" + memory
        };
        int[] loads = new int[2];
        for (int run = 0; run < 2; run++) {
            try (var app = Apps.start(AppWithRunner.class, properties)) {
                loads[run] = app.getBean(Answers.class).calls();
            }
        }
        assertThat(loads).containsExactly(200, 0);
    }

    /**
     * With the timeout that an application has that sets none. A machine that is busy with other things may not answer
     * within it; a way to Redis that is not warm yet does not at any start. This application has a database too.
     */
    @Test
    void withTheDefaultTimeoutTheFirstCallsLoadNothingEither() {
        String[] properties = {
            "spring.data.redis.port=" + Apps.redis(),
            "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":",
            "tinyllm.cache.caches.answers.redis.enabled=true"
        };
        List<Integer> loads = new ArrayList<>();
        for (int start = 0; start < 5 && !loads.contains(0); start++) {
            try (var app = Apps.start(AppWithRunner.class, properties)) {
                loads.add(app.getBean(Answers.class).calls());
            }
        }
        assertThat(loads).as("loads of each start").startsWith(200).contains(0);
    }

    @Test
    void whatIsPutWhileTheBeansAreMadeArrivesAtRedisAndAtTheReplica() {
        String prefix = "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":";
        String shared = "tinyllm.cache.defaults.redis.enabled=true";
        int replica = Apps.freePort();
        var server = Apps.start(replica);
        try (var one = Apps.start(
                AppThatPutsEarly.class,
                Apps.PLAIN,
                PATIENT,
                prefix,
                shared,
                "spring.data.redis.port=" + Apps.redis(),
                "tinyllm.cache.redis.replicas.eu.url=redis://127.0.0.1:" + replica,
                "tinyllm.cache.defaults.replication.enabled=true",
                "tinyllm.cache.defaults.replication.replicas=eu")) {
            assertThat(one.isRunning()).isTrue();
            for (int port : new int[] {Apps.redis(), replica}) {
                // The caller waits for the primary only.
                try (var two =
                        Apps.start(App.class, Apps.PLAIN, PATIENT, prefix, shared, "spring.data.redis.port=" + port)) {
                    await().atMost(Duration.ofSeconds(10))
                            .until(() -> two.getBean(CacheManager.class)
                                            .getCache("early")
                                            .get("key")
                                    != null);
                }
            }
        } finally {
            Apps.stop(server);
        }
    }

    @Test
    void aRedisThatJoinsLaterLosesOnlyWhatWasPutOrEvictedHereMeanwhile() throws Exception {
        int later = Apps.freePort();
        String[] shared = {
            Apps.PLAIN,
            PATIENT,
            "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":",
            "tinyllm.cache.defaults.redis.enabled=true",
            "tinyllm.cache.redis.startup-timeout=100ms"
        };
        try (var before = Apps.start(
                App.class,
                with(shared, "spring.data.redis.port=" + Apps.redis(), "tinyllm.cache.redis.startup-timeout=10s"))) {
            Answers answers = before.getBean(Answers.class);
            for (int i = 0; i < 10; i++) {
                answers.answer("k" + i);
            }
        }
        try (var early = Apps.start(App.class, with(shared, "spring.data.redis.port=" + later))) {
            Answers answers = early.getBean(Answers.class);
            for (int i = 0; i < 5; i++) {
                answers.answer("k" + i);
            }
            answers.correct("k5");
            answers.forget("k6");
            assertThat(answers.calls()).isEqualTo(6);
            try (Forwarder way = Forwarder.open(later, Apps.redis())) {
                await().atMost(Duration.ofSeconds(30)).until(() -> health(early).contains("state=UP"));
                try (var other = Apps.start(
                        App.class,
                        with(
                                shared,
                                "spring.data.redis.port=" + Apps.redis(),
                                "tinyllm.cache.redis.startup-timeout=10s"))) {
                    CacheManager caches = other.getBean(CacheManager.class);
                    await().atMost(Duration.ofSeconds(10))
                            .until(() -> caches.getCache("answers").get("k6") == null
                                    && caches.getCache("answers").get("k5") == null);
                    for (int i = 0; i < 10; i++) {
                        other.getBean(Answers.class).answer("k" + i);
                    }
                    assertThat(other.getBean(Answers.class).calls()).isEqualTo(2);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            spring.data.redis.port=1                    | connection refused | 127.0.0.1:1
            spring.data.redis.host=no-such-host.invalid | unknown host       | no-such-host.invalid:6379
            """)
    void aRedisThatIsAwayIsNamedWithTheCauseAndDelaysTheStartNoLongerThanIsAllowed(
            String property, String cause, String address, CapturedOutput output) {
        long began = System.nanoTime();
        try (var app = Apps.start(
                App.class,
                Apps.PLAIN,
                property,
                "tinyllm.cache.defaults.redis.enabled=true",
                "tinyllm.cache.redis.startup-timeout=1s")) {
            assertThat(app.getBean(Answers.class).answer("a")).isNotNull();
            await().atMost(Duration.ofSeconds(10)).until(() -> health(app).contains(cause));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
        }
        assertThat(output.toString().lines().filter(line -> line.contains(cause)))
                .singleElement()
                .asString()
                .contains("WARN", address);
    }

    /** One wait for all caches and replicas together, where nothing is there and where something is that is dumb. */
    @Test
    void aDeadRedisAddsAtMostTheStartupTimeoutToTheStart(CapturedOutput output) throws Exception {
        Duration timeout = Duration.ofSeconds(3);
        Duration slack = Duration.ofSeconds(8);
        List<String> properties = new ArrayList<>(List.of(Apps.PLAIN));
        for (int i = 0; i < 8; i++) {
            properties.add("tinyllm.cache.caches.cache" + i + ".redis.enabled=true");
        }
        properties.add("tinyllm.cache.redis.startup-timeout=" + timeout.toSeconds() + "s");
        Duration healthy = Duration.ofDays(1);
        for (int i = 0; i < 2; i++) { // the first of all starts is slower than the others
            Duration took =
                    timeToStart(with(properties.toArray(String[]::new), "spring.data.redis.port=" + Apps.redis()));
            healthy = took.compareTo(healthy) < 0 ? took : healthy;
        }
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (int port : new int[] {listener.getLocalPort(), Apps.freePort()}) {
                Duration dead = timeToStart(with(
                        properties.toArray(String[]::new),
                        "spring.data.redis.port=" + port,
                        "tinyllm.cache.redis.replicas.eu.url=redis://127.0.0.1:" + port,
                        "tinyllm.cache.caches.cache0.replication.enabled=true",
                        "tinyllm.cache.caches.cache0.replication.replicas=eu"));
                assertThat(dead.minus(healthy))
                        .as(port == listener.getLocalPort() ? "nobody answers" : "nobody listens")
                        .isLessThan(timeout.plus(slack));
                assertThat(output).contains("127.0.0.1:" + port);
            }
        }
    }

    private static Duration timeToStart(String... properties) {
        long began = System.nanoTime();
        try (var app = Apps.start(App.class, properties)) {
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertThat(app.getBean(Answers.class).answer("a")).isNotNull();
            return took;
        }
    }

    @Test
    void aWrongPasswordIsNamedAsSuch(CapturedOutput output) {
        int port = Apps.freePort();
        var server = Apps.start(port, "requirepass secret");
        try (var app = Apps.start(
                App.class,
                Apps.PLAIN,
                "spring.data.redis.port=" + port,
                "spring.data.redis.password=another-one",
                "tinyllm.cache.defaults.redis.enabled=true")) {
            await().atMost(Duration.ofSeconds(10)).until(() -> health(app).contains("password"));
            assertThat(health(app)).contains("port=" + port, "host=127.0.0.1");
        } finally {
            Apps.stop(server);
        }
        assertThat(output.toString().lines().filter(line -> line.contains("127.0.0.1:" + port)))
                .singleElement()
                .asString()
                .contains("WARN", "password")
                .doesNotContain("another-one", "secret");
    }

    private static String[] with(String[] common, String... more) {
        String[] all = java.util.Arrays.copyOf(common, common.length + more.length);
        System.arraycopy(more, 0, all, common.length, more.length);
        return all;
    }

    private static String health(ConfigurableApplicationContext app) {
        return app.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                .health()
                .getDetails()
                .get("primary")
                .toString();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Answers.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class AppWithRunner {

        @Bean
        ApplicationRunner reader(Answers answers) {
            return arguments -> {
                for (int i = 0; i < 200; i++) {
                    answers.answer("key " + i);
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class AppThatPutsEarly {

        @Bean
        String early(CacheManager caches) {
            caches.getCache("early").put("key", "value");
            return "done";
        }
    }

    static class Answers {

        private final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @Cacheable("answers")
        public String answer(String key) {
            return key + " " + calls.incrementAndGet();
        }

        @CachePut("answers")
        public String correct(String key) {
            return key + " " + calls.incrementAndGet();
        }

        @CacheEvict("answers")
        public void forget(String key) {}
    }
}
