package io.tinyllm.cache.tuning.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.Traffic;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class PartitionRebalancerTests {

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private static final List<Double> NOT_WEIGHED = List.of();

    private static final LongFunction<MemoryTier> TIERS =
            entries -> new CaffeineMemoryTier(entries, () -> 0, Runnable::run);

    @Test
    void takesFromAScanAndGivesToWhoReuses() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 4000, TIERS, CLOCK);
        Decision<List<Long>> division =
                thirdOf(rebalancer, List.of(2000L, 2000L), NOT_WEIGHED, Traffic.scan(), Traffic.uniform(5000, 1));
        assertThat(division.changes()).isTrue();
        assertThat(division.to()).containsExactly(40L, 3960L);
        assertThat(division.reason())
                .matches("rebalanced: partition 1 gets 1960 entries more: some 1\\d\\.\\d points more hits, "
                        + "costs partition 0 some 0\\.0");
    }

    @Test
    void satisfiesALoopWhole() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(3, 3000, TIERS, CLOCK);
        Decision<List<Long>> division = thirdOf(
                rebalancer,
                List.of(1000L, 1000L, 1000L),
                NOT_WEIGHED,
                Traffic.loop(1900),
                Traffic.scan(),
                Traffic.scan());
        assertThat(division.to().get(0)).isBetween(1900L, 2960L);
    }

    /** Two partitions of the same traffic, one of entries that take three places each. */
    @Test
    void reckonsWithThePlacesThatEntriesTake() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 4000, TIERS, CLOCK);
        List<Long> to = thirdOf(
                        rebalancer, List.of(2000L, 2000L), List.of(1.0, 3.0), Traffic.loop(900), Traffic.loop(900))
                .to();
        assertThat(to.get(0)).isBetween(900L, 1300L);
        assertThat(to.get(1)).isBetween(2700L, 3100L);
    }

    @Test
    void keepsTheBoundsWhenLittleIsToBeGained() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 2000, TIERS, CLOCK);
        Decision<List<Long>> division = thirdOf(
                rebalancer, List.of(1000L, 1000L), NOT_WEIGHED, Traffic.uniform(5000, 1), Traffic.uniform(5000, 2));
        assertThat(division.changes()).isFalse();
        assertThat(division.reason()).startsWith("kept: the best division would gain 0.");
    }

    @Test
    void dividesExactlyTheTotalAndLeavesNobodyOut() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(40, 12_345, TIERS, CLOCK);
        List<Long> equal = java.util.stream.LongStream.range(0, 40)
                .mapToObj(i -> 12_345 * (i + 1) / 40 - 12_345 * i / 40)
                .toList();
        IntSupplier[] traffic = new IntSupplier[40];
        Arrays.setAll(traffic, i -> i < 39 ? Traffic.scan() : Traffic.uniform(20_000, 1));
        List<Long> to = equal;
        for (int interval = 0; interval < 3; interval++) {
            for (int i = 0; i < 40; i++) {
                feed(rebalancer, i, traffic[i], i < 39 ? 500 : 100_000);
            }
            to = step(rebalancer, equal).to();
        }
        assertThat(to).allMatch(size -> size >= 1);
        assertThat(to.stream().mapToLong(Long::longValue).sum()).isEqualTo(12_345);
        assertThat(to.get(39)).isGreaterThan(6000);
    }

    /** The tiers in miniature hold everything here, and the partitions answer nothing. */
    @Test
    void takesADivisionBackThatHitLessThanEqualBoundsAndAsksMoreOfTheNext() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(
                2, 4000, entries -> new CaffeineMemoryTier(1_000_000, () -> 0, Runnable::run), CLOCK);
        IntSupplier scan = Traffic.scan();
        IntSupplier uniform = Traffic.uniform(5000, 1);
        List<Long> bounds = List.of(2000L, 2000L);
        for (int i = 0; i < 12; i++) {
            feed(rebalancer, 0, scan, 10_000);
            feed(rebalancer, 1, uniform, 10_000);
            bounds = step(rebalancer, bounds).to();
        }
        List<Decision<List<Long>>> changes =
                rebalancer.divisions().stream().filter(Decision::changes).toList();
        assertThat(changes).hasSize(2);
        assertThat(changes.get(1).reason()).startsWith("back to equal bounds: ").contains("promised");
        assertThat(bounds).containsExactly(2000L, 2000L);
        assertThat(rebalancer.divisions().get(11).reason()).startsWith("kept: ").contains("less than they promised");
    }

    @Test
    void decidesNothingOnTooFewRequestsAndKeepsItsDecisionsBounded() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 100, TIERS, CLOCK);
        for (int i = 0; i < 60; i++) {
            assertThat(step(rebalancer, List.of(50L, 50L)).reason()).contains("too few requests");
        }
        assertThat(rebalancer.divisions()).hasSize(50);
    }

    /** As when a size tuner, or a person, resizes the cache while it runs. */
    @Test
    void dividesWhateverTheTotalIsByNow() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 4000, TIERS, CLOCK);
        thirdOf(rebalancer, List.of(2000L, 2000L), NOT_WEIGHED, Traffic.scan(), Traffic.uniform(5000, 1));
        IntSupplier scan = Traffic.scan();
        IntSupplier reused = Traffic.uniform(5000, 2);
        for (long total : new long[] {1000, 6001, 2, 1, 0, 6001}) {
            List<Long> bounds = List.of(total - total / 2, total / 2);
            for (int i = 0; i < 3; i++) {
                feed(rebalancer, 0, scan, 5000);
                feed(rebalancer, 1, reused, 5000);
                bounds = step(rebalancer, bounds).to();
                assertThat(bounds.stream().mapToLong(Long::longValue).sum()).isEqualTo(total);
                assertThat(bounds).allMatch(bound -> bound >= total / 100);
            }
        }
        Decision<List<Long>> last =
                rebalancer.divisions().get(rebalancer.divisions().size() - 1);
        assertThat(last.to().get(1)).as("of 6001 in the end").isGreaterThan(5000);
    }

    private static Decision<List<Long>> step(PartitionRebalancer rebalancer, List<Long> bounds) {
        return rebalancer.step(bounds, Collections.nCopies(bounds.size(), 0L));
    }

    /** The third decision on so much traffic an interval: before it nothing is divided. */
    private static Decision<List<Long>> thirdOf(
            PartitionRebalancer rebalancer, List<Long> bounds, List<Double> places, IntSupplier... traffic) {
        List<Long> entries = Collections.nCopies(bounds.size(), 0L);
        for (int interval = 0; ; interval++) {
            for (int i = 0; i < traffic.length; i++) {
                feed(rebalancer, i, traffic[i], 20_000);
            }
            Decision<List<Long>> decision =
                    places.isEmpty() ? rebalancer.step(bounds, entries) : rebalancer.step(bounds, entries, places);
            if (interval == 2) {
                return decision;
            }
            assertThat(decision.reason()).isEqualTo("kept: too little has been seen");
        }
    }

    private static void feed(PartitionRebalancer rebalancer, int partition, IntSupplier traffic, int requests) {
        for (int i = 0; i < requests; i++) {
            rebalancer.record(partition, Traffic.hash(partition * 100_000_000L + traffic.getAsInt()), false);
        }
    }
}
