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

    /** Returns how the hit that begins now is to be recorded. */
    Recording hitRecording();

    /** How an access is recorded. */
    enum Recording {

        /** Not at all: nobody watches, or there is no room for it. */
        LEFT_OUT,

        /** Without the time that it took. */
        UNTIMED,

        /** With the time that it took, as one in many is. */
        TIMED
    }
}
