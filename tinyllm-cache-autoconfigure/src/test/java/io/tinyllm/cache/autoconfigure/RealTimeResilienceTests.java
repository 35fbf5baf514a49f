package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;

/**
 * What many callers see of a method that fails or is slow, in real time: for {@code tinyllm.test.seconds}, 2 unless
 * given, by {@code tinyllm.test.callers}, 500 unless given.
 */
class RealTimeResilienceTests {

    private static final long SECONDS = Long.getLong("tinyllm.test.seconds", 2);
    private static final int CALLERS = Integer.getInteger("tinyllm.test.callers", 500);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
            .withBean(Service.class);

    @Test
    void aMethodThatAlwaysFailsIsCalledOnceInATimeToLiveOfItsFailure() {
        Duration timeToLive = Duration.ofMillis(500);
        runner.withPropertyValues(
                        "tinyllm.cache.defaults.negative.enabled=true",
                        "tinyllm.cache.defaults.negative.time-to-live=" + timeToLive.toMillis() + "ms")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    AtomicLong failures = new AtomicLong();
                    long took = call(caller -> {
                        try {
                            service.failing("key");
                        } catch (IllegalStateException down) {
                            failures.incrementAndGet();
                        }
                    });
                    assertThat(failures.get()).isGreaterThanOrEqualTo(CALLERS);
                    assertThat((long) service.calls()).isBetween(1L, 1 + took / timeToLive.toNanos());
                });
    }

    @Test
    void nobodyWithAWarmKeySeesAFailureWhereStaleAnswersStandIn() {
        runner.withPropertyValues(
                        "tinyllm.cache.defaults.time-to-live=200ms", "tinyllm.cache.defaults.stale-if-error=1h")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    for (int key = 0; key < 100; key++) {
                        service.flaky(key);
                    }
                    service.goDown();
                    AtomicLong failures = new AtomicLong();
                    call(caller -> {
                        try {
                            service.flaky(caller % 100);
                        } catch (RuntimeException e) {
                            failures.incrementAndGet();
                        }
                    });
                    assertThat(failures).hasValue(0);
                    assertThat(counters(context, "flaky").staleHits()).isPositive();
                });
    }

    @Test
    void nobodyWaitsForAHotKeyThatIsRefreshedAhead() {
        runner.withPropertyValues(
                        "tinyllm.cache.defaults.time-to-live=10s", "tinyllm.cache.defaults.refresh-ahead=0.01")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    service.slow("hot");
                    call(caller -> service.slow("hot"));
                    CacheCounters counters = counters(context, "slow");
                    assertThat(counters.misses()).as("callers that had to wait").isEqualTo(1);
                    assertThat(service.calls()).as("it was refreshed").isGreaterThan(1);
                });
    }

    private static CacheCounters counters(ApplicationContext context, String cache) {
        return ((TieredCache)
                        context.getBean(CacheManager.class).getCache(cache).getNativeCache())
                .counters();
    }

    /** Lets every caller ask again and again; how long that took, in nanoseconds. */
    private static long call(IntConsumer request) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(CALLERS);
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger broken = new AtomicInteger();
        long[] end = new long[1];
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            Thread thread = new Thread(
                    null,
                    () -> {
                        ready.countDown();
                        try {
                            start.await();
                            do {
                                request.accept(caller);
                                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                            } while (System.nanoTime() - end[0] < 0);
                        } catch (Throwable e) {
                            broken.incrementAndGet();
                        }
                    },
                    "caller-" + i,
                    256 * 1024);
            callers.add(thread);
            thread.start();
        }
        ready.await();
        long began = System.nanoTime();
        end[0] = began + TimeUnit.SECONDS.toNanos(SECONDS);
        start.countDown();
        for (Thread thread : callers) {
            thread.join();
        }
        assertThat(broken).hasValue(0);
        return System.nanoTime() - began;
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();
        private volatile boolean down;

        public int calls() {
            return calls.get();
        }

        public void goDown() {
            down = true;
        }

        @Cacheable("failing")
        public String failing(String key) {
            calls.incrementAndGet();
            throw new IllegalStateException("down");
        }

        @Cacheable("flaky")
        public String flaky(int key) {
            if (down) {
                throw new IllegalStateException("down");
            }
            return "answer " + key;
        }

        @Cacheable("slow")
        public String slow(String key) {
            calls.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            return "answer";
        }
    }
}
