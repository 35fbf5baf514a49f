package io.tinyllm.cache.ttl;

/**
 * The classes that keys fall into: how often a key was asked for lately, and how long after the time before it was
 * last.
 */
final class KeyClasses {

    static final int COUNTS = 5;
    static final int GAPS = 19;
    static final int TOTAL = COUNTS * GAPS;

    /** The gap of a key that was asked for once. */
    static final int NO_GAP = GAPS - 1;

    /** The class of a key that was asked for once. */
    static final int ONCE = NO_GAP;

    /** The first class of the keys that were seen most often. */
    static final int OFTEN = (COUNTS - 1) * GAPS;

    private static final int GAP_OF_HORIZON = 15;
    private static final byte[] COUNT_BUCKETS = {0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4};

    private KeyClasses() {}

    /** Returns the class of a key by how often it was seen and the gap before it was seen last. */
    static int of(int count, int gap) {
        return COUNT_BUCKETS[count] * GAPS + gap;
    }

    /** The gap of a key by the logarithm of its length, less that of the horizon. */
    static int gap(int logOfHorizon) {
        return Math.max(0, Math.min(NO_GAP - 1, logOfHorizon + GAP_OF_HORIZON));
    }
}
