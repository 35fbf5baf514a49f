package io.tinyllm.cache.core;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The seam to what traces the slow things that a cache does: loads, and operations of the shared tier. Hits in memory are not
 * traced. Implementations are thread-safe and never throw.
 */
@FunctionalInterface
public interface Tracing {

    /** A load of a value. */
    String LOAD = "load";

    /** Traces nothing. */
    static Tracing none() {
        return NoTracing.INSTANCE;
    }

    /**
     * Begins an operation, as a part of what the calling thread is doing.
     * @param operation {@link #LOAD}, or what the shared tier is told to do
     * @param cacheName the cache
     * @return what to end
     */
    Span start(String operation, String cacheName);

    /**
     * Traces a load on the calling thread.
     * @param cacheName the cache
     * @param load the load
     * @return what it returns
     * @throws Exception what it throws
     */
    default <T extends @Nullable Object> T load(String cacheName, Callable<? extends T> load) throws Exception {
        if (this == none()) {
            return load.call();
        }
        Span span = start(LOAD, cacheName);
        Throwable thrown = null;
        try (Scope scope = span.enter()) {
            return load.call();
        } catch (Throwable e) {
            thrown = e;
            throw e;
        } finally {
            span.end(thrown);
        }
    }

    /**
     * Traces an operation that ends later.
     * @param operation the operation
     * @param cacheName the cache
     * @param begin begins it on the calling thread
     * @return what it answers
     */
    default <F extends @Nullable CompletableFuture<?>> F trace(String operation, String cacheName, Supplier<F> begin) {
        if (this == none()) {
            return begin.get();
        }
        Span span = start(operation, cacheName);
        F future;
        try (Scope scope = span.enter()) {
            future = begin.get();
        } catch (Throwable e) {
            span.end(e);
            throw e;
        }
        if (future == null) {
            span.end(null);
        } else {
            future.whenComplete((value, failure) -> span.end(failure == null ? null : Failures.unwrap(failure)));
        }
        return future;
    }

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

    /** What a thread does as part of an operation. */
    interface Scope extends AutoCloseable {

        @Override
        void close();
    }
}
