package io.tinyllm.cache.prefetch;

import org.jspecify.annotations.Nullable;

/**
 * One predicted key between its prediction and the verdict on it. What the loading thread writes is volatile; the rest
 * is the consumer's.
 */
final class Prediction {

    /** How the loading ended. */
    enum End {
        HELD,
        NOTHING,
        UNWANTED,
        CROWDED,
        FAILED
    }

    final Object key;
    final long edge;
    final int kind;
    final boolean tried;

    /** Whose access it was made at, and how far that session and all together had got. */
    final long session;

    final int madeAt;
    final long clock;

    /** Whether it came to be in the oldest eighth of the places of {@link StagedPredictions}. */
    boolean inLastPlaces;

    /** The batch in which the end was noticed, -1 before. */
    long landedIn = -1;

    /**
     * Set by the consumer when nobody is interested any more: skip the load, or remove its result when {@link
     * #unwelcome}.
     */
    volatile boolean abandoned;

    volatile boolean unwelcome;
    volatile long nanos;
    volatile @Nullable End end;

    Prediction(Object key, long edge, int kind, boolean tried, long session, int madeAt, long clock) {
        this.session = session;
        this.madeAt = madeAt;
        this.clock = clock;
        this.key = key;
        this.edge = edge;
        this.kind = kind;
        this.tried = tried;
    }
}
