package io.tinyllm.cache.memory;

import io.tinyllm.cache.core.port.CacheEntry;

/**
 * Tells of which reads the policy of a tier has to hear. Where much is read and little is evicted, an entry stays for
 * so long that one read of it in each {@link CacheEntry#STEP_NANOS} ranks it as well as all of them. Thread-safe;
 * concurrent evictions, and concurrent reads, may be counted as one.
 */
final class Turnover {

    /** Evictions of more than this part of the entries in one step are many. */
    private static final int PART = 256;

    /** So many reads in one step are few: all of them count. */
    static final int FEW = 4_096;

    /** For so long from the beginning on, and after many evictions, every read counts: two seconds. */
    private static final long HELD_NANOS = 16 * CacheEntry.STEP_NANOS;

    private final boolean beginsAtOnce;
    private long step;
    private long evicted;
    private volatile boolean begun;
    private volatile long highUntil;

    /** Written while there are few reads in a step, and then no more, so that readers do not disturb each other. */
    private long readStep;

    private int reads;

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

    /** Returns whether a read now is one of many while little is evicted, and counts it. */
    boolean mayLeaveOut(long now) {
        if (now - highUntil < 0) {
            return false;
        }
        long current = now / CacheEntry.STEP_NANOS;
        if (readStep != current) {
            readStep = current;
            reads = 0;
        }
        return reads >= FEW || ++reads > FEW;
    }
}
