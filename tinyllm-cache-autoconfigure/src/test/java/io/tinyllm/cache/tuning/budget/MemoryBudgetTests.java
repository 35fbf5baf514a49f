package io.tinyllm.cache.tuning.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.Traffic;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import io.tinyllm.cache.tuning.share.Divider;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** How one budget is divided among simulated caches. */
class MemoryBudgetTests {

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private static final int TOTAL = 3000;
    private static final int INTERVAL = 5000;

    private final List<Simulated> caches = new ArrayList<>();
    private double minimumOfNext = 100;
    private LongUnaryOperator miniature = LongUnaryOperator.identity();
    private MemoryBudget budget = new MemoryBudget(TOTAL, false, true, CLOCK);

    /** A cache of the least recently used. */
    private final class Simulated implements MemoryBudget.Member {

        private final String name;
        private final double seconds;
        private final int index;
        private double minimum = minimumOfNext;
        private double target = 1;
        private IntSupplier keys;
        private long size = TOTAL;
        private long requests;
        private long hits;
        private final Map<Integer, Boolean> entries = new LinkedHashMap<>(16, 0.75f, true);

        Simulated(String name, IntSupplier keys, double seconds) {
            this.name = name;
            this.keys = keys;
            this.seconds = seconds;
            caches.add(this);
            this.index = budget.add(
                    this, entries -> new CaffeineMemoryTier(miniature.applyAsLong(entries), () -> 0, Runnable::run));
        }

        void ask(int times) {
            for (int i = 0; i < times; i++) {
                int key = keys.getAsInt();
                boolean hit = entries.put(key, true) != null;
                budget.record(index, Traffic.hash(key), hit);
                requests++;
                hits += hit ? 1 : 0;
                shrink();
            }
        }

        private void shrink() {
            var oldest = entries.keySet().iterator();
            while (entries.size() > size) {
                oldest.next();
                oldest.remove();
            }
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public double minimum() {
            return minimum;
        }

        @Override
        public double maximum() {
            return Double.POSITIVE_INFINITY;
        }

        @Override
        public double targetHitRate() {
            return target;
        }

        @Override
        public SizeObservation observe() {
            SizeObservation seen = new SizeObservation(size, entries.size(), requests, hits, requests - hits, 0, 0, 0);
            requests = 0;
            hits = 0;
            return seen;
        }

        @Override
        public double costPerMiss() {
            return seconds;
        }

        @Override
        public double unitsPerEntry() {
            return 1;
        }

        @Override
        public long share() {
            return size;
        }

        @Override
        public void resize(long share) {
            size = share;
            shrink();
            assertThat(caches.stream()
                            .filter(cache -> cache.index >= 0)
                            .mapToLong(cache -> cache.size)
                            .sum())
                    .as("the sum of the shares at any time")
                    .satisfiesAnyOf(
                            sum -> assertThat(sum).isLessThanOrEqualTo(TOTAL),
                            // while a cache is added it has not been given its share yet
                            sum -> assertThat(caches.get(caches.size() - 1).size)
                                    .isEqualTo(TOTAL));
        }
    }

    private Decision<List<Long>> run(int intervals) {
        Decision<List<Long>> last = null;
        for (int i = 0; i < intervals; i++) {
            caches.forEach(cache -> cache.ask(INTERVAL));
            last = budget.step(60);
        }
        return last;
    }

    @Test
    void beginsWithEqualSharesAndMakesRoomForWhoComesLater() {
        Simulated first = new Simulated("a", Traffic.uniform(4000, 1), 1);
        assertThat(first.size).isEqualTo(3000);
        Simulated second = new Simulated("b", Traffic.uniform(4000, 2), 1);
        Simulated third = new Simulated("c", Traffic.uniform(4000, 3), 1);
        assertThat(List.of(first.size, second.size, third.size)).containsExactly(1000L, 1000L, 1000L);
    }

    @Test
    void memoryGoesWhereItSavesMostTime() {
        Simulated slow = new Simulated("slow", Traffic.uniform(2500, 1), 0.9);
        Simulated quick = new Simulated("quick", Traffic.uniform(2500, 2), 0.005);
        run(10);
        assertThat(slow.size).isGreaterThan(2400);
        assertThat(quick.size).isGreaterThanOrEqualTo(100);
        Decision<List<Long>> change = budget.decisions().stream()
                .filter(Decision::changes)
                .findFirst()
                .orElseThrow();
        assertThat(change.reason())
                .matches("slow gets \\d+ entries more: saves .* of loads an hour there, costs quick .*");
    }

    @Test
    void whereItObservesItTouchesNothing() {
        budget = new MemoryBudget(TOTAL, false, false, CLOCK);
        Simulated slow = new Simulated("slow", Traffic.uniform(2500, 1), 0.9);
        Simulated quick = new Simulated("quick", Traffic.uniform(2500, 2), 0.005);
        slow.size = 1500;
        quick.size = 1500;
        Decision<List<Long>> last = run(6);
        assertThat(slow.size).isEqualTo(1500);
        assertThat(quick.size).isEqualTo(1500);
        assertThat(last.to().get(0)).isGreaterThan(2400);
        assertThat(last.reason()).startsWith("slow would get ");
    }

    @Test
    void aTargetIsACap() {
        Simulated capped = new Simulated("capped", Traffic.uniform(2000, 1), 0.9);
        capped.target = 0.5;
        new Simulated("other", Traffic.uniform(4000, 2), 0.1);
        run(10);
        assertThat(capped.size).isBetween(800L, 1250L);
    }

