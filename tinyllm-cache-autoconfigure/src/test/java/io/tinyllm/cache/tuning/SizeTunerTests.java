package io.tinyllm.cache.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.tinyllm.cache.access.Decision;
import io.tinyllm.cache.settings.SizeTunerSettings.Policy;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class SizeTunerTests {

    private static final int INTERVAL = 2000;

    @Test
    void aScanDoesNotGrowTheCache() {
        IntSupplier traffic = Traffic.mix(0.6, Traffic.uniform(200, 1), Traffic.scan(), 2);
        Simulation ours = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.8), 300);
        ours.run(traffic, 60);
        assertThat(ours.size).isBetween(100L, 1000L);
        assertThat(ours.lastReason()).contains("% of the misses are first accesses, a bigger cache would not help");

        Simulation simple = new Simulation(Policy.THRESHOLD, new SizeBounds(100, 100_000, 0.8), 300);
        simple.run(Traffic.mix(0.6, Traffic.uniform(200, 1), Traffic.scan(), 2), 60);
        assertThat(simple.size).isGreaterThan(50_000);
    }

    @Test
    void findsTheLengthOfALoop() {
        Simulation cache = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.97), 500);
        cache.run(Traffic.loop(5000), 60);
        assertThat(cache.size).isBetween(4600L, 5700L);
        assertThat(cache.hitRate).isGreaterThan(0.9);
    }

    @Test
    void takesTheSmallestSizeThatReachesTheTarget() {
        Simulation large = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.7), 50_000);
        large.run(Traffic.zipf(50_000, 0.9, 5), 100);
        Simulation small = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.7), 100);
        small.run(Traffic.zipf(50_000, 0.9, 5), 100);
        assertThat(large.size).isBetween(5000L, 15_000L);
        assertThat(small.size).isBetween((long) (0.8 * large.size), (long) (1.25 * large.size));
        assertThat(large.hitRate).isBetween(0.66, 0.74);
    }

    @Test
    void followsAPhaseChange() {
        Simulation cache = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.9), 1000);
        cache.run(Traffic.uniform(1000, 1), 60);
        assertThat(cache.size).isBetween(800L, 1200L);
        cache.run(Traffic.uniform(8000, 2), 40);
        assertThat(cache.hitRate).isGreaterThan(0.85);
        assertThat(cache.size).isBetween(6500L, 9600L);
        cache.run(Traffic.uniform(1000, 3), 120);
        assertThat(cache.size).isBetween(700L, 1600L);
    }

    @Test
    void doesNotOscillate() {
        Simulation cache = new Simulation(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 100_000, 0.6), 2000);
        cache.run(Traffic.zipf(50_000, 0.8, 9), 150);
        int reversals = 0;
        long direction = 0;
        for (Decision<Long> decision : cache.tuner.decisions()) {
            long sign = Long.signum(decision.to() - decision.from());
            if (sign != 0) {
                reversals += sign == -direction ? 1 : 0;
                direction = sign;
            }
        }
        assertThat(cache.tuner.decisions()).hasSize(50);
        assertThat(reversals).isLessThanOrEqualTo(4);
    }

    @Test
    void shrinksWhenTheHeapIsNearlyFullButNeverBelowTheMinimum() {
        SizeTuner tuner = tuner(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 10_000, 0.9));
        Decision<Long> decision = tuner.step(new SizeObservation(1000, 1000, 5000, 1000, 4000, 4000, 0, 0.9));
        assertThat(decision.to()).isEqualTo(800);
        assertThat(decision.reason()).isEqualTo("shrunk 1000 -> 800: the heap is 90 % full after garbage collection");
        assertThat(tuner.step(new SizeObservation(110, 110, 5000, 1000, 4000, 4000, 0, 0.9))
                        .to())
                .isEqualTo(100);
        assertThat(tuner.step(new SizeObservation(100, 100, 5000, 1000, 4000, 4000, 0, 0.9))
                        .changes())
                .isFalse();
    }

    @Test
    void saysThatMissesAreOfExpiredEntries() {
        SizeTuner tuner = tuner(Policy.MISS_RATIO_CURVE, new SizeBounds(100, 10_000, 0.999));
        IntSupplier traffic = Traffic.loop(100);
        for (int i = 0; i < 5000; i++) {
            tuner.record(Traffic.hash(traffic.getAsInt()));
        }
        assertThat(tuner.step(new SizeObservation(100, 100, 5000, 1000, 4000, 0, 4000, 0))
                        .reason())
                .contains("most misses are of expired entries");
    }

    @Test
    void wordsOfAnObserverAreConditional() {
        SizeTuner tuner = SizeTuner.create(
                Policy.THRESHOLD, new SizeBounds(100, 10_000, 0.8), Duration.ofMinutes(5), false, Clock.systemUTC());
        assertThat(tuner.step(new SizeObservation(1000, 1000, 5000, 1000, 4000, 4000, 0, 0))
                        .reason())
                .startsWith("would grow 1000 -> 1500: ");
    }

    @Test
    void thresholdGrowsByHalfBelowTheTargetWhenMoreThanATenthOfTheWritesEvict() {
        assertThat(threshold(1000, 0.79, 0.11).to()).isEqualTo(1500);
        assertThat(threshold(1000, 0.79, 0.10).to()).isEqualTo(1000);
        assertThat(threshold(1000, 0.80, 0.5).to()).isEqualTo(1000);
        assertThat(threshold(9000, 0.10, 0.5).to()).isEqualTo(10_000);
    }

    @Test
    void thresholdShrinksByAFifthAboveTheTargetWhenFewerThanOneInAHundredEvict() {
        assertThat(threshold(1000, 0.89, 0.005).to()).isEqualTo(800);
        assertThat(threshold(1000, 0.88, 0.005).to()).isEqualTo(1000);
        assertThat(threshold(1000, 0.89, 0.01).to()).isEqualTo(1000);
        assertThat(threshold(110, 0.89, 0).to()).isEqualTo(100);
    }

    @Test
    void anIntervalIsOverAfterItsTimeAndAThousandRequests() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        SizeTuner tuner = SizeTuner.create(
                Policy.THRESHOLD, new SizeBounds(100, 10_000, 0.8), Duration.ofMinutes(5), true, clock(now));
        assertThat(tuner.isDue(1000)).isFalse();
        now.set(Instant.EPOCH.plusSeconds(300));
        assertThat(tuner.isDue(999)).isFalse();
        assertThat(tuner.isDue(1000)).isTrue();
        Decision<Long> decision = tuner.step(new SizeObservation(1000, 1000, 1000, 0, 1000, 1000, 0, 0));
        assertThat(decision.at()).isEqualTo(now.get());
        assertThat(tuner.isDue(1000)).isFalse();
    }

    private static Decision<Long> threshold(long size, double hitRate, double evictionRate) {
        return tuner(Policy.THRESHOLD, new SizeBounds(100, 10_000, 0.8))
                .step(new SizeObservation(
                        size, size, 10_000, Math.round(10_000 * hitRate), 2000, Math.round(2000 * evictionRate), 0, 0));
    }

    private static SizeTuner tuner(Policy policy, SizeBounds bounds) {
        return SizeTuner.create(
                policy, bounds, Duration.ofMinutes(5), true, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    private static Clock clock(AtomicReference<Instant> now) {
        return new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
    }

    /** A real cache that is resized as the tuner says. */
    private static final class Simulation {

        final SizeTuner tuner;
        private final Cache<Integer, Boolean> cache;
        private final List<Integer> evictions = new ArrayList<>();
        long size;
        double hitRate;

        Simulation(Policy policy, SizeBounds bounds, long size) {
            this.tuner = tuner(policy, bounds);
            this.size = size;
            this.cache = Caffeine.newBuilder()
                    .maximumSize(size)
                    .executor(Runnable::run)
                    .evictionListener((Integer key, Boolean value, RemovalCause cause) -> evictions.add(key))
                    .build();
        }

        void run(IntSupplier traffic, int intervals) {
            for (int interval = 0; interval < intervals; interval++) {
                evictions.clear();
                int hits = 0;
                for (int i = 0; i < INTERVAL; i++) {
                    int key = traffic.getAsInt();
                    tuner.record(Traffic.hash(key));
                    if (cache.getIfPresent(key) != null) {
                        hits++;
                    } else {
                        cache.put(key, true);
                    }
                }
                hitRate = (double) hits / INTERVAL;
                Decision<Long> decision = tuner.step(new SizeObservation(
                        size, cache.estimatedSize(), INTERVAL, hits, INTERVAL - hits, evictions.size(), 0, 0));
                size = decision.to();
                cache.policy().eviction().orElseThrow().setMaximum(size);
            }
        }

        String lastReason() {
            return tuner.decisions().get(tuner.decisions().size() - 1).reason();
        }
    }
}
