package io.tinyllm.cache.tuning.figures;

import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.MemoryTier;

/**
 * Sums since the start of a cache, of its local tier alone: what another tier answered, a bigger local one would have
 * answered.
 *
 * @param requests reads, without those that remembered failures answered
 * @param hits answers of the local tier
 * @param missing reads that no tier answered
 * @param loads loads that ended
 * @param loadNanos how long these took
 * @param writes entries added, by loads and puts
 * @param evictions entries removed for their number
 * @param expirations entries removed for their age
 */
public record MemoryFigures(
        long requests,
        long hits,
        long missing,
        long loads,
        long loadNanos,
        long writes,
        long evictions,
        long expirations) {

    public static MemoryFigures of(MemoryTier memory, CacheCounters counters) {
        long negative = counters.negativeHits();
        return new MemoryFigures(
                counters.hits() + counters.misses() - negative,
                counters.memoryHits() - negative,
                counters.misses(),
                counters.loads(),
                counters.loadNanos(),
                counters.stores(),
                memory.evictions(),
                memory.expirations());
    }

    /** Returns what happened since an earlier time, to a tier of that size. */
    public SizeObservation since(MemoryFigures before, long size, long entries, double heapOccupancy) {
        return new SizeObservation(
                size,
                entries,
                requests - before.requests,
                hits - before.hits,
                writes - before.writes,
                evictions - before.evictions,
                expirations - before.expirations,
                heapOccupancy);
    }
}
