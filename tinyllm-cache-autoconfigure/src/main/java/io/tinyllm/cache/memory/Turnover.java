package io.tinyllm.cache.memory;

import io.tinyllm.cache.core.port.CacheEntry;

/**
 * Tells whether a tier evicts so much that its policy has to hear of every read. Where little is evicted, an entry
 * stays for so long that one read of it in each {@link CacheEntry#STEP_NANOS} ranks it as well as all of them.
 * Thread-safe; concurrent evictions may be counted as one.
 */
final class Turnover {

    /** Evictions of more than this part of the entries in one step are many. */
    private static final int PART = 256;

    /** For so long from the beginning on, and after many evictions, every read counts: two seconds. */
    private static final long HELD_NANOS = 16 * CacheEntry.STEP_NANOS;

    private final boolean beginsAtOnce;
    private long step;
    private long evicted;
    private volatile boolean begun;
    private volatile long highUntil;

    /**
     * Creates the figures of an empty tier.
     * @param now the monotonic time in nanoseconds
     * @param beginsAtOnce whether reads cost something to note even where nothing has been evicted
     */
    Turnover(long now, boolean beginsAtOnce) {
        this.beginsAtOnce = beginsAtOnce;
        restart(now);
    }

    /** Begins anew: the tier is empty, and its policy knows nothing. */
    void restart(long now) {
        evicted = 0;
        highUntil = now + HELD_NANOS;
        begun = beginsAtOnce;
    }

    /**
     * Counts an eviction.
     * @param now the monotonic time in nanoseconds
     * @param size how many entries there are
     */
    void evicted(long now, long size) {
        long current = now / CacheEntry.STEP_NANOS;
        if (step != current) {
            step = current;
            evicted = 0;
        }
        if (++evicted > size / PART || !begun) {
            highUntil = now + HELD_NANOS;
            begun = true;
        }
    }

    /** Returns false as long as every read counts because nothing has been evicted yet. */
    boolean hasBegun() {
        return begun;
    }

    /** Returns whether much is evicted, or was a moment ago. */
    boolean isHigh(long now) {
        return now - highUntil < 0;
    }
}
