package io.tinyllm.cache.memory;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A local tier divided into partitions, each a tier of its own with its own bound, eviction and figures: what happens
 * in one evicts nothing of another. Thread-safe.
 */
public final class PartitionedMemoryTier implements MemoryTier {

    private final MemoryTier[] partitions;
    private final LongAdder[] hits;
    private final LongAdder[] misses;
    private final ToIntFunction<Object> partitionOf;

    /** Whether a key may have another partition than it had: all of them are asked to forget it. */
    private final boolean fickle;

    /** The parts of the whole that the partitions have. Guarded by this. */
    private final long[] weights;

    /**
     * Creates empty partitions, whose bounds add up to the whole.
     * @param count how many
     * @param maximumSize the bound of the whole, in entries
     * @param partitionOf the partition of a key, from 0 to {@code count - 1}
     * @param tiers makes a tier of a bound
     */
    public PartitionedMemoryTier(
            int count, long maximumSize, ToIntFunction<Object> partitionOf, LongFunction<MemoryTier> tiers) {
        this(count, maximumSize, partitionOf, true, tiers);
    }

    /**
     * Creates empty partitions, whose bounds add up to the whole.
     * @param count how many
     * @param maximumSize the bound of the whole, in entries
     * @param partitionOf the partition of a key, from 0 to {@code count - 1}
     * @param fickle whether the partition of a key may change, as where the application says it
     * @param tiers makes a tier of a bound
     */
    public PartitionedMemoryTier(
            int count,
            long maximumSize,
            ToIntFunction<Object> partitionOf,
            boolean fickle,
            LongFunction<MemoryTier> tiers) {
        this.fickle = fickle;
        this.partitions = new MemoryTier[count];
        this.hits = new LongAdder[count];
        this.misses = new LongAdder[count];
        this.partitionOf = partitionOf;
        this.weights = new long[count];
        Arrays.fill(weights, 1);
        for (int i = 0; i < count; i++) {
            partitions[i] = tiers.apply(share(maximumSize, i, count));
            hits[i] = new LongAdder();
            misses[i] = new LongAdder();
        }
    }

    private static long share(long total, int index, int count) {
        return total / count + (index < total % count ? 1 : 0);
    }

    @Override
    public @Nullable CacheEntry get(Object key) {
        int partition = partitionOf.applyAsInt(key);
        CacheEntry entry = partitions[partition].get(key);
        (entry == null ? misses : hits)[partition].increment();
        return entry;
    }

    @Override
    public @Nullable CacheEntry getIfPresent(Object key) {
        return partition(key).getIfPresent(key);
    }

    @Override
    public void countHit(Object key) {
        hits[partitionOf.applyAsInt(key)].increment();
    }

    @Override
    public @Nullable CacheEntry peek(Object key) {
        return partition(key).peek(key);
    }

    @Override
    public void put(Object key, CacheEntry entry) {
        MemoryTier own = partition(key);
        own.put(key, entry);
        if (fickle) {
            removeFromOthers(key, own);
        }
    }

    @Override
    public void replace(Object key, CacheEntry former, CacheEntry entry) {
        partition(key).replace(key, former, entry);
    }

    @Override
    public @Nullable CacheEntry remove(Object key) {
        MemoryTier own = partition(key);
        CacheEntry removed = own.remove(key);
        CacheEntry elsewhere = fickle ? removeFromOthers(key, own) : null;
        return removed != null ? removed : elsewhere;
    }

    private @Nullable CacheEntry removeFromOthers(Object key, MemoryTier own) {
        CacheEntry removed = null;
        for (MemoryTier partition : partitions) {
            CacheEntry entry = partition == own ? null : partition.remove(key);
            removed = entry == null ? removed : entry;
        }
        return removed;
    }

    @Override
    public void expire(Object key, CacheEntry entry) {
        partition(key).expire(key, entry);
    }

    @Override
    public void clear() {
        for (MemoryTier partition : partitions) {
            partition.clear();
        }
    }

