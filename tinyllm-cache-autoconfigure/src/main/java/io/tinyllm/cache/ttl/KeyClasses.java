package io.tinyllm.cache.ttl;

/**
 * The classes that keys fall into: how often a key was asked for lately, and how long it is since the time before. Immutable.
 */
final class KeyClasses {

    static final int COUNTS = 5;
    static final int GAPS = 19;
    static final int TOTAL = COUNTS * GAPS;

    /** The class of a key that nothing is known of. */
    static final int UNKNOWN = GAPS - 1;

    /** The first class of the keys that were seen most often. */
    static final int OFTEN = (COUNTS - 1) * GAPS;

    private static final int TOP_OF_HORIZON = 15;
    private static final byte[] COUNT_BUCKETS = {0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4};

    private final int logHorizon;

    KeyClasses(long horizonTicks) {
        this.logHorizon = log2(horizonTicks);
    }

    /** The class of a key that is accessed now, from what was remembered of it before. */
    int of(long slot, long tick) {
        if (slot == KeyHistory.UNKNOWN) {
            return UNKNOWN;
        }
        int gap = log2(Math.max(1, tick - KeyHistory.lastTick(slot))) - logHorizon + TOP_OF_HORIZON;
        int count = COUNT_BUCKETS[KeyHistory.count(slot) + 1];
        return count * GAPS + Math.max(0, Math.min(GAPS - 2, gap));
    }

    private static int log2(long value) {
        return 63 - Long.numberOfLeadingZeros(value);
    }
}
