package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/**
 * Traces the slow things that a cache does: loads, and operations of the shared tier. Hits in memory are not traced.
 * Implementations are thread-safe and never throw.
 */
public interface Tracing {

    /** A load of a value. */
    String LOAD = "load";

    /** Traces nothing. */
    static Tracing none() {
        return Absent.TRACING;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * Begins an operation, as a part of what the calling thread is doing.
     * @param operation {@link #LOAD}, or what the shared tier is told to do
     * @param cacheName the cache
     * @return the span to end
     */
    Span start(String operation, String cacheName);

    /** One traced operation; ended again, it does nothing. */
    interface Span {

        /** Makes what the calling thread does a part of the operation, until the scope is closed. */
        Scope enter();

        /**
         * Ends the operation.
         * @param failure what it failed with, or null
         */
        void end(@Nullable Throwable failure);
    }
}
