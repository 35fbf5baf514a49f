package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What callers feel of an outage while they go on calling. {@code -Dtinyllm.test.outage-seconds=10} makes it longer,
 * and prints what calls cost and how soon all is well again.
 */
class OutageUnderLoadTests {

    private static final int SECONDS = Integer.getInteger("tinyllm.test.outage-seconds", 1);
    private static final int THREADS = 8;
    private static final int KEYS = 50;
    private static final TierOptions OPTIONS = TierOptions.DEFAULT;

    private volatile boolean over;
    private volatile boolean away;

    /** How Redis goes away and comes back. */
    enum Outage {
        PAUSED {
            @Override
            void begin(RedisProcess redis) {
                redis.pause();
            }

            @Override
            void end(RedisProcess redis) {
                redis.resume();
            }
        },
        KILLED {
            @Override
            void begin(RedisProcess redis) {
                redis.kill();
            }

            @Override
            void end(RedisProcess redis) {
                redis.restart();
            }
        };

        abstract void begin(RedisProcess redis);

        abstract void end(RedisProcess redis);
    }

    @ParameterizedTest
    @EnumSource
    void failsNoCallerAndLeavesNothingStaleBehind(Outage outage) throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                RedisNode node = RedisNode.connected(redis)) {
            GuardedRemoteTier tier = node.tier("cache", OPTIONS, Invalidation.AUTO);
            TieredCache cache = TieredCache.named("cache")
                    .remote(tier)
                    .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                    .build();
            List<Caller> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Caller caller = new Caller(i, cache, node);
                caller.thread.start();
                callers.add(caller);
            }
            pass(Duration.ofMillis(500));
            int threads = Thread.activeCount();

            away = true;
            outage.begin(redis);
            pass(Duration.ofSeconds(SECONDS));
            Awaitility.await("calls while Redis is left alone")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> callers.stream().anyMatch(caller -> caller.whileLeftAlone.count > 0));
            int threadsWhileAway = Thread.activeCount();
            outage.end(redis);
            long back = System.nanoTime();
            away = false;
            Awaitility.await("recovery")
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() ->
                            node.backend().health().state() == State.UP && tier.missedWrites() == 0 && answers(tier));
            Duration recovery = Duration.ofNanos(System.nanoTime() - back);
            pass(Duration.ofMillis(500));
            over = true;
            for (Caller caller : callers) {
                caller.thread.join();
            }

            report(outage, callers, recovery, threadsWhileAway - threads);
            for (Caller caller : callers) {
                assertThat(caller.failure).isNull();
                assertThat(caller.stale).isZero();
            }
            assertThat(threadsWhileAway).isLessThanOrEqualTo(threads + 8);
            // Of the bounds, those of typical calls: single ones a busy machine holds up as it likes.
            assertThat(median(callers, caller -> caller.whileLeftAlone)).isLessThan(TimeUnit.MILLISECONDS.toNanos(5));
            // A killed Redis may be left alone before anybody calls it: then no call has waited for it.
            assertThat(
                            outage == Outage.KILLED && count(callers, caller -> caller.whileAway) == 0
                                    ? 0
                                    : median(callers, caller -> caller.whileAway))
                    .isLessThan(OPTIONS.timeout().plusMillis(20).toNanos());
        }
    }

    private static boolean answers(GuardedRemoteTier tier) {
        try {
            tier.prepare("probe", "probe", TimeUnit.MINUTES.toNanos(1)).send().join();
            return tier.get("probe").join() != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Lets time go by, which is what an outage is made of. */
    private static void pass(Duration time) {
        Awaitility.await().pollDelay(time).atMost(time.plusSeconds(20)).until(() -> true);
    }

    private static void report(Outage outage, List<Caller> callers, Duration recovery, int moreThreads) {
        if (SECONDS <= 1) {
            return;
        }
        System.out.printf(
                "%s for %d s: recovered after %d ms, %d threads more, %d stale%n",
                outage,
                SECONDS,
                recovery.toMillis(),
                moreThreads,
                callers.stream().mapToInt(caller -> caller.stale).sum());
        print("  before and after", sorted(callers, caller -> caller.well));
        if (count(callers, caller -> caller.whileAway) > 0) {
            print("  until it is left alone", sorted(callers, caller -> caller.whileAway));
        }
        print("  while it is left alone", sorted(callers, caller -> caller.whileLeftAlone));
    }

    private static void print(String what, long[] nanos) {
        System.out.printf(
                "%s: %d calls, median %.3f ms, 99.9%% %.3f ms, longest %.3f ms%n",
                what,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.999)] / 1e6,
                nanos[nanos.length - 1] / 1e6);
    }

    private static long median(List<Caller> callers, Function<Caller, Times> times) {
        long[] sorted = sorted(callers, times);
        return sorted[sorted.length / 2];
    }

    private static int count(List<Caller> callers, Function<Caller, Times> times) {
        return callers.stream().map(times).mapToInt(each -> each.count).sum();
    }

    private static long[] sorted(List<Caller> callers, Function<Caller, Times> times) {
        long[] all = callers.stream()
                .map(times)
                .flatMapToLong(t -> Arrays.stream(t.nanos, 0, t.count))
                .sorted()
                .toArray();
        assertThat(all).isNotEmpty();
        return all;
    }

    /** How long calls took. */
    private static final class Times {

        private long[] nanos = new long[1024];
        private volatile int count;

        void add(long took) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = took;
        }
    }

    /** One who reads and changes keys of its own, a thousand times a second, and knows what it has to read. */
    private final class Caller implements Runnable {

        private final String name;
        private final Thread thread;
        private final TieredCache cache;
        private final RedisNode node;
        private final Random random;
        private final int[] truth = new int[KEYS];
        private final Times well = new Times();
        private final Times whileAway = new Times();
        private final Times whileLeftAlone = new Times();
        private int stale;
        private volatile Throwable failure;

        Caller(int number, TieredCache cache, RedisNode node) {
            this.name = "caller-" + number;
            this.thread = new Thread(this, name);
            this.cache = cache;
            this.node = node;
            this.random = new Random(number);
        }

        @Override
        public void run() {
            try {
                while (!over) {
                    call();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
            } catch (Throwable e) {
                failure = e;
            }
        }

        private void call() {
            boolean begunAway = away;
            boolean leftAlone = node.backend().guard().state() != State.UP;
            int index = random.nextInt(KEYS);
            String key = name + "-" + index;
            int kind = random.nextInt(10);
            long begun = System.nanoTime();
            switch (kind) {
                case 0, 1 -> cache.put(key, ++truth[index]);
                case 2 -> {
                    truth[index]++;
                    cache.evict(key);
                }
                default -> {
                    Object value = cache.get(key, () -> truth[index]);
                    if (!value.equals(truth[index])) {
                        stale++;
                    }
                }
            }
            long took = System.nanoTime() - begun;
            (leftAlone ? whileLeftAlone : begunAway || away ? whileAway : well).add(took);
        }
    }
}
