package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.assembly.CacheTuning;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.MemoryTier.PartitionStatistics;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Caches that tune themselves, as an application gets them from its properties. */
class TuningAutoConfigurationTests {

    private static final String ANSWERS = "tinyllm.cache.caches.answers.";

    private final Random random = new Random(42);

    private static ApplicationContextRunner application(String... properties) {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
                .withUserConfiguration(Application.class);
        for (String property : properties) {
            runner = runner.withPropertyValues(ANSWERS + property);
        }
        return runner;
    }

    private static ApplicationContextRunner sizeTuner(String... properties) {
        return application("memory.maximum-size=100", "size-tuner.enabled=true", "size-tuner.maximum=5000")
                .withPropertyValues(java.util.Arrays.stream(properties)
                        .map(property -> ANSWERS + "size-tuner." + property)
                        .toArray(String[]::new));
    }

    /** Few enough at a time for none to be left out. */
    private static void ask(ApplicationContext context, int requests, Supplier<String> keys) {
        Answers answers = context.getBean(Answers.class);
        ControlPlane controlPlane = context.getBean(ControlPlane.class);
        for (int i = 1; i <= requests; i++) {
            answers.ask(keys.get());
            if (i % 200 == 0) {
                controlPlane.catchUp();
            }
        }
    }

    private Supplier<String> uniform(int keys) {
        return () -> "k" + random.nextInt(keys);
    }

    private static CacheTuning tuning(ApplicationContext context) {
        return Objects.requireNonNull(context.getBean(ControlPlane.class).tuning("answers"));
    }

    private static MemoryTier memory(ApplicationContext context) {
        return ((TieredCache)
                        context.getBean(CacheManager.class).getCache("answers").getNativeCache())
                .memory();
    }

    @Test
    void growsToTheSizeThatTheTargetNeeds() {
        sizeTuner("interval=10ms")
                .run(context -> await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                    ask(context, 2000, uniform(1000));
                    assertThat(memory(context).maximumSize()).isBetween(750L, 1200L);
                }));
    }

    @Test
    void onlySaysWhatItWouldDoWhereItObserves() {
        sizeTuner("mode=observe").run(context -> {
            for (int i = 0; i < 3; i++) {
                ask(context, 5000, uniform(1000));
                tuning(context).stepNow();
            }
            assertThat(memory(context).maximumSize()).isEqualTo(100);
            Decision<Long> last = tuning(context).size().report().decisions().get(2);
            assertThat(last.from()).isEqualTo(100);
            assertThat(last.to()).isBetween(750L, 1200L);
            assertThat(last.reason()).startsWith("would grow 100 -> ");
            assertThat(tuning(context).size().report().curve()).isNotEmpty();
        });
    }

    @Test
    void growsByHalfWhereTheThresholdIsMissed() {
        sizeTuner("policy=threshold").run(context -> {
            ask(context, 2000, uniform(1000));
            tuning(context).stepNow();
            assertThat(memory(context).maximumSize()).isEqualTo(150);
            assertThat(tuning(context).size().report().policy()).isEqualTo("threshold");
        });
    }

    @Test
    void nothingIsTunedByDefault() {
        application("memory.maximum-size=100").run(context -> {
            ask(context, 200, uniform(1000));
            assertThat(context.getBean(ControlPlane.class).tuning("answers")).isNull();
            assertThat(memory(context).maximumSize()).isEqualTo(100);
        });
    }

    @Test
    void givesThePartitionThatReusesWhatAScanHas() {
        application(
                        "memory.maximum-size=300",
                        "memory.partitions.enabled=true",
                        "memory.partitions.count=3",
                        "memory.partitions.by=prefix",
                        "memory.partitions.rebalance=true")
                .run(context -> {
                    int[] scanned = new int[1];
                    for (int i = 0; i < 3; i++) {
                        ask(
                                context,
                                5000,
                                () -> scanned[0]++ % 2 == 0 ? "scan:" + scanned[0] : "reuse:" + random.nextInt(250));
                        tuning(context).stepNow();
                    }
                    assertThat(memory(context).partitions())
                            .extracting(PartitionStatistics::maximumSize)
                            .satisfies(bounds -> assertThat(bounds.get(1)).isGreaterThan(200));
                    assertThat(memory(context).maximumSize()).isEqualTo(300);
                    assertThat(tuning(context).partitions().report().decisions().toString())
                            .contains("rebalanced: ");
                });
    }

    @ParameterizedTest
    @CsvSource({"act, 900", "observe, 600"})
    void theHitRatePolicyGivesAKeyALongerLifeWhenItIsLoadedAgainBelowTheTarget(String mode, long seconds) {
        application(
                        "time-to-live=10m",
                        "ttl-optimizer.enabled=true",
                        "ttl-optimizer.policy=hit-rate",
                        "ttl-optimizer.mode=" + mode)
                .run(context -> {
                    Answers answers = context.getBean(Answers.class);
                    answers.ask("a");
                    answers.forget("a");
                    answers.ask("a");
                    assertThat(memory(context).peek("a").ttlNanos())
                            .isEqualTo(Duration.ofSeconds(seconds).toNanos());
                    tuning(context).stepNow();
                    assertThat(tuning(context).timeToLive().report().tracked()).isEqualTo(1);
                    assertThat(tuning(context).timeToLive().report().decisions())
                            .hasSize(1);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "size-tuner.minimum=20000, size-tuner.maximum",
        "size-tuner.minimum=0, size-tuner.minimum",
        "size-tuner.target-hit-rate=1.5, size-tuner.target-hit-rate",
        "size-tuner.interval=0s, size-tuner.interval",
        "ttl-optimizer.minimum=3h, ttl-optimizer.maximum",
        "ttl-optimizer.minimum=0s, ttl-optimizer.minimum"
    })
    void aSettingOutOfRangeStopsTheStartByName(String setting, String named) {
        application(setting)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.caches.answers." + named));
    }

    @ParameterizedTest
    @CsvSource({"size-tuner", "ttl-optimizer"})
    void aCacheWithoutMemoryHasNothingToTune(String feature) {
        application("memory.enabled=false", "redis.enabled=true", feature + ".enabled=true")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining(ANSWERS + feature + ".enabled"));
    }

    /** What is cached. */
    public static class Answers {

        @Cacheable("answers")
        public String ask(String key) {
            return key;
        }

        @CacheEvict("answers")
        public void forget(String key) {}
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Answers answers() {
            return new Answers();
        }
    }
}
