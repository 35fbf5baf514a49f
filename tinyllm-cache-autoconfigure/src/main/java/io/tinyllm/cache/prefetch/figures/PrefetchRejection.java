package io.tinyllm.cache.prefetch.figures;

/** Why a prediction was not acted on. */
public enum PrefetchRejection {
    /** The key is cached, under way, negative, bypassed or dirty. */
    UNWANTED,
    /** Predictions like this one have been wrong too often. */
    IMPRECISE,
    /**
     * Newer predictions needed its place in the queue, all places for what is prefetched were taken, or there was too
     * much else to do.
     */
    OVERFLOW,
    /** A tier is not available. */
    UNAVAILABLE,
    /** Prefetches have failed one after the other. */
    FAILING,
    /** There is no way to load the key. */
    UNLOADABLE
}
