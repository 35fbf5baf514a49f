package io.tinyllm.cache.prefetch;

import java.util.concurrent.CompletableFuture;

/** The cache as the prefetcher sees it. Implementations are thread safe and never wait for the prefetcher. */
public interface PrefetchTarget {

    /** How a prefetch ended; an exception is the third way. */
    enum Result {
        /** The entry was brought up from a lower tier. */
        PROMOTED,
        /** The entry was loaded. */
        LOADED,
        /** Nothing was done: no loader is known for the key, or the key came under way meanwhile. */
        NOTHING
    }

    /** Whether prefetching makes sense at all now: false while the breaker of a tier is open or the heap is short. */
    default boolean available() {
        return true;
    }

    /** Whether a key may be prefetched: false when it is cached, under way, negative, bypassed or dirty. Must not count as a use of it. */
    boolean wanted(Object key);

    /**
     * Brings a key into the memory tier by the cheapest way there is; called on the prefetcher's executor. Counts as no hit, miss or
     * use, and reports no access. The future may fail.
     */
    CompletableFuture<Result> prefetch(Object key);

    /** Removes an entry that was prefetched, if nobody has asked for it or written it since. */
    void discard(Object key);
}
