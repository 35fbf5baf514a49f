package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.testing.LeftOut;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;

/** Starts that fail after caches, connections, journals and snapshots were there: nothing of them stays. */
class FailedStartTests {

    private static RedisProcess redis;

    @TempDir
    Path directory;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bean", "singletons", "before-ours", "lifecycle", "runner"})
    void nothingStaysOfAStartThatFails(String moment) {
        Set<Thread> threads = ours();
        assertThatThrownBy(() -> start(moment)).hasStackTraceContaining("fails on purpose: " + moment);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(ours()).as("threads").isSubsetOf(threads);
            assertThat(connections()).as("connections").isEmpty();
        });
        assertThat(meters()).as("meters").isEmpty();
        try (ConfigurableApplicationContext next = start("never")) {
            assertThat(meters()).as("those that are asserted to be gone").isNotEmpty();
            assertThat(connections()).isNotEmpty();
            assertThat(ours()).hasSizeGreaterThan(threads.size());
            // The directories are free: a journal that is still locked refuses the second start.
            Cache cache = next.getBean(CacheManager.class).getCache("written");
            cache.put("key", "value");
            assertThat(cache.get("key").get()).isEqualTo("value");
        }
    }

    @Test
    void nothingStaysOfAnApplicationThatWasClosed() {
        Set<Thread> threads = ours();
        start("never").close();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(ours()).as("threads").isSubsetOf(threads);
            assertThat(connections()).as("connections").isEmpty();
        });
        assertThat(meters()).as("meters").isEmpty();
    }

    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tinyllm")
                        || thread.getName().startsWith("lettuce-"))
                .collect(Collectors.toSet());
    }

    /** Of the clients but the one that asks. */
    private static List<String> connections() {
        return redis.call(commands -> commands.clientList())
                .lines()
                .filter(line -> !line.contains("cmd=client"))
                .toList();
    }

    private static List<String> meters() {
        return Metrics.globalRegistry.getRegistries().stream()
                .flatMap(registry -> registry.getMeters().stream())
                .map(meter -> meter.getId().getName())
                .filter(name -> name.startsWith("tinyllm.cache.") || name.startsWith("cache."))
                .distinct()
                .toList();
    }

    private ConfigurableApplicationContext start(String moment) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        return application.run(
                "--" + LeftOut.clientsAnd(),
                "--spring.main.banner-mode=off",
                "--management.metrics.use-global-registry=true",
                "--fails=" + moment,
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.port=" + redis.port(),
                "--tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                "--tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
                "--tinyllm.cache.caches.written.write.policy=write-back",
                "--tinyllm.cache.caches.written.snapshot.enabled=true",
                "--tinyllm.cache.caches.shared.prefetch.enabled=true",
                "--tinyllm.cache.caches.shared.size-tuner.enabled=true",
                "--tinyllm.cache.caches.shared.redis.enabled=true");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        private final String fails;

        Application(@Value("${fails}") String fails) {
            this.fails = fails;
        }

        private void reached(String moment) {
            if (fails.equals(moment)) {
                throw new IllegalStateException("fails on purpose: " + moment);
            }
        }

        /** The last bean that is made, after everything was used. */
        @Bean
        @DependsOn("tinyLlmCacheControlPlaneMeters")
        Object last(CacheManager manager, MeterRegistry registry) {
            manager.getCache("written").put("early", "value");
            manager.getCache("shared").put("early", "value");
            assertThat(registry).isNotNull();
            reached("bean");
            return "last";
        }

        @Bean
        SmartInitializingSingleton singletons() {
            return () -> reached("singletons");
        }

        @Bean
        SmartLifecycle before() {
            return new Starting(Integer.MIN_VALUE, () -> reached("before-ours"));
        }

        @Bean
        SmartLifecycle after() {
            return new Starting(Integer.MAX_VALUE, () -> reached("lifecycle"));
        }

        @Bean
        ApplicationRunner runner() {
            return arguments -> reached("runner");
        }

        @Bean
        BackingStore<String, String> store() {
            return new BackingStore<>() {
                @Override
                public Set<String> cacheNames() {
                    return Set.of("written");
                }

                @Override
                public @Nullable String load(String key) {
                    return null;
                }

                @Override
                public void writeAll(Map<String, String> entries) {}

                @Override
                public void deleteAll(Collection<String> keys) {}
            };
        }
    }

    private static final class Starting implements SmartLifecycle {

        private final int phase;
        private final Runnable onStart;
        private boolean running;

        Starting(int phase, Runnable onStart) {
            this.phase = phase;
            this.onStart = onStart;
        }

        @Override
        public void start() {
            onStart.run();
            running = true;
        }

        @Override
        public void stop() {
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return phase;
        }
    }
}
