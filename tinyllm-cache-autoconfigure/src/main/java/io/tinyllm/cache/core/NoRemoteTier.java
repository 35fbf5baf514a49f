package io.tinyllm.cache.core;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The remote tier of a cache that has none. */
final class NoRemoteTier implements RemoteTier {

    static final NoRemoteTier INSTANCE = new NoRemoteTier();

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);

    private NoRemoteTier() {}

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        return MISS;
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        return () -> MISS;
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        return MISS;
    }

    @Override
    public CompletableFuture<?> clear() {
        return MISS;
    }
}
