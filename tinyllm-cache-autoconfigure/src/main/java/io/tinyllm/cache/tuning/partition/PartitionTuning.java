package io.tinyllm.cache.tuning.partition;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.access.tuner.Tuner;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.MemoryTier.PartitionStatistics;
import io.tinyllm.cache.tuning.SizeTuner;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Moves entries between the partitions of one cache, to where they are used most. Thread-safe. */
public final class PartitionTuning implements Tuner {

    private final PartitionRebalancer rebalancer;
    private final ToIntFunction<Object> partitionOf;
    private final Supplier<List<PartitionStatistics>> partitions;
    private final Supplier<List<Double>> places;
    private final Consumer<List<Long>> divide;
    private final Duration interval;
    private final Clock clock;
    private Instant started;

    /**
     * Creates a tuner.
     * @param partitionOf the partition of a key, from 0 up
     * @param partitions the figures of each partition, its bound in places
     * @param places how many places an entry takes in each of them, on average
     * @param divide sets the bound of each partition
     * @param tiers makes an empty tier of so many entries, with the eviction of a partition
     * @param interval the time between decisions
     * @param clock the time
     */
    public PartitionTuning(
            ToIntFunction<Object> partitionOf,
            Supplier<List<PartitionStatistics>> partitions,
            Supplier<List<Double>> places,
            Consumer<List<Long>> divide,
            LongFunction<MemoryTier> tiers,
            Duration interval,
            Clock clock) {
        List<Long> initial = bounds(partitions.get());
        long total = initial.stream().mapToLong(Long::longValue).sum();
        this.rebalancer = new PartitionRebalancer(initial.size(), Math.max(total, initial.size()), tiers, clock);
        this.partitionOf = partitionOf;
        this.partitions = partitions;
        this.places = places;
        this.divide = divide;
        this.interval = interval;
        this.clock = clock;
        this.started = clock.instant();
    }

    private static List<Long> bounds(List<PartitionStatistics> partitions) {
        return partitions.stream().map(PartitionStatistics::maximumSize).toList();
    }

    @Override
    public synchronized void onAccesses(AccessBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Outcome outcome = batch.outcome(i);
            if (batch.isLookup(i)) {
                rebalancer.record(
                        partitionOf.applyAsInt(batch.key(i)),
                        batch.hash(i),
                        outcome == Outcome.MEMORY_HIT || outcome == Outcome.STALE_HIT);
            } else if (outcome == Outcome.EVICT) {
                rebalancer.remove(partitionOf.applyAsInt(batch.key(i)), batch.hash(i));
            }
        }
    }

    @Override
    public synchronized void stepIfDue() {
        if (rebalancer.requests() >= SizeTuner.MINIMUM_REQUESTS
                && !clock.instant().isBefore(started.plus(interval))) {
            stepNow();
        }
    }

    @Override
    public synchronized void stepNow() {
        started = clock.instant();
        List<PartitionStatistics> now = partitions.get();
        Decision<List<Long>> division = rebalancer.step(
                bounds(now), now.stream().map(PartitionStatistics::size).toList(), places.get());
        if (division.changes()) {
            divide.accept(division.to());
        }
    }

    /** Returns the decisions, oldest first. */
    public synchronized Report report() {
        return new Report(rebalancer.divisions());
    }

    /**
     * The state of the rebalancing.
     * @param decisions the last decisions, oldest first
     */
    public record Report(List<Decision<List<Long>>> decisions) {}
}
