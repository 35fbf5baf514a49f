package io.tinyllm.cache.access;

import io.tinyllm.cache.Outcome;

/** An access without its key, in one number: its time, whether it stands for many, its outcome. */
final class Packed {

    private static final int OUTCOME_BITS = 4;
    private static final int SAMPLED = 1 << OUTCOME_BITS;
    private static final int TIME_SHIFT = OUTCOME_BITS + 1;

    private Packed() {}

    static long of(Outcome outcome, long nanos, boolean sampled) {
        return nanos + 1 << TIME_SHIFT | (sampled ? SAMPLED : 0) | outcome.ordinal();
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