    @Override
    public long size() {
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.size();
        }
        return sum;
    }

    @Override
    public long evictions() {
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.evictions();
        }
        return sum;
    }

    @Override
    public long maximumSize() {
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.maximumSize();
        }
        return sum;
    }

    /**
     * Changes the bound of the whole; every partition keeps its part of it. Partitions that shrink do so before others
     * grow, so that the sum is never more than the larger of the whole before and after.
     */
    @Override
    public synchronized void resize(long maximumSize) {
        long whole = Math.max(1, LongStream.of(weights).sum());
        long[] bounds = new long[partitions.length];
        long left = maximumSize;
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = maximumSize / whole * weights[i] + maximumSize % whole * weights[i] / whole;
            left -= bounds[i];
        }
        boolean[] grows = new boolean[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            // What rounding has left is less than one each.
            bounds[i] += i < left ? 1 : 0;
            grows[i] = bounds[i] > partitions[i].maximumSize();
            if (!grows[i]) {
                partitions[i].resize(bounds[i]);
            }
        }
        for (int i = 0; i < bounds.length; i++) {
            if (grows[i]) {
                partitions[i].resize(bounds[i]);
            }
        }
    }

    @Override
    public boolean isWeighed() {
        return partitions[0].isWeighed();
    }

    @Override
    public long maximumWeight() {
        if (!isWeighed()) {
            return Long.MAX_VALUE;
        }
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.maximumWeight();
        }
        return sum;
    }

    @Override
    public long weight() {
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.weight();
        }
        return sum;
    }

    /** Changes the bound of the bytes of the whole; every partition keeps its part of it. */
    @Override
    public synchronized void resizeWeight(long maximumWeight) {
        double each = (double) maximumWeight / Math.max(1, maximumSize());
        for (MemoryTier partition : partitions) {
            partition.resizeWeight((long) (each * partition.maximumSize()));
        }
    }

    @Override
    public long places(CacheEntry entry) {
        return partitions[0].places(entry);
    }

    /** How many places an entry takes in each partition, on average: one where values are not weighed. */
    public List<Double> meanPlaces() {
        double place = (double) maximumWeight() / Math.max(1, maximumSize());
        List<Double> means = new ArrayList<>(partitions.length);
        for (MemoryTier partition : partitions) {
            long size = partition.size();
            means.add(size == 0 || !isWeighed() ? 1 : Math.max(1, partition.weight() / (size * place)));
        }
        return means;
    }

    /**
     * Divides the whole, as large as it is now, anew.
     * @param bounds the bound of each partition, if the whole is what they add up to; else their proportion
     */
    public synchronized void divide(List<Long> bounds) {
        long whole = maximumSize();
        for (int i = 0; i < partitions.length; i++) {
            weights[i] = bounds.get(i);
        }
        resize(whole);
    }

    /** The partition of a key. */
    public int partitionOf(Object key) {
        return partitionOf.applyAsInt(key);
    }

    @Override
    public void forEach(BiConsumer<Object, CacheEntry> visitor) {
        for (MemoryTier partition : partitions) {
            partition.forEach(visitor);
        }
    }

    @Override
    public void scan(BiConsumer<Object, CacheEntry> visitor) {
        for (MemoryTier partition : partitions) {
            partition.scan(visitor);
        }
    }

    @Override
    public long expirations() {
        long sum = 0;
        for (MemoryTier partition : partitions) {
            sum += partition.expirations();
        }
        return sum;
    }

    @Override
    public List<PartitionStatistics> partitions() {
        List<PartitionStatistics> statistics = new ArrayList<>(partitions.length);
        for (int i = 0; i < partitions.length; i++) {
            MemoryTier partition = partitions[i];
            statistics.add(new PartitionStatistics(
                    Integer.toString(i),
                    partition.size(),
                    partition.maximumSize(),
                    hits[i].sum(),
                    misses[i].sum(),
                    partition.evictions()));
        }
        return statistics;
    }

    private MemoryTier partition(Object key) {
        return partitions[partitionOf.applyAsInt(key)];
    }
}
