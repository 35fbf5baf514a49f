package io.tinyllm.cache.ttl;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What is remembered of every key, in eight bytes: how often it was asked for and when last.
 *
 * <p>A four-way set-associative table of fixed size; a new key takes the place of the one unseen for longest in its set. One
 * thread records, any thread reads without a lock. A reader that races with the writer sees the older or the newer state of a
 * slot, never a torn one. A false match (one in 2^18 or so) gives a key the history of another, which costs a little accuracy.
 */
final class KeyHistory {

    /** What {@link #find} answers of an unknown key. */
    static final long UNKNOWN = 0;

    private static final int WAYS = 4;
    private static final int TIME_BITS = 40;
    private static final int COUNT_BITS = 4;
    private static final int TAG_BITS = 64 - TIME_BITS - COUNT_BITS;
    private static final long TIME_MASK = (1L << TIME_BITS) - 1;
    private static final int MAXIMUM_COUNT = (1 << COUNT_BITS) - 1;
    private static final int TICK_SHIFT = 20; // about a millisecond

    private final AtomicLongArray slots;
    private final int mask;
    private final long origin;

    /** Creates an empty table for a cache of so many entries; times before the origin count as the origin. */
    KeyHistory(long maximumSize, long originNanos) {
        int sets = BoundedTables.slots(maximumSize) / WAYS;
        this.slots = new AtomicLongArray(sets * WAYS);
        this.mask = sets - 1;
        this.origin = originNanos;
    }

    /** The time in ticks, from 1 on. */
    long tick(long nanos) {
        return (Math.max(0, nanos - origin) >>> TICK_SHIFT) + 1 & TIME_MASK;
    }

    /** A span of time in ticks, at least 1. */
    static long ticksOf(long nanos) {
        return Math.max(1, nanos >>> TICK_SHIFT);
    }

    /** The slot of a key, {@link #UNKNOWN} if it is not remembered. */
    long find(long spread) {
        int base = ((int) spread & mask) * WAYS;
        long tag = spread >>> (64 - TAG_BITS);
        for (int i = 0; i < WAYS; i++) {
            long slot = slots.getOpaque(base + i);
            if (slot != 0 && slot >>> (64 - TAG_BITS) == tag) {
                return slot;
            }
        }
        return UNKNOWN;
    }

    static int count(long slot) {
        return (int) (slot >>> TIME_BITS) & MAXIMUM_COUNT;
    }

    static long lastTick(long slot) {
        return slot & TIME_MASK;
    }

    /** Remembers an access. A key unseen for longer than the horizon has half of its count forgotten. */
    void record(long spread, long tick, long horizonTicks) {
        int base = ((int) spread & mask) * WAYS;
        long tag = spread >>> (64 - TAG_BITS);
        int victim = base;
        long oldest = Long.MAX_VALUE;
        int count = 0;
        for (int i = base; i < base + WAYS; i++) {
            long slot = slots.getPlain(i);
            if (slot != 0 && slot >>> (64 - TAG_BITS) == tag) {
                victim = i;
                count = tick - lastTick(slot) > horizonTicks ? count(slot) >> 1 : count(slot);
                break;
            }
            if (lastTick(slot) < oldest) {
                oldest = lastTick(slot);
                victim = i;
            }
        }
        long counted = Math.min(count + 1, MAXIMUM_COUNT);
        slots.setOpaque(victim, tag << (64 - TAG_BITS) | counted << TIME_BITS | tick);
    }
}
