package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.testing.MapStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Evictions by tag as an application gets them: over restarts, stores and replicas, with the meter of its own. */
@Timeout(120)
class TagsApplicationTests {

    @TempDir
    Path directory;

    private ApplicationContextRunner application(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class,
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheMetricsAutoConfiguration.class))
                .withUserConfiguration(Tagging.class)
                .withPropertyValues("tinyllm.cache.caches.answers.time-to-live=1h")
                .withPropertyValues(properties);
    }

    private ApplicationContextRunner saved(String... properties) {
        return application(properties)
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.snapshot.enabled=true",
                        "tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"));
    }

    private static Cache answers(ApplicationContext context) {
        return context.getBean(CacheManager.class).getCache("answers");
    }

    private static void evict(ApplicationContext context, String tag) {
        context.getBean(CacheTags.class).evict(tag);
    }

    private static @Nullable Object value(ApplicationContext context, String key) {
        Cache.ValueWrapper found = answers(context).get(key);
        return found == null ? null : found.get();
    }

    /** Saves three entries, evicts one by its tag in the next run, and leaves the file as it was, as a crash does. */
    private void savedAndEvicted() {
        saved().run(context -> {
            answers(context).put("eu-1", "old");
            answers(context).put("us-1", "kept");
            answers(context).put("plain", "untagged");
        });
        saved("tinyllm.cache.snapshots.on-shutdown=false").run(context -> {
            assertThat(value(context, "eu-1")).isEqualTo("old");
            evict(context, "eu");
            assertThat(value(context, "eu-1")).isNull();
        });
    }

    @Test
    void aSnapshotDoesNotBringBackWhatWasEvicted() {
        savedAndEvicted();
        saved().run(context -> {
            assertThat(value(context, "eu-1")).isNull();
            assertThat(value(context, "us-1")).isEqualTo("kept");
            assertThat(value(context, "plain")).isEqualTo("untagged");
            answers(context).put("eu-1", "new");
        });
        saved().run(context -> assertThat(value(context, "eu-1")).isEqualTo("new"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rubbish", "cut", "flipped", "empty"})
    void whereTheEvictionsAreDamagedNothingThatBearsATagComesBack(String damage) throws Exception {
        savedAndEvicted();
        Path file = directory.resolve("snapshots").resolve("evicted-tags.bin");
        byte[] bytes = Files.readAllBytes(file);
        switch (damage) {
            case "rubbish" -> bytes = "rubbish".getBytes();
            case "cut" -> bytes = java.util.Arrays.copyOf(bytes, bytes.length - 5);
            case "flipped" -> bytes[bytes.length / 2] ^= 1;
            default -> bytes = new byte[0];
        }
        Files.write(file, bytes);
        saved().run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(value(context, "eu-1")).isNull();
            assertThat(value(context, "us-1")).isNull();
            assertThat(value(context, "plain")).isEqualTo("untagged");
            answers(context).put("us-1", "new");
            assertThat(value(context, "us-1")).isEqualTo("new");
        });
    }

    @Test
    void anUnflushedValueWhoseTagWasEvictedIsWrittenAndNotServed() {
        Rows[] rows = new Rows[1];
        application(
                        "tinyllm.cache.caches.answers.write.policy=write-back",
                        "tinyllm.cache.caches.answers.write.flush-interval=1h",
                        "tinyllm.cache.journal.directory=" + directory.resolve("journal"))
                .withUserConfiguration(Stored.class)
                .run(context -> {
                    rows[0] = context.getBean(Rows.class);
                    rows[0].rows.put("eu-1", "of the store");
                    answers(context).put("eu-1", "unflushed");
                    answers(context).put("eu-2", "unflushed");
                    answers(context).put("us-1", "unflushed");
                    evict(context, "eu");
                    assertThat(value(context, "eu-1")).isEqualTo("of the store");
                    assertThat(value(context, "eu-2")).isNull();
                    assertThat(value(context, "us-1")).isEqualTo("unflushed");
                    assertThat(rows[0].deleted).hasValue(0);
                });
        assertThat(rows[0].rows).isEqualTo(Map.of("eu-1", "unflushed", "eu-2", "unflushed", "us-1", "unflushed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"write-through", "write-back"})
    void aResolverIsAskedOnceForAWrite(String policy) {
        application(
                        "tinyllm.cache.caches.answers.write.policy=" + policy,
                        "tinyllm.cache.journal.directory=" + directory.resolve("journal"))
                .withUserConfiguration(Stored.class)
                .run(context -> {
                    AtomicInteger asked = context.getBean(Tagging.class).asked;
                    answers(context).put("eu-1", "put");
                    assertThat(asked).hasValue(1);
                    answers(context).get("eu-2", () -> "loaded");
                    assertThat(asked).hasValue(2);
                    answers(context).putIfAbsent("eu-3", "put");
                    assertThat(asked).hasValue(3);
                });
    }

    @Test
    void aReplicaDoesNotBringBackWhatWasEvicted() {
        try (RedisProcess primary = RedisProcess.start();
                RedisProcess replica = RedisProcess.start()) {
            application(
                            "spring.data.redis.host=127.0.0.1",
                            "spring.data.redis.port=" + primary.port(),
                            "tinyllm.cache.redis.replicas.copy.url=redis://127.0.0.1:" + replica.port(),
                            "tinyllm.cache.caches.answers.memory.enabled=false",
                            "tinyllm.cache.caches.answers.redis.enabled=true",
                            "tinyllm.cache.caches.answers.redis.timeout=2s",
                            "tinyllm.cache.caches.answers.replication.enabled=true",
                            "tinyllm.cache.caches.answers.replication.replicas=copy")
                    .run(context -> {
                        MeterRegistry meters = context.getBean(MeterRegistry.class);
                        eventually(() -> {
                            answers(context).put("eu-1", "old");
                            answers(context).put("us-1", "kept");
                            return value(context, "us-1") != null
                                    && meters.get("tinyllm.cache.replication.lag")
                                                    .tag("backend", "copy")
                                                    .gauge()
                                                    .value()
                                            == 0;
                        });
                        evict(context, "eu");
                        assertThat(value(context, "eu-1")).isNull();
                        primary.kill();
                        eventually(() -> "kept".equals(value(context, "us-1")));
                        assertThat(value(context, "eu-1")).isNull();
                    });
        }
    }

    private static void eventually(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    @Test
    void evictionsByTagAreCounted() {
        application("tinyllm.cache.caches.others.time-to-live=1h").run(context -> {
            answers(context).put("eu-1", 1);
            evict(context, "eu");
            context.getBean(CacheTags.class).evict("answers", "us");
            MeterRegistry meters = new SimpleMeterRegistry();
            TinyLlmCacheMetricsAutoConfiguration.TinyLlmCacheMeterBinderProvider binders =
                    context.getBean(TinyLlmCacheMetricsAutoConfiguration.TinyLlmCacheMeterBinderProvider.class);
            context.getBean(CacheRegistry.class)
                    .forEach(cache -> binders.getMeterBinder(cache, List.of()).bindTo(meters));
            assertThat(evictions(meters, "answers")).isEqualTo(2);
            assertThat(evictions(meters, "others")).isEqualTo(1);
        });
    }

    private static double evictions(MeterRegistry meters, String cache) {
        return meters.get("tinyllm.cache.tag.evictions")
                .tag("cache", cache)
                .functionCounter()
                .count();
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 1_000_001, -1})
    void aMaximumOutOfItsRangeIsRefusedByName(int maximum) {
        application("tinyllm.cache.tags.maximum=" + maximum)
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOfSatisfying(InvalidCacheSettingException.class, failure -> {
                            assertThat(failure.getProperty()).isEqualTo("tinyllm.cache.tags.maximum");
                            assertThat(failure.getSetting()).isEqualTo(String.valueOf(maximum));
                        }));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000_000})
    void theEndsOfTheRangeAreTaken(int maximum) {
        application("tinyllm.cache.tags.maximum=" + maximum)
                .run(context -> assertThat(context).hasNotFailed());
    }

    /** The part of a key before its dash is its tag. */
    @Configuration(proxyBeanMethods = false)
    static class Tagging {

        private final AtomicInteger asked = new AtomicInteger();

        @Bean
        TagResolver byKey() {
            return (cacheName, key, value) -> {
                asked.incrementAndGet();
                String text = String.valueOf(key);
                return text.contains("-") ? List.of(text.substring(0, text.indexOf('-'))) : List.of();
            };
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Stored {

        @Bean
        Rows rows() {
            return new Rows();
        }
    }

    static final class Rows extends MapStore<String, String> {

        private final AtomicInteger deleted = new AtomicInteger();

        Rows() {
            super("answers");
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            deleted.addAndGet(keys.size());
            super.deleteAll(keys);
        }
    }
}
