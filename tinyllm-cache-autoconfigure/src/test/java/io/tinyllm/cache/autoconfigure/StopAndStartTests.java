package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.testing.MapStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A context that is stopped and started again: Spring's test framework pauses and restarts contexts between test
 * classes, so do a checkpoint of CRaC and Spring Cloud's pause and resume endpoints.
 */
class StopAndStartTests {

    @TempDir
    Path directory;

    private ApplicationContextRunner application() {
        return new ApplicationContextRunner()
                .withInitializer(
                        context -> context.getEnvironment().setConversionService(new ApplicationConversionService()))
                .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                        "tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"));
    }

    @Test
    void snapshotsAreTakenAfterARestartToo() {
        application()
                .withPropertyValues("tinyllm.cache.caches.answers.snapshot.enabled=true")
                .run(context -> {
                    Cache cache = context.getBean(CacheManager.class).getCache("answers");
                    cache.put("before", "value");
                    context.stop();
                    long saved = newest();
                    context.start();
                    cache.put("after", "value");
                    context.stop();
                    assertThat(newest())
                            .as("the generation saved at the second stop")
                            .isGreaterThan(saved);
                });
    }

    private long newest() throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve("snapshots"))) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("answers-\\d+\\.jsonl"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll("\\D", "")))
                    .max()
                    .orElse(0);
        }
    }

    @Test
    void aKeyThatTheStoreHadNotGotCanBeWrittenAfterARestart() {
        application()
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.write.policy=write-back",
                        "tinyllm.cache.caches.answers.write.flush-interval=50ms",
                        "spring.lifecycle.timeout-per-shutdown-phase=1s")
                .run(context -> {
                    Rows store = context.getBean(Rows.class);
                    Cache cache = context.getBean(CacheManager.class).getCache("answers");
                    store.failing = true; // the database goes first, as when everything is paused
                    cache.put("key", "first");
                    context.stop();
                    store.failing = false;
                    context.start();
                    await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                        cache.put("key", "second");
                        assertThat(store.rows).containsEntry("key", "second");
                    });
                });
    }

    @Test
    void writeBackIsWriteBackAfterARestart() {
        application()
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.write.policy=write-back",
                        "tinyllm.cache.caches.answers.write.flush-interval=1h")
                .run(context -> {
                    Rows store = context.getBean(Rows.class);
                    Cache cache = context.getBean(CacheManager.class).getCache("answers");
                    context.stop();
                    context.start();
                    store.failing = true;
                    cache.put("key", "value"); // the caller notices nothing
                    assertThat(cache.get("key").get()).isEqualTo("value");
                });
    }

    @Test
    void prefetchingGoesOnAfterARestart() {
        application()
                .withPropertyValues("tinyllm.cache.caches.answers.prefetch.enabled=true")
                .run(context -> {
                    ControlPlane controlPlane = context.getBean(ControlPlane.class);
                    assertThat(controlPlane
                                    .tuning("answers")
                                    .prefetch()
                                    .report()
                                    .paused())
                            .isNotEqualTo("closed");
                    context.stop();
                    context.start();
                    assertThat(controlPlane
                                    .tuning("answers")
                                    .prefetch()
                                    .report()
                                    .paused())
                            .isNotEqualTo("closed");
                });
    }

    /** What a stop leaves in memory is newer than what lies in the directory, and what was evicted stays so. */
    @Test
    void aRestartBringsNothingBackThatWasEvicted() {
        application()
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.snapshot.enabled=true",
                        "tinyllm.cache.snapshots.on-shutdown=false")
                .run(context -> {
                    Cache cache = context.getBean(CacheManager.class).getCache("answers");
                    cache.put("kept", "value");
                    cache.put("evicted", "old");
                    context.getBean(CacheLifecycle.class).snapshots().save("answers");
                    cache.evict("evicted");
                    context.stop();
                    context.start();
                    assertThat(cache.get("evicted")).isNull();
                    assertThat(cache.get("kept").get()).isEqualTo("value");
                });
    }

    /** Ten times, half of them as Spring's test framework pauses the contexts that it keeps. */
    @Test
    void everythingWorksAfterAnyNumberOfRestarts() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                RedisProcess replica = RedisProcess.start();
                ConfigurableApplicationContext context = start(redis, replica)) {
            Rows store = context.getBean(Rows.class);
            Answers answers = context.getBean(Answers.class);
            Cache written = context.getBean(CacheManager.class).getCache("answers");
            Cache shared = context.getBean(CacheManager.class).getCache("shared");
            Set<Thread> before = Set.of();
            for (int round = 0; round < 10; round++) {
                String key = "key-" + round;
                store.failing = true;
                written.put(key, "value"); // acknowledged, though the store is away
                assertThat(written.get(key).get()).isEqualTo("value");
                store.failing = false;
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(store.rows).containsEntry(key, "value"));
                shared.put(key, "value");
                assertThat(shared.get(key).get()).as("from Redis alone").isEqualTo("value");
                assertThat(answers.ask(key)).isEqualTo(answers.ask(key));
                assertThat(context.getBean(ControlPlane.class)
                                .tuning("asked")
                                .prefetch()
                                .report()
                                .paused())
                        .isNotEqualTo("closed");
                assertThat(context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                                .health()
                                .getDetails()
                                .toString())
                        .doesNotContain("DOWN")
                        .doesNotContain("FAILED_OVER");

                long saved = newest();
                store.failing = true;
                written.put("last-" + round, "before the stop");
                store.failing = false;
                if (round % 2 == 0) {
                    context.stop();
                } else {
                    context.pause();
                }
                assertThat(store.rows).containsEntry("last-" + round, "before the stop");
                assertThat(newest()).as("the generation saved by the stop").isGreaterThan(saved);
                if (round % 2 == 0) {
                    context.start();
                } else {
                    context.restart();
                }
                Set<Thread> now = ours();
                if (round > 1) {
                    assertThat(now).as("threads").hasSizeLessThanOrEqualTo(before.size() + 1);
                }
                before = round == 1 ? now : before;
            }
            assertThat(shared.get("key-0").get()).isEqualTo("value");
        }
    }

    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tinyllm"))
                // Those of pools, which come and go, up to a bound.
                .filter(thread -> !thread.getName().startsWith("tinyllm-cache-load"))
                .collect(Collectors.toSet());
    }

    private ConfigurableApplicationContext start(RedisProcess redis, RedisProcess replica) {
        SpringApplication application = new SpringApplication(Everything.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        return application.run(
                "--spring.main.banner-mode=off",
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.port=" + redis.port(),
                "--tinyllm.cache.redis.replicas.eu.url=redis://127.0.0.1:" + replica.port(),
                "--tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                "--tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
                "--tinyllm.cache.caches.answers.write.policy=write-back",
                "--tinyllm.cache.caches.answers.write.flush-interval=50ms",
                "--tinyllm.cache.caches.answers.snapshot.enabled=true",
                "--tinyllm.cache.caches.asked.prefetch.enabled=true",
                "--tinyllm.cache.caches.asked.refresh-ahead=0.5",
                "--tinyllm.cache.caches.shared.memory.enabled=false",
                "--tinyllm.cache.caches.shared.redis.enabled=true",
                "--tinyllm.cache.caches.shared.redis.timeout=5s",
                "--tinyllm.cache.caches.shared.replication.enabled=true",
                "--tinyllm.cache.caches.shared.replication.replicas=eu");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Everything {

        @Bean
        Rows store() {
            return new Rows();
        }

        @Bean
        Answers answers() {
            return new Answers();
        }
    }

    static class Answers {

        @Cacheable("asked")
        public String ask(String question) {
            return "answer to " + question + " " + System.nanoTime();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Rows store() {
            return new Rows();
        }
    }

    static final class Rows extends MapStore<String, String> {

        Rows() {
            super("answers");
        }
    }
}
