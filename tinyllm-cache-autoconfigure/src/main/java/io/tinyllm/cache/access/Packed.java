package io.tinyllm.cache.access;

import io.tinyllm.cache.Outcome;

/** An access without its key, in one number: time, weight of the key, whether it stands for many, outcome. */
final class Packed {

    private static final int OUTCOME_BITS = 4;
    private static final int SAMPLED = 1 << OUTCOME_BITS;
    private static final int WEIGHT_SHIFT = OUTCOME_BITS + 1;
    private static final int WEIGHT_BITS = 6;
    private static final int TIME_SHIFT = WEIGHT_SHIFT + WEIGHT_BITS;

    /** What is longer, some 52 days, counts as this. */
    private static final long LONGEST_NANOS = (1L << Long.SIZE - 1 - TIME_SHIFT) - 2;

    private Packed() {}

    static long of(Outcome outcome, long nanos, boolean sampled, int weight) {
        return Math.min(nanos, LONGEST_NANOS) + 1 << TIME_SHIFT
                | (long) weight << WEIGHT_SHIFT
                | (sampled ? SAMPLED : 0)
                | outcome.ordinal();
    }

    /** The weight of the key, by {@link AccessBytes}. */
    static int weight(long packed) {
        return (int) (packed >> WEIGHT_SHIFT) & (1 << WEIGHT_BITS) - 1;
    }

    static int outcome(long packed) {
        return (int) packed & SAMPLED - 1;
    }

    static boolean isSampled(long packed) {
        return (packed & SAMPLED) != 0;
    }

    static long nanos(long packed) {
        return (packed >> TIME_SHIFT) - 1;
    }
}
