package io.tinyllm.cache.tuning.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.access.Decision;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.Traffic;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class PartitionRebalancerTests {

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private static final LongFunction<MemoryTier> TIERS =
            entries -> new CaffeineMemoryTier(entries, () -> 0, Runnable::run);

    @Test
    void takesFromAScanAndGivesToWhoReuses() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 4000, TIERS, CLOCK);
        feed(rebalancer, 0, Traffic.scan(), 50_000);
        feed(rebalancer, 1, Traffic.uniform(5000, 1), 50_000);
        Decision<List<Long>> division = rebalancer.step(List.of(2000L, 2000L));
        assertThat(division.changes()).isTrue();
        assertThat(division.to()).containsExactly(40L, 3960L);
        assertThat(division.reason()).startsWith("rebalanced: ").contains("points more hits");
    }

    @Test
    void satisfiesALoopWhole() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(3, 3000, TIERS, CLOCK);
        feed(rebalancer, 0, Traffic.loop(1900), 50_000);
        feed(rebalancer, 1, Traffic.scan(), 50_000);
        feed(rebalancer, 2, Traffic.scan(), 50_000);
        assertThat(rebalancer.step(List.of(1000L, 1000L, 1000L)).to().get(0)).isBetween(1900L, 2960L);
    }

    /** Two partitions of the same traffic, one of entries that take three places each. */
    @Test
    void reckonsWithThePlacesThatEntriesTake() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 4000, TIERS, CLOCK);
        feed(rebalancer, 0, Traffic.loop(900), 50_000);
        feed(rebalancer, 1, Traffic.loop(900), 50_000);
        List<Long> to =
                rebalancer.step(List.of(2000L, 2000L), List.of(1.0, 3.0)).to();
        assertThat(to.get(0)).isBetween(900L, 1300L);
        assertThat(to.get(1)).isBetween(2700L, 3100L);
    }

    @Test
    void keepsTheBoundsWhenLittleIsToBeGained() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(2, 2000, TIERS, CLOCK);
        feed(rebalancer, 0, Traffic.uniform(5000, 1), 100_000);
        feed(rebalancer, 1, Traffic.uniform(5000, 2), 100_000);
        Decision<List<Long>> division = rebalancer.step(List.of(1000L, 1000L));
        assertThat(division.changes()).isFalse();
        assertThat(division.reason()).startsWith("kept: the best division would gain 0.");
    }

    @Test
    void dividesExactlyTheTotalAndLeavesNobodyOut() {
        PartitionRebalancer rebalancer = new PartitionRebalancer(40, 12_345, TIERS, CLOCK);
        for (int i = 0; i < 39; i++) {
            feed(rebalancer, i, Traffic.scan(), 500);
        }
        feed(rebalancer, 39, Traffic.uniform(20_000, 1), 100_000);
        List<Long> equal = java.util.stream.LongStream.range(0, 40)
                .mapToObj(i -> 12_345 * (i + 1) / 40 - 12_345 * i / 40)
                .toList();
        List<Long> to = rebalancer.step(equal).to();
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
            bounds = rebalancer.step(bounds).to();
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
            assertThat(rebalancer.step(List.of(50L, 50L)).reason()).contains("too few requests");
        }
        assertThat(rebalancer.divisions()).hasSize(50);
    }

    private static void feed(PartitionRebalancer rebalancer, int partition, IntSupplier traffic, int requests) {
        for (int i = 0; i < requests; i++) {
            rebalancer.record(partition, Traffic.hash(partition * 100_000_000L + traffic.getAsInt()), false);
        }
    }
}
