package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.core.port.Scope;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Says whose access it is that the calling thread makes, by a number. Thread safe, never fails. */
public final class Sessions implements LongSupplier {

    /** Of accesses that prefetches make: they follow nobody, and nothing is to be learnt from them. */
    static final long NOBODY = Long.MIN_VALUE;

    /** Tells sessions that the application names from threads. */
    private static final long NAMED = 1L << 62;

    private static final ThreadLocal<Boolean> PREFETCHING = ThreadLocal.withInitial(() -> false);

    /** The session of the chain of asynchronous steps that the thread is in. */
    private static final ThreadLocal<@Nullable Object> OF_CHAIN = new ThreadLocal<>();

    private final @Nullable SessionResolver resolver;
    private final Runnable onError;

    /**
     * Creates it.
     * @param resolver whose accesses follow each other, or null for those of a thread
     * @param onError runs when the resolver fails; the access is then one of its thread
     */
    public Sessions(@Nullable SessionResolver resolver, Runnable onError) {
        this.resolver = resolver;
        this.onError = onError;
    }

    @Override
    public long getAsLong() {
        if (PREFETCHING.get()) {
            return NOBODY;
        }
        if (resolver != null) {
            // What the resolver itself asks caches for follows nobody.
            PREFETCHING.set(true);
            try {
                Object session = resolver.currentSession();
                if (session != null) {
                    return NAMED | session.hashCode() & 0xFFFF_FFFFL;
                }
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                onError.run();
            } finally {
                PREFETCHING.set(false);
            }
        }
        return Thread.currentThread().getId();
    }

    /** Returns the session of the chain that the calling thread runs a part of, or null where that has none. */
    public static @Nullable Object ofChain() {
        return OF_CHAIN.get();
    }

    /**
     * Says whose accesses the calling thread makes for a chain, until the scope is closed.
     * @param session the session of the chain, or null where it has none
     */
    public static Scope inChain(@Nullable Object session) {
        Object before = OF_CHAIN.get();
        if (session == before) {
            return Scope.NONE;
        }
        OF_CHAIN.set(session);
        return () -> {
            if (before == null) {
                OF_CHAIN.remove();
            } else {
                OF_CHAIN.set(before);
            }
        };
    }

    /** Runs a prefetch on the calling thread. */
    static void prefetching(Runnable prefetch) {
        PREFETCHING.set(true);
        try {
            prefetch.run();
        } finally {
            PREFETCHING.remove();
        }
    }
}
