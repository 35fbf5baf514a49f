package io.tinyllm.cache.memory;

/**
 * Tells whether a tier evicts so much that its policy has to hear of every read. Where little is evicted, an entry
 * stays for so long that one read of it in each {@linkplain io.tinyllm.cache.core.port.CacheEntry#wasUsedLately short
 * while} ranks it as well as all of them. A new tier counts as one that evicts much. Thread-safe; concurrent evictions
 * may be counted as one.
 */
final class Turnover {

    /** The time over which evictions are counted, as long as reads of an entry may be left out. */
    private static final int PERIOD_SHIFT = 27;

    /** Evictions of more than this part of the entries in one period are many. */
    private static final int PART = 256;

    /** For so long after many evictions every read counts: sixteen periods, two seconds. */
    private static final long HELD = 16L << PERIOD_SHIFT;

    private long period;
    private long evicted;

    private volatile long highUntil;

    /**
     * Begins to count.
     * @param now the monotonic time in nanoseconds
     */
    Turnover(long now) {
        this.highUntil = now + HELD;
    }

    /**
     * Counts an eviction.
     * @param now the time in nanoseconds
     * @param size how many entries there are
     */
    void evicted(long now, long size) {
        long current = now >> PERIOD_SHIFT;
        if (period != current) {
            period = current;
            evicted = 0;
        }
        if (++evicted > size / PART) {
            highUntil = now + HELD;
        }
    }

    /** Returns whether much is evicted, or was a moment ago. */
    boolean isHigh(long now) {
        return now - highUntil < 0;
    }
}
