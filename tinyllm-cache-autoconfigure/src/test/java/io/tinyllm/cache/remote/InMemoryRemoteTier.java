package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.RemoteTier;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A remote tier in a map, that can be made to fail. */
public final class InMemoryRemoteTier implements RemoteTier {

    private record Held(@Nullable Object value, long expiresNanos) {}

    private final Map<Object, Held> entries = new ConcurrentHashMap<>();
    private final LongSupplier ticker;
    private final Outcome source;
    private volatile @Nullable Throwable failure;
    private @Nullable InvalidationListener listener;

    public InMemoryRemoteTier(LongSupplier ticker, Outcome source) {
        this.ticker = ticker;
        this.source = source;
    }

    /** From now on every operation fails with this, and changes nothing; null: no more. */
    public void failWith(@Nullable Throwable failure) {
        this.failure = failure;
    }

    /** Whom it tells of changes by others. */
    public InvalidationListener listener() {
        return listener;
    }

    public int size() {
        return entries.size();
    }

    private <T> CompletableFuture<T> end(T result) {
        return CompletableFuture.completedFuture(result);
    }

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        Held held = entries.get(key);
        if (held == null) {
            return end(null);
        }
        if (held.expiresNanos == CacheEntry.NEVER) {
            return end(new RemoteEntry(held.value, CacheEntry.NEVER, source));
        }
        long remaining = held.expiresNanos - ticker.getAsLong();
        return end(remaining <= 0 ? null : new RemoteEntry(held.value, remaining, source));
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        return new Write() {
            @Override
            public CompletableFuture<?> send() {
                if (failure != null) {
                    return CompletableFuture.failedFuture(failure);
                }
                boolean forEver = ttlNanos == CacheEntry.NEVER;
                entries.put(key, new Held(value, forEver ? CacheEntry.NEVER : ticker.getAsLong() + ttlNanos));
                return end(null);
            }

            @Override
            public CompletableFuture<?> sendIfAbsent() {
                return entries.containsKey(key) ? end(null) : send();
            }
        };
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        entries.remove(key);
        return end(null);
    }

    @Override
    public CompletableFuture<?> clear() {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        entries.clear();
        return end(null);
    }

    @Override
    public void onInvalidation(InvalidationListener listener) {
        this.listener = listener;
    }
}
