package io.tinyllm.cache.core.port;

import io.tinyllm.cache.Outcome;

/**
 * The seam between the data plane and whatever watches it. Implementations are thread-safe, never block, never throw,
 * and may lose records: exact figures are the business of {@code CacheCounters}.
 */
public interface AccessRecorder {

    /** Records nothing. */
    static AccessRecorder none() {
        return Absent.RECORDER;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * Records one access.
     * @param key the key
     * @param outcome how it was answered
     * @param nanos how long it took, or -1 where it was not timed
     */
    void record(Object key, Outcome outcome, long nanos);

    /** Returns whether the hit about to be recorded should be timed: one in many, never where nobody watches. */
    boolean samplesHit();
}
