package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.testing.MapStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Write policies and snapshots as an application gets them from its properties. */
class DurabilityAutoConfigurationTests {

    @TempDir
    Path directory;

    private ApplicationContextRunner application(String policy) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TinyLlmCacheAutoConfiguration.class, TinyLlmCacheHealthAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                        "tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
                        "tinyllm.cache.caches.answers.write.policy=" + policy);
    }

    @Test
    void writeThroughWritesTheStoreFirstAndReadsItOnAMiss() {
        application("write-through").run(context -> {
            Answers answers = context.getBean(Answers.class);
            Rows store = context.getBean(Rows.class);
            store.rows.put("kept", new Answer("from the store", 0));
            assertThat(answers.ask("kept").text()).isEqualTo("from the store");
            assertThat(answers.calls()).isZero();
            assertThat(cache(context.getBean(CacheManager.class)).counters().storeHits())
                    .isEqualTo(1);
            Answer loaded = answers.ask("new");
            assertThat(store.rows).containsEntry("new", loaded);
            answers.forget("new");
            assertThat(store.rows).doesNotContainKey("new");
        });
    }

    @Test
    void aFailureOfTheStoreReachesTheCallerAndLeavesNoTierWithEitherValue() {
        application("write-through").run(context -> {
            Answers answers = context.getBean(Answers.class);
            Rows store = context.getBean(Rows.class);
            answers.put("a", "old");
            store.failing = true;
            assertThatThrownBy(() -> answers.put("a", "new")).hasMessage("cannot write [a]");
            assertThat(cache(context.getBean(CacheManager.class)).memory().size())
                    .isZero();
            assertThat(answers.ask("a").text()).isEqualTo("old");
        });
    }

    @Test
    void writeAroundWritesTheStoreAndForgetsTheKey() {
        application("write-around").run(context -> {
            Answers answers = context.getBean(Answers.class);
            Rows store = context.getBean(Rows.class);
            answers.put("a", "text");
            assertThat(store.rows.get("a").text()).isEqualTo("text");
            assertThat(cache(context.getBean(CacheManager.class)).memory().size())
                    .isZero();
            assertThat(answers.ask("a").text()).isEqualTo("text");
        });
    }

    @Test
    void writeBackReachesTheStoreAtTheLatestWhenTheApplicationStops() {
        Rows[] store = new Rows[1];
        application("write-back")
                .withPropertyValues("tinyllm.cache.caches.answers.write.flush-interval=1h")
                .run(context -> {
                    store[0] = context.getBean(Rows.class);
                    Answers answers = context.getBean(Answers.class);
                    for (int i = 0; i < 50; i++) {
                        answers.put("k" + i, "text");
                    }
                    answers.forget("k0");
                    assertThat(store[0].rows).isEmpty();
                    assertThat(answers.ask("k1").text()).isEqualTo("text");
                    assertThat(context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                                    .health()
                                    .getDetails()
                                    .toString())
                            .contains("dirty=50");
                });
        assertThat(store[0].rows).hasSize(49).doesNotContainKey("k0");
    }

    @Test
    void aRowPutTwiceAndEvictedWithinOneFlushNeverExists() {
        Rows[] store = new Rows[1];
        application("write-back")
                .withPropertyValues("tinyllm.cache.caches.answers.write.flush-interval=1h")
                .run(context -> {
                    store[0] = context.getBean(Rows.class);
                    Answers answers = context.getBean(Answers.class);
                    answers.put("gone", "1");
                    answers.put("gone", "2");
                    answers.forget("gone");
                    answers.put("stays", "3");
                    answers.forget("stays");
                    answers.put("stays", "4");
                });
        assertThat(store[0].written).containsExactly("stays");
        assertThat(store[0].rows).containsOnlyKeys("stays");
        assertThat(store[0].rows.get("stays").text()).isEqualTo("4");
    }

    @Test
    void whatTheStoreRefusedIsInTheJournalAndReachesItAfterARestart() {
        application("write-back").run(context -> {
            context.getBean(Rows.class).failing = true;
            context.getBean(Answers.class).put("a", "survivor");
        });
        application("write-back")
                .withPropertyValues("tinyllm.cache.caches.answers.write.flush-interval=1h")
                .run(context -> {
                    assertThat(context.getBean(Answers.class).ask("a").text()).isEqualTo("survivor");
                    assertThat(context.getBean(Answers.class).calls()).isZero();
                });
    }

    @Test
    void aJournalInUseStopsTheStartAndNamesTheProperty() {
        application("write-back")
                .run(first -> application("write-back")
                        .run(second -> assertThat(second)
                                .getFailure()
                                .rootCause()
                                .hasMessageContaining("tinyllm.cache.journal.directory")));
    }

    @Test
    void aWritePolicyWithoutAStoreStopsTheStartByName() {
        application("none")
                .withPropertyValues("tinyllm.cache.caches.others.write.policy=write-back")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.caches.others.write.policy")
                        .hasMessageContaining("BackingStore"));
    }

    @Test
    void aSavedCacheIsWarmAfterARestart() {
        application("none")
                .withPropertyValues("tinyllm.cache.caches.answers.snapshot.enabled=true")
                .run(context -> {
                    assertThat(context.getBean(Answers.class).ask("a").version())
                            .isEqualTo(1);
                    assertThat(context.getBean(Answers.class).ask("b").version())
                            .isEqualTo(2);
                });
        assertThat(directory.resolve("snapshots")).isNotEmptyDirectory();
        application("none")
                .withPropertyValues("tinyllm.cache.caches.answers.snapshot.enabled=true")
                .run(context -> {
                    assertThat(context.getBean(Answers.class).ask("a")).isEqualTo(new Answer("a", 1));
                    assertThat(context.getBean(Answers.class).calls()).isZero();
                });
    }

    @Test
    void aSnapshotDirectoryThatIsAFileStopsTheStartAndNamesTheProperty() throws Exception {
        Files.writeString(directory.resolve("snapshots"), "not a directory");
        application("none")
                .withPropertyValues("tinyllm.cache.caches.answers.snapshot.enabled=true")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("tinyllm.cache.snapshots.directory"));
    }

    private static TieredCache cache(CacheManager manager) {
        return (TieredCache) manager.getCache("answers").getNativeCache();
    }

    /** An answer. */
    public record Answer(String text, int version) {}

    /** What is cached. */
    public static class Answers {

        private final AtomicInteger calls = new AtomicInteger();

        int calls() {
            return calls.get();
        }

        @Cacheable("answers")
        public Answer ask(String key) {
            return new Answer(key, calls.incrementAndGet());
        }

        @CachePut(cacheNames = "answers", key = "#p0")
        public Answer put(String key, String text) {
            return new Answer(text, -1);
        }

        @CacheEvict("answers")
        public void forget(String key) {}
    }

    static final class Rows extends MapStore<String, Answer> {

        final List<String> written = new CopyOnWriteArrayList<>();

        Rows() {
            super("answers");
        }

        @Override
        public void writeAll(Map<String, Answer> entries) {
            super.writeAll(entries);
            written.addAll(entries.keySet());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Answers answers() {
            return new Answers();
        }

        @Bean
        Rows store() {
            return new Rows();
        }
    }
}
