package io.tinyllm.cache.prefetch;

import java.util.concurrent.CompletableFuture;

/** The cache as the prefetcher sees it. Implementations are thread safe and never wait for the prefetcher. */
public interface PrefetchTarget {

    /** Returns whether prefetching makes sense at all now: false while a tier is not available. */
    default boolean available() {
        return true;
    }

    /**
     * Whether a key may be prefetched: false when it is cached, under way, negative, bypassed or dirty. Must not count
     * as a use of it.
     */
    boolean wanted(Object key);

    /**
     * Brings a key into the memory tier by the cheapest way there is; called on the prefetcher's executor. Counts as no
     * hit, miss or use, and reports no access. The future may fail.
     */
    CompletableFuture<Boolean> prefetch(Object key);

    /** Treats an entry that was prefetched like any other, if it is still there: somebody has asked for its key. */
    default void keep(Object key) {}

    /** Removes an entry that was prefetched, if nobody has asked for it or written it since. */
    void discard(Object key);

    /** Estimates the bytes that a key takes on the heap. */
    long weigh(Object key);

    /** How many entries the memory tier may hold at the moment, prefetched ones included. */
    long maximumSize();
}
