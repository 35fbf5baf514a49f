package io.tinyllm.cache.ttl;

/**
 * The history of every key, in eight bytes: how often it was asked for, when last, and how long that was after
 * the time before.
 *
 * <p>A four-way set-associative table of fixed size; a new key takes the place of one that was seen once, or that was
 * not seen for a horizon, and only where there is none of another; each time of the one unseen for longest in its set.
 * So keys that come by once, however many, do not displace those that return. A false match (one in 2^18 or so) gives a
 * key the history of another, which costs a little accuracy. Not thread-safe.
 */
final class KeyHistory {

    /** The answer of {@link #find} for an unknown key. */
    static final long UNKNOWN = 0;

    private static final int WAYS = 4;
    private static final int TIME_BITS = 35; // more than a year of ticks
    private static final int GAP_BITS = 5;
    private static final int COUNT_BITS = 4;
    private static final int TAG_BITS = 64 - TIME_BITS - GAP_BITS - COUNT_BITS;
    private static final long TIME_MASK = (1L << TIME_BITS) - 1;
    private static final int GAP_MASK = (1 << GAP_BITS) - 1;
    private static final int MAXIMUM_COUNT = (1 << COUNT_BITS) - 1;
    private static final int TICK_SHIFT = 20; // about a millisecond

    private final long[] slots;
    private final int mask;
    private final long origin;
    private final long horizonTicks;
    private final int logHorizon;

    /**
     * Creates an empty table.
     * @param maximumSize how many entries the cache has at most
     * @param horizonNanos what is longer than this makes no difference any more
     * @param originNanos the time now; times before count as this one
     */
    KeyHistory(long maximumSize, long horizonNanos, long originNanos) {
        int sets = BoundedTables.slots(maximumSize) / WAYS;
        this.slots = new long[sets * WAYS];
        this.mask = sets - 1;
        this.origin = originNanos;
        this.horizonTicks = Math.max(1, horizonNanos >>> TICK_SHIFT);
        this.logHorizon = log2(horizonTicks);
    }

    private long tick(long nanos) {
        return (Math.max(0, nanos - origin) >>> TICK_SHIFT) + 1 & TIME_MASK;
    }

    private static int log2(long value) {
        return 63 - Long.numberOfLeadingZeros(value);
    }

    /** The slot of a key, {@link #UNKNOWN} if it is not remembered. */
    long find(long spread) {
        int base = ((int) spread & mask) * WAYS;
        long tag = spread >>> (64 - TAG_BITS);
        for (int i = 0; i < WAYS; i++) {
            long slot = slots[base + i];
            if (slot != 0 && slot >>> (64 - TAG_BITS) == tag) {
                return slot;
            }
        }
        return UNKNOWN;
    }

    /** Returns how often a key was asked for, its last access included; {@value #MAXIMUM_COUNT} if more often. */
    static int count(long slot) {
        return (int) (slot >>> TIME_BITS + GAP_BITS) & MAXIMUM_COUNT;
    }

    /**
     * How long the last access came after the one before, on a scale of powers of two that the horizon is near the end
     * of.
     */
    static int gap(long slot) {
        return (int) (slot >>> TIME_BITS) & GAP_MASK;
    }

    private static long lastTick(long slot) {
        return slot & TIME_MASK;
    }

    /**
     * Remembers an access. A key unseen for longer than the horizon has half of its count forgotten.
     * @return what is remembered of the key from now on
     */
    long record(long spread, long nowNanos) {
        long tick = tick(nowNanos);
        int base = ((int) spread & mask) * WAYS;
        long tag = spread >>> (64 - TAG_BITS);
        int victim = base;
        long most = -1;
        int count = 0;
        int gap = KeyClasses.NO_GAP;
        for (int i = base; i < base + WAYS; i++) {
            long slot = slots[i];
            if (slot != 0 && slot >>> (64 - TAG_BITS) == tag) {
                victim = i;
                long ticks = tick - lastTick(slot) & TIME_MASK;
                count = ticks > horizonTicks ? count(slot) >> 1 : count(slot);
                gap = KeyClasses.gap(log2(Math.max(1, ticks)) - logHorizon);
                break;
            }
            long dispensable = slot == 0 ? Long.MAX_VALUE : dispensable(slot, tick);
            if (dispensable > most) {
                most = dispensable;
                victim = i;
            }
        }
        long counted = Math.min(count + 1, MAXIMUM_COUNT);
        long slot = tag << (64 - TAG_BITS) | counted << TIME_BITS + GAP_BITS | (long) gap << TIME_BITS | tick;
        slots[victim] = slot;
        return slot;
    }

    private long dispensable(long slot, long tick) {
        long unseen = tick - lastTick(slot) & TIME_MASK;
        return count(slot) <= 1 || unseen > horizonTicks ? TIME_MASK + unseen : unseen;
    }

    /** Returns the class of a key by what is remembered of it. */
    static int classOf(long slot) {
        return KeyClasses.of(count(slot), gap(slot));
    }
}
