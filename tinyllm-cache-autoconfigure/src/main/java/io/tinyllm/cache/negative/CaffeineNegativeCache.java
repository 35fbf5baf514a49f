package io.tinyllm.cache.negative;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.ReentrantLoadException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers absent and failing keys in a bounded cache of their own, so that a flood of them evicts no value. Thread-safe.
 *
 * <p>Errors, interruptions, cancellations and faults of the cache itself are never remembered.
 */
public final class CaffeineNegativeCache implements NegativeCache {

    private static final Negative ABSENT = () -> null;

    private final Cache<Object, Negative> known;
    private final Set<String> exceptions;
    private final boolean cacheNull;

    /**
     * Creates an empty one.
     * @param ttlNanos how long something is remembered
     * @param maximumSize the most keys remembered
     * @param exceptions class names of the exceptions remembered, subclasses included; empty for all
     * @param cacheNull whether absences are remembered
     * @param ticker the monotonic time in nanoseconds
     * @param maintenance runs Caffeine's upkeep
     */
    public CaffeineNegativeCache(
            long ttlNanos,
            long maximumSize,
            Set<String> exceptions,
            boolean cacheNull,
            LongSupplier ticker,
            Executor maintenance) {
        this.known = Caffeine.newBuilder()
                .maximumSize(maximumSize)
                .expireAfterWrite(ttlNanos, TimeUnit.NANOSECONDS)
                .ticker(ticker::getAsLong)
                .executor(maintenance)
                .build();
        this.exceptions = Set.copyOf(exceptions);
        this.cacheNull = cacheNull;
    }

    @Override
    public @Nullable Negative get(Object key) {
        return known.getIfPresent(key);
    }

    @Override
    public boolean handlesNull() {
        return true;
    }

    @Override
    public void rememberNull(Object key) {
        if (cacheNull) {
            known.put(key, ABSENT);
        }
    }

    @Override
    public void rememberFailure(Object key, Throwable failure) {
        if (isWanted(failure)) {
            Supplier<Throwable> copies = FailureCopier.copies(failure);
            known.put(key, copies::get);
        }
    }

    private boolean isWanted(Throwable failure) {
        if (!(failure instanceof Exception)
                || failure instanceof InterruptedException
                || failure instanceof CancellationException
                || failure instanceof LoadTimeoutException
                || failure instanceof LoadFailedException
                || failure instanceof ReentrantLoadException) {
            return false;
        }
        if (exceptions.isEmpty()) {
            return true;
        }
        for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
            if (exceptions.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void remove(Object key) {
        known.invalidate(key);
    }

    @Override
    public void clear() {
        known.invalidateAll();
    }

    @Override
    public long size() {
        return known.estimatedSize();
    }
}
