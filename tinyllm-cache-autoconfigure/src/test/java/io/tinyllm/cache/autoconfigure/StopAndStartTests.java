package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.assembly.ControlPlane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A context that is stopped and started again: Spring's test framework pauses and restarts contexts between test classes, so do a
 * checkpoint of CRaC and Spring Cloud's pause and resume endpoints.
 */
class StopAndStartTests {

    @TempDir
    Path directory;

    private ApplicationContextRunner application() {
        return new ApplicationContextRunner()
                .withInitializer(context -> context.getEnvironment()
                        .setConversionService(new ApplicationConversionService()))
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
                    assertThat(newest()).as("the generation saved at the second stop").isGreaterThan(saved);
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
                    MapStore store = context.getBean(MapStore.class);
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
                    MapStore store = context.getBean(MapStore.class);
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
                    assertThat(controlPlane.tuning("answers").prefetch().report().paused())
                            .isNotEqualTo("closed");
                    context.stop();
                    context.start();
                    assertThat(controlPlane.tuning("answers").prefetch().report().paused())
                            .isNotEqualTo("closed");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        MapStore store() {
            return new MapStore();
        }
    }

    static final class MapStore implements BackingStore<String, String> {

        final Map<String, String> rows = new ConcurrentHashMap<>();
        volatile boolean failing;

        @Override
        public Set<String> cacheNames() {
            return Set.of("answers");
        }

        @Override
        public @Nullable String load(String key) {
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<String, String> entries) {
            check();
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            check();
            keys.forEach(rows::remove);
        }

        private void check() {
            if (failing) {
                throw new IllegalStateException("store down");
            }
        }
    }
}
