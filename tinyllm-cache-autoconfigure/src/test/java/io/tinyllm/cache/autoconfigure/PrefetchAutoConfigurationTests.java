package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.actuate.CacheTuningEndpoint;
import io.tinyllm.cache.actuate.CacheTuningEndpoint.PrefetchDescriptor;
import io.tinyllm.cache.assembly.CacheTuning;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.metrics.CacheMeters;
import io.tinyllm.cache.prefetch.figures.PrefetchRejection;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.tags.TagBarriers;
import io.tinyllm.cache.testing.MapStore;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Prefetching behind plain cacheable methods, as an application gets it from its properties. */
class PrefetchAutoConfigurationTests {

    private static final String ANSWERS = "tinyllm.cache.caches.answers.";
    private static final List<String> CONVERSATION = List.of("a", "b", "c", "d", "e", "f", "g", "h");
    private static final ThreadLocal<String> USER = new ThreadLocal<>();

    private int asked;

    private static ApplicationContextRunner application(String... properties) {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TinyLlmCacheAutoConfiguration.class, TinyLlmCacheEndpointsAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues("management.endpoints.web.exposure.include=*", ANSWERS + "prefetch.enabled=true");
        for (String property : properties) {
            runner = runner.withPropertyValues(ANSWERS + property);
        }
        return runner;
    }

    private static TieredCache cache(ApplicationContext context) {
        return (TieredCache)
                context.getBean(CacheManager.class).getCache("answers").getNativeCache();
    }

    private static PrefetchReport report(ApplicationContext context) {
        ControlPlane controlPlane = context.getBean(ControlPlane.class);
        controlPlane.catchUp();
        CacheTuning tuning = Objects.requireNonNull(controlPlane.tuning("answers"));
        return Objects.requireNonNull(tuning.prefetch()).report();
    }

    /** One conversation, after which memory forgets, and nothing else does. */
    private void converse(ApplicationContext context) {
        for (String key : CONVERSATION) {
            ask(context, key);
        }
        for (int i = 0; i < 4; i++) {
            ask(context, "break " + asked);
        }
        cache(context).memory().clear();
    }

    private void ask(ApplicationContext context, String key) {
        asked++;
        assertThat(context.getBean(Answers.class).ask(key)).isEqualTo("answer to " + key);
        context.getBean(ControlPlane.class).catchUp();
    }

