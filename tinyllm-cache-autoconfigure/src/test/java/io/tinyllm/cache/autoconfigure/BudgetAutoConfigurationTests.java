package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.tuning.budget.BudgetTuning;
import io.tinyllm.cache.tuning.budget.CacheDemand;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ApplicationContext;

/** One budget for all caches, as an application gets it from its properties. */
@ExtendWith(OutputCaptureExtension.class)
class BudgetAutoConfigurationTests {

    private static final String BUDGET = "tinyllm.cache.memory.budget.";

    private final Random random = new Random(42);

    /** What loads have added to the time that the caches go by. */
    private final AtomicLong loading = new AtomicLong();

    private ApplicationContextRunner application(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
                .withInitializer(context -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
                    @Override
                    public Object postProcessAfterInitialization(Object bean, String name) {
                        return bean instanceof CoarseTicker
                                ? CoarseTicker.exactly(() -> System.nanoTime() + loading.get())
                                : bean;
                    }
                }))
                .withPropertyValues(
                        "tinyllm.cache.caches.slow.time-to-live=1h",
                        "tinyllm.cache.caches.quick.time-to-live=1h",
                        "tinyllm.cache.defaults.size-tuner.minimum=10")
                .withPropertyValues(properties);
    }

    private static Cache cache(ApplicationContext context, String name) {
        return Objects.requireNonNull(context.getBean(CacheManager.class).getCache(name));
    }

    private static MemoryTier memory(ApplicationContext context, String name) {
        return ((TieredCache) cache(context, name).getNativeCache()).memory();
    }

    private static BudgetTuning.Report share(ApplicationContext context, String name) {
        return Objects.requireNonNull(
                context.getBean(ControlPlane.class).budget().report(name));
    }

    /** A load of the one takes time, of the other none; few enough at a time for no access to be left out. */
    private void ask(ApplicationContext context, int requests, int keys, String value) {
        ControlPlane controlPlane = context.getBean(ControlPlane.class);
        Cache slow = cache(context, "slow");
        Cache quick = cache(context, "quick");
        for (int i = 1; i <= requests; i++) {
            slow.get("k" + random.nextInt(keys), () -> {
                loading.addAndGet(TimeUnit.MICROSECONDS.toNanos(200));
                return value + " of slow";
            });
            quick.get("k" + random.nextInt(keys), () -> value + " of quick");
            if (i % 100 == 0) {
                controlPlane.catchUp();
            }
        }
    }

    @Test
    void sharesAreEqualAtFirstAndSumUpToTheTotal() {
        application(BUDGET + "total=600", BUDGET + "mode=act", "tinyllm.cache.caches.third.time-to-live=1h")
                .run(context -> {
                    for (String name : List.of("slow", "quick", "third")) {
                        assertThat(memory(context, name).maximumSize()).as(name).isEqualTo(200);
                        assertThat(share(context, name).share()).as(name).isEqualTo(200);
                        assertThat(share(context, name).total()).isEqualTo(600);
                        assertThat(share(context, name).unit()).isEqualTo("entries");
                    }
                });
    }

    @Test
    void memoryMovesToTheCacheWhoseLoadsTakeLonger() {
        application(BUDGET + "total=600", BUDGET + "mode=act").run(context -> {
            for (int i = 0; i < 5; i++) {
                ask(context, 1500, 500, "value");
                context.getBean(ControlPlane.class).stepNow("quick");
            }
            assertThat(memory(context, "slow").maximumSize()).isGreaterThan(400);
            assertThat(memory(context, "slow").maximumSize()
                            + memory(context, "quick").maximumSize())
                    .isLessThanOrEqualTo(600);
            Decision<Long> change = share(context, "slow").decisions().stream()
                    .filter(Decision::changes)
                    .findFirst()
                    .orElseThrow();
            assertThat(change.reason())
                    .matches("slow gets \\d+ entries more: saves .* s of loads an hour there, costs quick .*");
            assertThat(Objects.requireNonNull(
                                    context.getBean(ControlPlane.class).budget().size("slow"))
                            .current())
                    .isEqualTo(memory(context, "slow").maximumSize());
        });
    }

    @Test
    void aTotalOfBytesBoundsWhatTheValuesWeigh() {
        String value = "x".repeat(5000);
        application(BUDGET + "total=1MB", BUDGET + "mode=act").run(context -> {
            for (int i = 0; i < 5; i++) {
                ask(context, 1500, 300, value);
                context.getBean(ControlPlane.class).stepNow("slow");
            }
            MemoryTier slow = memory(context, "slow");
            MemoryTier quick = memory(context, "quick");
            assertThat(slow.maximumWeight() + quick.maximumWeight()).isLessThanOrEqualTo(1 << 20);
            assertThat(slow.maximumWeight()).isGreaterThan(700_000);
            assertThat(slow.size()).isBetween(100L, 220L);
            assertThat(share(context, "slow").unit()).isEqualTo("bytes");
            assertThat(share(context, "slow").decisions().stream()
                            .filter(Decision::changes)
                            .findFirst()
                            .orElseThrow()
                            .reason())
                    .matches("slow gets \\d+ KB more: saves .*");
        });
    }

    @Test
    void byDefaultItOnlySaysWhatItWouldDo() {
        application(BUDGET + "total=600").run(context -> {
            for (int i = 0; i < 4; i++) {
                ask(context, 1500, 500, "value");
                context.getBean(ControlPlane.class).stepNow("slow");
            }
            assertThat(memory(context, "slow").maximumSize()).isEqualTo(10_000);
            assertThat(share(context, "slow").mode()).isEqualTo("observe");
            assertThat(share(context, "slow").share()).isLessThan(600);
            assertThat(context.getBean(ControlPlane.class).budget().size("slow"))
                    .isNull();
        });
    }

    @Test
    void onlyTheListedCachesAndThoseWithATunerShareIt() {
        application(
                        BUDGET + "total=600",
                        BUDGET + "mode=act",
                        BUDGET + "caches=slow,made-for-it",
                        "tinyllm.cache.caches.tuned.size-tuner.enabled=true")
                .run(context -> {
                    BudgetTuning budget = context.getBean(ControlPlane.class).budget();
                    assertThat(budget.report("slow")).isNotNull();
                    assertThat(budget.report("made-for-it")).isNotNull();
                    assertThat(budget.report("tuned")).isNotNull();
                    assertThat(budget.report("quick")).isNull();
                    assertThat(memory(context, "quick").maximumSize()).isEqualTo(10_000);
                    // Only the budget sets its size.
                    assertThat(context.getBean(ControlPlane.class).tuning("tuned"))
                            .isNull();
                });
    }

    @Test
    void aCacheMadeLaterShrinksTheMinimumsAndIsSaidOnce(CapturedOutput output) {
        application(
                        BUDGET + "total=100",
                        BUDGET + "mode=act",
                        "tinyllm.cache.caches.slow.size-tuner.minimum=40",
                        "tinyllm.cache.caches.quick.size-tuner.minimum=40")
                .run(context -> {
                    for (String name : List.of("a", "b", "c", "d")) {
                        cache(context, name);
                    }
                    long sum = 0;
                    for (String name : List.of("slow", "quick", "a", "b", "c", "d")) {
                        sum += memory(context, name).maximumSize();
                    }
                    assertThat(sum).isLessThanOrEqualTo(100);
                    assertThat(memory(context, "d").maximumSize()).isPositive();
                    assertThat(output.toString().split("take 1[12]0 entries together", -1))
                            .hasSize(2);
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            total=15      | total  | at least 20 entries
            total=4KB     | total  | at least 20 KB
            total=0       | total  | a positive size
            total=-5      | total  | a positive size
            total=120%    | total  | a share of the heap of at most 100%
            total=lots    | total  | a positive size
            total=-5MB    | total  | a positive size
            """)
    void aTotalThatCannotBeStopsTheStart(String property, String name, String allowed) {
        application(BUDGET + property).run(context -> {
            Throwable failure = context.getStartupFailure();
            assertThat(failure).isNotNull().rootCause().isInstanceOf(InvalidCacheSettingException.class);
            InvalidCacheSettingException cause = rootCause(failure);
            assertThat(cause.getProperty()).isEqualTo(BUDGET + name);
            assertThat(cause.getAllowed()).contains(allowed);
            assertThat(cause.getAction()).isNotBlank();
        });
    }

    private static InvalidCacheSettingException rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return (InvalidCacheSettingException) cause;
    }

    @Test
    void aCacheOutsideAClosedListStopsTheStart() {
        application("spring.cache.cache-names=slow,quick", BUDGET + "total=600", BUDGET + "caches=slow,quik")
                .run(context -> assertThat(
                                rootCause(context.getStartupFailure()).getSetting())
                        .isEqualTo("quik"));
    }

    @Test
    void aListedCacheWithoutMemoryStopsTheStart() {
        application(
                        BUDGET + "total=600",
                        BUDGET + "caches=slow",
                        "tinyllm.cache.caches.slow.memory.enabled=false",
                        "tinyllm.cache.caches.slow.write.policy=none")
                .run(context -> assertThat(context.getStartupFailure()).isNotNull());
    }

    @Test
    void everyCacheSaysWhatMoreMemoryIsWorth() {
        application("tinyllm.cache.defaults.memory.maximum-size=100").run(context -> {
            assertThat(context.getBean(ControlPlane.class).worth("slow")).isNull();
            ask(context, 3000, 500, "y".repeat(2000));
            context.getBean(ControlPlane.class).stepNow("slow");
            CacheDemand.Worth worth =
                    Objects.requireNonNull(context.getBean(ControlPlane.class).worth("slow"));
            assertThat(worth.entryBytes()).isBetween(1000L, 4000L);
            assertThat(worth.secondsSavedByTenMoreMb()).isPositive();
            assertThat(worth.secondsLostByTenFewerMb()).isPositive();
            assertThat(worth.text()).startsWith("ten more megabytes would save ");
        });
    }

    @Test
    void nobodyEstimatesWhereThatIsSwitchedOff() {
        application("tinyllm.cache.defaults.analytics.memory-worth=false").run(context -> {
            ask(context, 2000, 500, "value");
            context.getBean(ControlPlane.class).stepNow("slow");
            assertThat(context.getBean(ControlPlane.class).worth("slow")).isNull();
        });
    }

    @Test
    void whileItResizesUnderTrafficTheBoundsNeverExceedTheTotal() {
        application(BUDGET + "total=600", BUDGET + "mode=act").run(context -> {
            AtomicBoolean over = new AtomicBoolean();
            AtomicBoolean done = new AtomicBoolean();
            MemoryTier slow = memory(context, "slow");
            MemoryTier quick = memory(context, "quick");
            ExecutorService threads = Executors.newFixedThreadPool(2);
            threads.submit(() -> {
                while (!done.get()) {
                    // Bounds that did not change between two looks were there at the same time.
                    long first = slow.maximumSize();
                    long second = quick.maximumSize();
                    if (first == slow.maximumSize() && first + second > 600) {
                        over.set(true);
                    }
                }
            });
            threads.submit(() -> {
                Random keys = new Random(1);
                while (!done.get()) {
                    int key = keys.nextInt(700);
                    slow.peek(key);
                    cache(context, "slow").get("t" + key, () -> "value");
                    cache(context, "quick").get("t" + key, () -> "value");
                }
            });
            for (int i = 0; i < 8; i++) {
                ask(context, 300, i % 2 == 0 ? 500 : 50, "value");
                context.getBean(ControlPlane.class).stepNow("slow");
            }
            done.set(true);
            threads.shutdown();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(over).isFalse();
            assertThat(share(context, "slow").decisions().stream().filter(Decision::changes))
                    .isNotEmpty();
        });
    }
}
