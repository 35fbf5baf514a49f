package io.tinyllm.cache.assembly;

import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.access.tuner.Tuner;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.PartitionedMemoryTier;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.ttl.TtlTuning;
import io.tinyllm.cache.tuning.SizeTuning;
import io.tinyllm.cache.tuning.partition.PartitionTuning;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tuners of one cache, and its prefetcher. Thread-safe.
 *
 * @param size tunes the size of the local tier, null where it is fixed
 * @param partitions tunes the bounds of its partitions, null where they are fixed
 * @param timeToLive tunes the time-to-live of its entries, null where it is fixed
 * @param prefetch brings in keys before anybody asks for them, null where nothing does
 */
public record CacheTuning(
        @Nullable SizeTuning size,
        @Nullable PartitionTuning partitions,
        @Nullable TtlTuning timeToLive,
        @Nullable Prefetcher prefetch) {

    /**
     * Creates the tuners of a cache.
     * @param definition the cache
     * @param tier its local tier, without an area for prefetched entries
     * @param memory the same with that area, where there is one
     * @param counters its counters
     * @param prefetcher its prefetcher, if it has one
     * @param miniatures makes an empty tier of so many entries, with the eviction of the cache
     * @param governed whether a budget sets its size
     * @param ticker the monotonic time in nanoseconds
     */
    static CacheTuning of(
            CacheDefinition definition,
            MemoryTier tier,
            MemoryTier memory,
            CacheCounters counters,
            @Nullable Prefetcher prefetcher,
            LongFunction<MemoryTier> miniatures,
            boolean governed,
            LongSupplier ticker) {
        Clock clock = Clock.systemUTC();
        return new CacheTuning(
                governed ? null : SizeTuning.of(definition, memory, counters, clock),
                partitions(definition, tier, miniatures, clock),
                TtlTuning.of(definition, memory, ticker, clock),
                prefetcher);
    }

    private static @Nullable PartitionTuning partitions(
            CacheDefinition definition, MemoryTier tier, LongFunction<MemoryTier> miniatures, Clock clock) {
        return definition.settings().getMemory().getPartitions().isRebalance()
                        && tier instanceof PartitionedMemoryTier parted
                ? new PartitionTuning(
                        parted::partitionOf,
                        parted::partitions,
                        parted::meanPlaces,
                        parted::divide,
                        miniatures,
                        definition.settings().getSizeTuner().getInterval(),
                        clock)
                : null;
    }

    private List<Tuner> tuners() {
        return Stream.<@Nullable Tuner>of(size, partitions, timeToLive)
                .filter(Objects::nonNull)
                .<Tuner>map(Objects::requireNonNull)
                .toList();
    }

    /** Returns everything that learns from the accesses. */
    List<AccessConsumer> consumers() {
        List<AccessConsumer> consumers = new ArrayList<>(tuners());
        if (prefetch != null) {
            consumers.add(prefetch);
        }
        return consumers;
    }

    void stepIfDue() {
        tuners().forEach(Tuner::stepIfDue);
    }

    /** Makes every tuner decide now. */
    public void stepNow() {
        tuners().forEach(Tuner::stepNow);
    }

    /** Begins no more prefetches, until told otherwise. */
    void stopPrefetching() {
        if (prefetch != null) {
            prefetch.close();
        }
    }

    /** Begins prefetches again. */
    void resumePrefetching() {
        if (prefetch != null) {
            prefetch.reopen();
        }
    }
}