    private void converseUntilUseful(ApplicationContext context) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> {
                    converse(context);
                    assertThat(report(context).useful()).isGreaterThan(10);
                });
    }

    private void assertThatOnlyCallersWereCounted(ApplicationContext context) {
        CacheCounters counters = cache(context).counters();
        assertThat(counters.hits() + counters.misses()).isEqualTo(asked);
        assertThat(counters.puts()).isZero();
    }

    @Test
    void runsTheMethodAsItWasLastCalled() {
        application().run(context -> {
            converseUntilUseful(context);

            Calls answers = context.getBean(Calls.class);
            assertThat(answers.inBackground.get()).isPositive();
            assertThat((long) answers.byCallers.get())
                    .isLessThanOrEqualTo(cache(context).counters().misses());
            assertThatOnlyCallersWereCounted(context);
            PrefetchReport report = report(context);
            assertThat(report.issued()).isGreaterThanOrEqualTo(report.useful());
            assertThat(report.precision()).isGreaterThan(0.5);
        });
    }

    @Test
    void aRememberedInvocationKeepsNoValueFromTheGarbageCollector() {
        application().run(context -> {
            WeakReference<Object> answer =
                    new WeakReference<>(context.getBean(Answers.class).ask("key"));
            cache(context).clear();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                System.gc();
                assertThat(answer.get()).isNull();
            });
        });
    }

    @Test
    void asksALoaderInPlaceOfTheMethod() {
        application().withUserConfiguration(Loading.class).run(context -> {
            converseUntilUseful(context);

            assertThat(context.getBean(Calls.class).inBackground.get()).isZero();
            assertThat(context.getBean(Loading.class).loads.get()).isPositive();
            assertThatOnlyCallersWereCounted(context);
        });
    }

    @Test
    void bringsUpWhatTheStoreHas() {
        application("write.policy=write-through")
                .withUserConfiguration(Storing.class)
                .run(context -> {
                    converseUntilUseful(context);

                    assertThat(context.getBean(Calls.class).inBackground.get()).isZero();
                    assertThatOnlyCallersWereCounted(context);
                });
    }

    @Test
    void bringsUpWhatRedisHasAndPausesWithoutIt() throws Exception {
        try (RedisProcess redis = RedisProcess.start()) {
            application("redis.enabled=true", "redis.timeout=5s", "redis.invalidation=none")
                    .withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
                    .withPropertyValues("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + redis.port())
                    .run(context -> {
                        await().atMost(Duration.ofSeconds(30)).until(() -> {
                            ask(context, "first");
                            cache(context).memory().clear();
                            return cache(context).counters().remoteHits() > 0;
                        });
                        int called = context.getBean(Calls.class).inBackground.get();
                        converseUntilUseful(context);
                        assertThat(context.getBean(Calls.class).inBackground.get())
                                .isEqualTo(called);
                        assertThatOnlyCallersWereCounted(context);

                        redis.kill();
                        await().atMost(Duration.ofSeconds(30))
                                .pollInterval(Duration.ofMillis(1))
                                .untilAsserted(() -> {
                                    converse(context);
                                    assertThat(report(context).rejected().get(PrefetchRejection.UNAVAILABLE))
                                            .isPositive();
                                });
                    });
        }
    }

    @Test
    void observingLoadsNothingAndTellsThePrecisionItWouldHaveHad() {
        application("prefetch.mode=observe").run(context -> {
            converseUntilUseful(context);

            Calls answers = context.getBean(Calls.class);
            assertThat(answers.inBackground.get()).isZero();
            CacheCounters counters = cache(context).counters();
            assertThat(answers.byCallers.get()).isEqualTo((int) counters.misses());
            assertThat(counters.loads()).isEqualTo(counters.misses());
            assertThat(report(context).observing()).isTrue();
            assertThat(report(context).precision()).isGreaterThan(0.5);
        });
    }

    @Test
    void isOffByDefault() {
        application("prefetch.enabled=false").run(context -> {
            converse(context);

            assertThat(context.getBean(ControlPlane.class).tuning("answers")).isNull();
            assertThat(context.getBean(CacheTuningEndpoint.class).cache("answers"))
                    .doesNotContainKey("prefetch");
        });
    }

    /** Two users, whose requests take turns on one thread, at random. */
    @Test
    void followsTheSessionsThatTheApplicationNames() {
        application().withUserConfiguration(Sessions.class).run(context -> {
            java.util.Random random = new java.util.Random(1);
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .untilAsserted(() -> {
                        int[] next = new int[8];
                        for (int i = 0; i < 100; i++) {
                            int user = random.nextInt(8);
                            USER.set("user " + user);
                            ask(context, "conversation " + user + " of " + CONVERSATION.get(next[user]++ % 8));
                            if (i % 10 == 0) {
                                cache(context).memory().clear();
                            }
                        }
                        USER.remove();
                        assertThat(report(context).useful()).isGreaterThan(20);
                        assertThat(report(context).precision()).isGreaterThan(0.8);
                    });
        });
    }

    @Test
    void aLoadThatFailsInTheBackgroundHurtsNobodyAndPauses() {
        application("negative.enabled=true").run(context -> {
            context.getBean(Calls.class).failsInBackground = true;
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .untilAsserted(() -> {
                        converse(context);
                        assertThat(report(context).rejected().get(PrefetchRejection.FAILING))
                                .isPositive();
                    });

            assertThat(report(context).failed()).isGreaterThanOrEqualTo(3);
            assertThat(report(context).paused()).isEqualTo("failing");
            assertThatOnlyCallersWereCounted(context);
        });
    }

    @Test
    void theEndOfTheApplicationWaitsForNoPrefetch() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        application().run(context -> {
            Calls answers = context.getBean(Calls.class);
            answers.beforeBackground = () -> {
                begun.incrementAndGet();
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .untilAsserted(() -> {
                        ask(context, "a");
                        ask(context, "x" + asked);
                        ask(context, "y" + asked);
                        converseOnlyWith(context, "a", "b");
                        assertThat(begun.get()).isPositive();
                    });
        });
        // and the context was closed meanwhile
        assertThat(begun.get()).isPositive();
    }

    /** Leaves out what a prefetch that never ends has in its hands: who asks for that waits as for any other load. */
    private void converseOnlyWith(ApplicationContext context, String... keys) {
        for (String key : keys) {
            if (cache(context).loadsInProgress() == 0) {
                ask(context, key);
            }
        }
        cache(context).memory().clear();
    }

    @Test
    void theEndpointAndTheMetersTellAllOfIt() {
        application().run(context -> {
            converseUntilUseful(context);

            PrefetchDescriptor told = (PrefetchDescriptor) Objects.requireNonNull(
                            context.getBean(CacheTuningEndpoint.class).cache("answers"))
                    .get("prefetch");
            assertThat(told.useful()).isGreaterThan(10);
            assertThat(told.issued()).isGreaterThanOrEqualTo(told.useful());
            assertThat(told.rejected()).containsKeys("unwanted", "imprecise", "overflow");
            assertThat(told.precision()).isBetween(0.5, 1.0);
            assertThat(told.secondsSaved()).isPositive();
            MeterRegistry registry = new SimpleMeterRegistry();
            new CacheMeters(
                            cache(context),
                            null,
                            null,
                            Objects.requireNonNull(
                                            context.getBean(ControlPlane.class).tuning("answers"))
                                    .prefetch(),
                            new NotShared(),
                            context.getBean(TagBarriers.class),
                            List.of())
                    .bindTo(registry);
            for (String outcome : List.of("issued", "useful", "late", "wasted", "failed", "rejected")) {
                assertThat(registry.get("tinyllm.cache.prefetch")
                                .tag("outcome", outcome)
                                .functionCounter()
                                .count())
                        .isGreaterThanOrEqualTo(outcome.equals("useful") ? 10 : 0);
            }
            assertThat(registry.get("tinyllm.cache.prefetch.precision").gauge().value())
                    .isBetween(0.5, 1.0);
        });
    }

    /** Who has called, and what becomes of it. */
    static final class Calls {

        final AtomicInteger byCallers = new AtomicInteger();
        final AtomicInteger inBackground = new AtomicInteger();
        volatile boolean failsInBackground;
        volatile Runnable beforeBackground = () -> {};
    }

    /** What is cached. */
    public static class Answers {

        private final Calls calls;

        Answers(Calls calls) {
            this.calls = calls;
        }

        @Cacheable("answers")
        public String ask(String key) {
            if (!Thread.currentThread().getName().startsWith("tinyllm-cache-prefetch")) {
                calls.byCallers.incrementAndGet();
                return "answer to " + key;
            }
            calls.inBackground.incrementAndGet();
            calls.beforeBackground.run();
            if (calls.failsInBackground) {
                throw new IllegalStateException("no context here");
            }
            return "answer to " + key;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Calls calls() {
            return new Calls();
        }

        @Bean
        Answers answers(Calls calls) {
            return new Answers(calls);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Loading {

        final AtomicInteger loads = new AtomicInteger();

        @Bean
        CacheLoader<String, String> loader(Loading counting) {
            return new CacheLoader<>() {

                @Override
                public Set<String> cacheNames() {
                    return Set.of("answers");
                }

                @Override
                public String load(String key) {
                    counting.loads.incrementAndGet();
                    return "answer to " + key;
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Storing {

        @Bean
        BackingStore<String, String> store() {
            return new MapStore<>("answers");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Sessions {

        @Bean
        SessionResolver users() {
            return USER::get;
        }
    }
}
