package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.access.tuner.Decision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AdaptiveTtlTests {

    private static final long SECOND = 1_000_000_000L;
    private static final long TTL = 600 * SECOND;
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2030-01-01T00:00:00Z"));
    private static final TtlBounds BOUNDS = new TtlBounds(Duration.ofSeconds(5), Duration.ofMinutes(10));

    private static AdaptiveTtl adaptive(long ttl, TtlBounds bounds, boolean acting) {
        return new AdaptiveTtl(ttl, bounds, 10_000, acting, 0, CLOCK);
    }

    /** Half of the accesses go to keys that are never asked for again, half to 200 hot ones: 10 a second. */
    private static void hotAndOnce(SimulatedCache cache, int accesses) {
        Random random = new Random(7);
        long start = cache.now(); // keys of the second kind are above a million, and differ from call to call
        for (int i = 1; i <= accesses; i++) {
            long key = random.nextBoolean() ? random.nextInt(200) : start + 1_000_000 + i;
            cache.access(key, start + i * SECOND / 10);
        }
    }

    @Test
    void dropsKeysThatNeverReturnLongBeforeTheirTimeToLiveAtHardlyAnyLoss() {
        SimulatedCache cache = new SimulatedCache(adaptive(TTL, BOUNDS, true), TTL);
        hotAndOnce(cache, 100_000);
        assertThat(cache.saved()).isGreaterThan(0.7);
        assertThat(cache.loss()).isLessThan(0.0105);
    }

    /** How many of 500 keys that return every 100 s are lost in a round that begins with many new ones. */
    private static int lostInFlood(int newKeys) {
        SimulatedCache cache = new SimulatedCache(new AdaptiveTtl(TTL, BOUNDS, 1_000, true, 0, CLOCK), TTL);
        long fresh = 1_000_000;
        long time = 0;
        int lost = 0;
        for (int round = 0; round < 58; round++) {
            lost = 0;
            for (int key = 0; key < 500; key++) {
                time += SECOND / 5;
                for (int i = 0; i < (round == 57 && key < 100 ? newKeys / 100 : 1); i++) {
                    cache.access(fresh++, time);
                }
                lost += cache.access(key, time) ? 0 : 1;
            }
        }
        return lost;
    }

    @Test
    void aFloodOfNewKeysCostsTheOthersNothing() {
        assertThat(lostInFlood(20_000)).isLessThanOrEqualTo(lostInFlood(100) + 5);
    }

    @Test
    void keepsWhatReturnsWithinTheTimeToLive() {
        SimulatedCache cache = new SimulatedCache(adaptive(TTL, BOUNDS, true), TTL);
        Random random = new Random(3);
        for (int i = 1; i <= 50_000; i++) {
            cache.access(random.nextInt(1_000), i * SECOND / 10);
        }
        assertThat(cache.loss()).isLessThan(0.0105);
        assertThat(cache.hitRate()).isGreaterThan(0.8);
    }

    @Test
    void dropsAnEntryThatWillExpireBeforeItsNextAccess() {
        // Every key returns after 250 s: the hits come at 250 s and 500 s, the last 100 s of each life are for nothing.
        // Each third of the keys begins a turn after another, so that lives end all the time.
        SimulatedCache cache = new SimulatedCache(adaptive(TTL, BOUNDS, true), TTL);
        for (int i = 1; i <= 100_000; i++) {
            int key = i % 2_500;
            if (i / 2_500 >= key % 3) {
                cache.access(key, i * SECOND / 10);
            }
        }
        assertThat(cache.saved()).isGreaterThan(0.04);
        assertThat(cache.loss()).isLessThan(0.0105);
    }

    @Test
    void neverOutlivesTheTimeToLive() {
        SimulatedCache cache = new SimulatedCache(adaptive(TTL, BOUNDS, true), TTL);
        hotAndOnce(cache, 30_000);
        assertThat(cache.longestLifeNanos()).isBetween(TTL * 9 / 10, TTL);
    }

    @Test
    void timeoutsStayWithinTheBounds() {
        TtlBounds bounds = new TtlBounds(Duration.ofSeconds(60), Duration.ofSeconds(120));
        AdaptiveTtl policy = adaptive(TTL, bounds, true);
        SimulatedCache cache = new SimulatedCache(policy, TTL);
        int timeouts = 0;
        for (int round = 0; round < 20; round++) {
            hotAndOnce(cache, 2_500);
            for (long key = 0; key < 300; key++) {
                for (long remaining = SECOND; remaining <= TTL; remaining += 50 * SECOND) {
                    long idle = policy.idleNanos(key, cache.now(), remaining);
                    if (idle != TtlOptimizer.NEVER) {
                        timeouts++;
                        assertThat(idle).isBetween(60 * SECOND, 120 * SECOND);
                    }
                }
            }
        }
        assertThat(timeouts).isPositive();
    }

    @Test
    void doesNothingWhereTheTimeToLiveIsBelowTheMinimum() {
        TtlBounds bounds = new TtlBounds(Duration.ofMinutes(20), Duration.ofMinutes(60));
        AdaptiveTtl policy = adaptive(TTL, bounds, true);
        SimulatedCache cache = new SimulatedCache(policy, TTL);
        hotAndOnce(cache, 20_000);
        policy.stepNow(cache.now());
        assertThat(cache.loss()).isZero();
        assertThat(cache.saved()).isZero();
        assertThat(policy.report().decisions())
                .last()
                .extracting(Decision::reason)
                .asString()
                .contains("minimum of 1200 s");
    }

    @Test
    void observesWithoutActing() {
        AdaptiveTtl policy = adaptive(TTL, BOUNDS, false);
        SimulatedCache cache = new SimulatedCache(policy, TTL);
        hotAndOnce(cache, 50_000);
        assertThat(cache.loss()).isZero();
        assertThat(cache.saved()).isZero();
        assertThat(policy.report().decisions())
                .last()
                .extracting(Decision::reason)
                .asString()
                .startsWith("observed only:");
        assertThat(policy.report().meanSeconds()).isBetween(1.0, 400.0);
    }

    @Test
    void losesLittleWhenKeysThatNeverReturnedAllReturn() {
        SimulatedCache cache = new SimulatedCache(adaptive(12 * 3600 * SECOND, wide(), true), 12 * 3600 * SECOND);
        for (int i = 1; i <= 20_000; i++) {
            cache.access(i, i * SECOND);
        }
        for (int i = 1; i <= 66_400; i++) {
            cache.access(1 + i % 20_000, (20_000 + i) * SECOND);
        }
        assertThat(cache.loss()).isLessThan(0.03);
    }

    private static TtlBounds wide() {
        return new TtlBounds(Duration.ofSeconds(1), Duration.ofHours(24));
    }

    @Test
    void withoutTimeToLiveItStillDropsWhatNeverReturns() {
        TtlBounds bounds = new TtlBounds(Duration.ofSeconds(5), Duration.ofMinutes(10));
        AdaptiveTtl policy = adaptive(TtlOptimizer.NEVER, bounds, true);
        SimulatedCache cache = new SimulatedCache(policy, Long.MAX_VALUE / 4);
        hotAndOnce(cache, 100_000);
        long timeouts = LongStream.range(-2_000, -1_000)
                .peek(key -> policy.onAccess(key, false, cache.now()))
                .map(key -> policy.idleNanos(key, cache.now(), TtlOptimizer.NEVER))
                .filter(idle -> idle != TtlOptimizer.NEVER)
                .peek(idle -> assertThat(idle).isLessThanOrEqualTo(TTL))
                .count();
        assertThat(timeouts).isGreaterThan(300);
        assertThat(cache.loss()).isLessThan(0.0105);
    }

    @Test
    void saysWhyInWords() {
        AdaptiveTtl policy = adaptive(TTL, BOUNDS, true);
        policy.stepNow(SECOND);
        assertThat(policy.report().decisions())
                .last()
                .extracting(Decision::reason)
                .isEqualTo("kept: too few accesses to learn from yet");
        SimulatedCache cache = new SimulatedCache(policy, TTL);
        hotAndOnce(cache, 50_000);
        policy.stepNow(cache.now());
        TtlReport report = policy.report();
        assertThat(report.policy()).isEqualTo("adaptive");
        assertThat(report.tracked()).isBetween(2, KeyClasses.TOTAL);
        assertThat(report.decisions()).last().satisfies(decision -> {
            assertThat(decision.at()).isEqualTo(CLOCK.instant());
            assertThat(decision.to()).isEqualTo(report.meanSeconds(), org.assertj.core.api.Assertions.within(0.001));
            assertThat(decision.reason())
                    .contains("set: idle timeout", "new keys wait", "keys seen often wait", "lost so far");
        });
    }

    @Test
    void keepsFewDecisions() {
        AdaptiveTtl policy = adaptive(TTL, BOUNDS, true);
        for (int i = 1; i <= 1_000; i++) {
            policy.stepNow(i * SECOND);
        }
        assertThat(policy.report().decisions()).hasSize(50);
    }

    @Test
    void answersWritersAndReportsWhileItLearns() throws Exception {
        AdaptiveTtl policy = adaptive(TTL, BOUNDS, true);
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch reading = new CountDownLatch(1);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<Long> answers = reader.submit(() -> {
                long seen = 0;
                for (long key = 0; !done.get(); key++) {
                    assertThat(policy.ttlNanos(key % 200, TTL)).isEqualTo(TTL);
                    assertThat(policy.report().decisions()).doesNotContainNull();
                    seen++;
                    reading.countDown();
                }
                return seen;
            });
            reading.await();
            SimulatedCache cache = new SimulatedCache(policy, TTL);
            hotAndOnce(cache, 50_000);
            done.set(true);
            assertThat(answers.get()).isPositive();
            assertThat(cache.loss()).isLessThan(0.0105);
        } finally {
            done.set(true);
            reader.shutdownNow();
        }
    }
}
