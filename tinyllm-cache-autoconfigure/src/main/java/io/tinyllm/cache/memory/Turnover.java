package io.tinyllm.cache.memory;

/**
 * Tells whether a tier evicts so much that its policy has to hear of every read. Where little is evicted, an entry
 * stays for so long that one read of it in each {@linkplain io.tinyllm.cache.core.port.CacheEntry#wasUsedLately short
 * while} ranks it as well as all of them. Thread-safe; concurrent evictions may be counted as one.
 */
final class Turnover {

    /** The time over which evictions are counted, as long as reads of an entry may be left out. */
    private static final int PERIOD_SHIFT = 27;

    /** Evictions of more than this part of the entries in one period are many. */
    private static final int PART = 256;

    /** For so long after many evictions, or after the first, every read counts: sixteen periods, two seconds. */
    private static final long HELD = 16L << PERIOD_SHIFT;

    private long period;
    private long evicted;
    private volatile boolean begun;
    private volatile long highUntil;

    /**
     * Counts an eviction.
     * @param now the monotonic time in nanoseconds
     * @param size how many entries there are
     */
    void evicted(long now, long size) {
        long current = now >> PERIOD_SHIFT;
        if (period != current) {
            period = current;
            evicted = 0;
        }
        if (++evicted > size / PART || !begun) {
            highUntil = now + HELD;
            begun = true;
        }
    }

    /** Returns whether there has been an eviction: until then the policy has nothing to choose. */
    boolean hasBegun() {
        return begun;
    }

    /** Returns whether much is evicted, or was a moment ago. */
    boolean isHigh(long now) {
        return now - highUntil < 0;
    }
}
