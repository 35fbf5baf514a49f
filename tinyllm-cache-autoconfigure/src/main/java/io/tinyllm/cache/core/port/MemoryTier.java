package io.tinyllm.cache.core.port;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The local tier: entries of this JVM, bounded by number and, where it weighs them, by the
 * estimated bytes of their values. Implementations are thread-safe, drop an entry some time
 * after it is older than its {@link CacheEntry#keepNanos()}, and never call back into the cache, which looks at the age
 * of what it gets.
 */
public interface MemoryTier {

    /** A tier that holds nothing. */
    static MemoryTier none() {
        return Absent.MEMORY;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /** The entry of a key, which counts as a use of it, or null. */
    @Nullable
    CacheEntry get(Object key);

    /** Counts a hit of a key whose entry {@link #getIfPresent} has found, where hits are counted. */
    default void countHit(Object key) {}

    /** As {@link #get}, but counts nothing. Whoever serves what it finds calls {@link #countHit}. */
    default @Nullable CacheEntry getIfPresent(Object key) {
        return get(key);
    }

    /** The entry of a key without any effect on eviction, or null. */
    @Nullable
    CacheEntry peek(Object key);

    /** Stores an entry in place of any other. */
    void put(Object key, CacheEntry entry);

    /** Stores an entry in place of a certain other, and not where that has gone meanwhile. Atomic. */
    void replace(Object key, CacheEntry former, CacheEntry entry);

    /** Removes the entry of a key and returns it, or null where there was none. */
    @Nullable
    CacheEntry remove(Object key);

    /**
     * Drops an entry that is of no use any more, unless another has taken its place: it is too old, has been idle for
     * too long, or was evicted by a tag.
     */
    void expire(Object key, CacheEntry entry);

    /** Removes every entry. */
    void clear();

    /** About how many entries there are. */
    long size();

    /** How many entries were dropped to keep the bound. */
    long evictions();

    /** How many entries were dropped as of no use any more, as far as the tier has noticed. */
    default long expirations() {
        return 0;
    }

    /** The bound, in entries. */
    long maximumSize();

    /**
     * Changes the bound; what is above it is evicted. Where values are weighed, the bound of their bytes changes in
     * proportion.
     */
    void resize(long maximumSize);

    /** Returns whether the values are weighed, so that their bytes are bounded too. */
    default boolean isWeighed() {
        return false;
    }

    /** The bound of the estimated bytes of all values, {@link Long#MAX_VALUE} where they are not weighed. */
    default long maximumWeight() {
        return Long.MAX_VALUE;
    }

    /**
     * The part of that bound that the entries take, 0 where they are not weighed: the estimated bytes of their values,
     * but each at least its part of the bound by number.
     */
    default long weight() {
        return 0;
    }

    /**
     * Changes the bound of the bytes, and no other; what is above it is evicted. Without effect where values are not
     * weighed.
     */
    default void resizeWeight(long maximumWeight) {}

    /** How many of its {@link #maximumSize()} places an entry would take: one where values are not weighed. */
    default long places(CacheEntry entry) {
        return 1;
    }

    /**
     * Visits the entries, most used first as far as the tier knows, weakly consistently and without blocking others.
     */
    void forEach(BiConsumer<Object, CacheEntry> visitor);

    /** Visits the entries in no order, weakly consistently, without any lock and without effect on eviction. */
    default void scan(BiConsumer<Object, CacheEntry> visitor) {
        forEach(visitor);
    }

    /** Returns whether the entry of a key waits for somebody to ask for it. */
    default boolean isStaged(Object key) {
        return false;
    }

    /** Shows every key whose entry waits for somebody to ask for it. */
    default void forEachStaged(Consumer<Object> visitor) {}

    /** Figures of each partition, empty where the tier has none. */
    default List<PartitionStatistics> partitions() {
        return List.of();
    }

    /**
     * Figures of one partition.
     * @param id its name
     * @param size entries held
     * @param maximumSize its bound
     * @param hits reads that found an entry
     * @param misses reads that found none
     * @param evictions entries dropped to keep the bound
     */
    record PartitionStatistics(String id, long size, long maximumSize, long hits, long misses, long evictions) {}
}
