package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.support.NullValue;

/**
 * A {@link TieredCache} as Spring's {@link Cache}. Thread-safe; keys are never null, values may be. Every change has
 * taken effect when the call returns. Exceptions are those that Spring documents, and {@link
 * io.tinyllm.cache.LoadTimeoutException}.
 */
public final class TinyLlmCache implements Cache {

    private final TieredCache cache;

    TinyLlmCache(TieredCache cache) {
        this.cache = cache;
    }

    /** Makes the entries of caches that are to be seen through this adapter. */
    public static CacheEntry.Factory entryFactory() {
        return WrappedEntry::new;
    }

    @Override
    public String getName() {
        return cache.name();
    }

    /** The cache itself, never null. */
    @Override
    public TieredCache getNativeCache() {
        return cache;
    }

    @Override
    public @Nullable ValueWrapper get(Object key) {
        try {
            return (ValueWrapper) cache.get(key);
        } catch (LoadFailedException e) {
            // No load was asked for: a key that is known to fail has no value.
            return null;
        }
    }

    @Override
    @SuppressWarnings("unchecked") // checked against the type
    public <T> @Nullable T get(Object key, @Nullable Class<T> type) {
        ValueWrapper wrapper = get(key);
        Object value = wrapper == null ? null : wrapper.get();
        if (value != null && type != null && !type.isInstance(value)) {
            throw new IllegalStateException("A cached value of cache '" + getName() + "' is not of the required type "
                    + type.getName() + " but of " + value.getClass().getName());
        }
        return (T) value;
    }

    @Override
    @SuppressWarnings("unchecked") // the caller's own type
    public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
        try {
            return (T) cache.get(key, valueLoader, Transactions::atOnce);
        } catch (LoadFailedException e) {
            throw new ValueRetrievalException(key, valueLoader, e.failure());
        }
    }

    @Override
    public @Nullable CompletableFuture<?> retrieve(Object key) {
        try {
            return cache.lookupAsync(key);
        } catch (LoadFailedException e) {
            return null;
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the caller's own type
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        cache.getAsync(key, valueLoader, Transactions::atOnce).whenComplete((value, failure) -> {
            if (failure instanceof LoadFailedException failed) {
                answer.completeExceptionally(failed.failure());
            } else if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                answer.complete((T) value);
            }
        });
        return answer;
    }

    @Override
    public void put(Object key, @Nullable Object value) {
        cache.put(key, value instanceof NullValue ? null : value);
    }

    /** As documented by Spring, and atomic. */
    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        return (ValueWrapper) cache.putIfAbsent(key, value instanceof NullValue ? null : value);
    }

    @Override
    public void evict(Object key) {
        cache.evict(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        return cache.evict(key);
    }

    @Override
    public void clear() {
        cache.clear();
    }

    @Override
    public boolean invalidate() {
        return cache.clear();
    }
}
