package io.tinyllm.cache.core;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A shared tier whose operations are traced. Thread-safe. */
final class TracedRemoteTier implements RemoteTier {

    private final RemoteTier tier;
    private final Tracing tracing;
    private final String cacheName;

    TracedRemoteTier(RemoteTier tier, Tracing tracing, String cacheName) {
        this.tier = tier;
        this.tracing = tracing;
        this.cacheName = cacheName;
    }

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        return tracing.trace("get", cacheName, () -> tier.get(key));
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        Write write = tier.prepare(key, value, ttlNanos);
        return () -> tracing.trace("put", cacheName, write::send);
    }

    @Override
    public Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        Write write = tier.prepareLoaded(key, value, ttlNanos);
        return () -> tracing.trace("put", cacheName, write::send);
    }

    @Override
    public CompletableFuture<?> removeLoaded(Object key) {
        return tracing.trace("remove", cacheName, () -> tier.removeLoaded(key));
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        return tracing.trace("remove", cacheName, () -> tier.remove(key));
    }

    @Override
    public CompletableFuture<?> clear() {
        return tracing.trace("clear", cacheName, tier::clear);
    }

    @Override
    public boolean isUsable() {
        return tier.isUsable();
    }
}
