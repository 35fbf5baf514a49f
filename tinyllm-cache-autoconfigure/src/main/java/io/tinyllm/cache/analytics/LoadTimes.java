package io.tinyllm.cache.analytics;

import org.jspecify.annotations.Nullable;

/**
 * How long the latest load of a key took, for as many keys as there are places: a key that falls on the place of
 * another takes it. Not thread-safe.
 */
final class LoadTimes {

    static final int PLACES = 4096;

    private final long[] hashes = new long[PLACES];

    /** Microseconds, and one more, since zero is an empty place. */
    private final int[] micros = new int[PLACES];

    /** Records a load of the key with a hash. */
    void record(long hash, long nanos) {
        int place = place(hash);
        hashes[place] = hash;
        micros[place] = (int) Math.min(Integer.MAX_VALUE - 1, Math.max(0, nanos / 1000)) + 1;
    }

    /** Returns how long the latest load took in milliseconds, null where that is not known. */
    @Nullable
    Double millis(long hash) {
        int place = place(hash);
        return micros[place] == 0 || hashes[place] != hash ? null : (Double) ((micros[place] - 1) / 1000.0);
    }

    private static int place(long hash) {
        return (int) (hash >>> 16) & (PLACES - 1);
    }
}