    @Test
    void aCacheWithoutTrafficFallsToItsMinimumAndNotAtOnce() {
        Simulated quiet = new Simulated("quiet", Traffic.uniform(1500, 1), 0.5);
        Simulated busy = new Simulated("busy", Traffic.uniform(6000, 2), 0.1);
        run(10);
        assertThat(quiet.size).isGreaterThan(1200);
        for (int i = 0; i < 2; i++) {
            busy.ask(INTERVAL);
            budget.step(60);
        }
        assertThat(quiet.size).as("after two intervals").isGreaterThan(1200);
        for (int i = 0; i < 250; i++) {
            busy.ask(INTERVAL);
            budget.step(60);
        }
        assertThat(quiet.size).as("in the end").isBetween(100L, 300L);
    }

    /** The sum is looked at whenever a share is set. */
    @Test
    void moreCachesThanMinimumsFitInAreNeverMoreThanTheTotal() {
        for (int i = 0; i < 47; i++) {
            new Simulated("cache" + i, Traffic.uniform(4000, i), 1);
        }
        assertThat(caches).extracting(cache -> cache.size).allMatch(size -> size >= TOTAL / 47 - 1 && size <= 100);
        assertThat(caches.stream().mapToLong(cache -> cache.size).sum()).isBetween(TOTAL - 47L, (long) TOTAL);
    }

    @Test
    void aNewcomerHasItsMinimumAtOnce() {
        minimumOfNext = 300;
        Simulated first = new Simulated("a", Traffic.uniform(4000, 1), 1);
        Simulated second = new Simulated("b", Traffic.uniform(4000, 2), 1);
        minimumOfNext = 2400;
        Simulated third = new Simulated("c", Traffic.uniform(4000, 3), 1);
        assertThat(List.of(first.size, second.size, third.size)).containsExactly(300L, 300L, 2400L);
    }

    @Test
    void minimumsThatDoNotFitShrinkInProportion() {
        Simulated first = new Simulated("a", Traffic.uniform(4000, 1), 1);
        Simulated second = new Simulated("b", Traffic.uniform(4000, 2), 0.001);
        first.minimum = 4000;
        second.minimum = 2000;
        run(6);
        assertThat(second.size).isBetween(980L, 1020L);
        assertThat(first.size).isBetween(1980L, 2020L);
    }

    @Test
    void changesAreFewAndEachFurtherOneHasToSaveMore() {
        for (int i = 0; i < 3; i++) {
            new Simulated("c" + i, Traffic.uniform(1000 + 1500 * i, i), 0.01 * Math.pow(5, i));
        }
        List<Integer> changes = new ArrayList<>();
        List<Double> refused = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            if (i % 10 == 0) {
                // what is hot moves all the time
                for (Simulated cache : caches) {
                    cache.keys = Traffic.zipf(500 + 700 * ((i / 10 + cache.index) % 4), 0.7, i + cache.index);
                }
            }
            Decision<List<Long>> decision = run(1);
            if (decision.changes()) {
                changes.add(i);
            } else if (decision.reason().startsWith("kept: the best division would save ")) {
                refused.add(Double.parseDouble(decision.reason().replaceAll("[^0-9.]|\\.$", "")));
            }
        }
        assertThat(changes).isNotEmpty();
        for (int last : changes) {
            assertThat(changes.stream().filter(at -> at > last - 50 && at <= last))
                    .as("changes within fifty intervals")
                    .hasSizeLessThanOrEqualTo(4);
        }
        assertThat(refused)
                .as("the gains that were too small after other changes, in %")
                .anyMatch(gain -> gain > 100 * Divider.SMALLEST_GAIN);
    }

    @Test
    void whoHasAllHitsAndTheDearestLoadsDoesNotKeepTheOthersFromTheirShares() {
        new Simulated("all hits", Traffic.loop(100), 0.9);
        Simulated slow = new Simulated("slow", Traffic.uniform(3000, 1), 0.05);
        Simulated quick = new Simulated("quick", Traffic.uniform(3000, 2), 0.005);
        run(30);
        assertThat(slow.size).isGreaterThan(2 * quick.size);
    }

    /** The tiers in miniature hold everything here, so that equal shares always look better. */
    @Test
    void whereEqualSharesWouldHaveCostLessItGoesBackToThemAndWaits() {
        miniature = entries -> 1_000_000;
        Simulated slow = new Simulated("slow", Traffic.uniform(2500, 1), 0.9);
        new Simulated("quick", Traffic.uniform(2500, 2), 0.1);
        run(15);
        List<Decision<List<Long>>> changes =
                budget.decisions().stream().filter(Decision::changes).toList();
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).to().get(0)).isGreaterThan(2000);
        assertThat(changes.get(1).reason()).startsWith("back to equal shares");
        assertThat(slow.size).isEqualTo(1500);
        run(15);
        assertThat(slow.size).as("later").isEqualTo(1500);
    }

    @Test
    void whatCostsNothingYetCountsAsTheOthersDo() {
        Simulated loaded = new Simulated("loaded", Traffic.uniform(2000, 1), 0.9);
        Simulated restored = new Simulated("restored", Traffic.uniform(2000, 2), 0);
        run(10);
        assertThat(Math.abs(loaded.size - restored.size)).isLessThan(600);
    }
}
