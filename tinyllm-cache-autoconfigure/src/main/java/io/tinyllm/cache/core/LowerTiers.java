package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.WritePolicy.Pending;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What is below the local tier, top to bottom: writes that the store has not yet seen, the remote tier, the store.
 * Thread-safe. A fault is counted and reads as a miss.
 */
final class LowerTiers {

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);

    private final RemoteTier remote;
    private final WritePolicy writes;
    private final Background background;
    private final CacheCounters counters;
    private final boolean hasRemote;
    private final boolean hasStore;

    LowerTiers(RemoteTier remote, WritePolicy writes, Background background, CacheCounters counters) {
        this.remote = remote;
        this.writes = writes;
        this.background = background;
        this.counters = counters;
        this.hasRemote = remote != RemoteTier.none();
        this.hasStore = writes != WritePolicy.none();
    }

    /** Whether there is anything below the local tier. */
    boolean exist() {
        return hasRemote || hasStore;
    }

    /** What they have of a key, or null. Blocks. */
    @Nullable
    RemoteEntry find(Object key) {
        if (hasStore) {
            Pending pending = writes.pending(key);
            if (pending != null) {
                return answer(pending.value());
            }
        }
        RemoteEntry found = hasRemote ? fromRemote(key) : null;
        return found != null || !hasStore ? found : fromStore(key);
    }

    /** As {@link #find}, without blocking the caller. */
    CompletableFuture<@Nullable RemoteEntry> findAsync(Object key) {
        if (hasStore) {
            Pending pending = writes.pending(key);
            if (pending != null) {
                return CompletableFuture.completedFuture(answer(pending.value()));
            }
        }
        CompletableFuture<@Nullable RemoteEntry> found = hasRemote
                ? remote.get(key).exceptionally(failure -> {
                    counters.error();
                    return null;
                })
                : MISS;
        return hasStore
                ? found.thenCompose(entry -> entry != null
                        ? CompletableFuture.completedFuture(entry)
                        : background.supply(() -> fromStore(key)))
                : found;
    }

    private @Nullable RemoteEntry fromRemote(Object key) {
        try {
            return remote.get(key).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            counters.error();
        }
        return null;
    }

    private @Nullable RemoteEntry fromStore(Object key) {
        try {
            return answer(writes.load(key));
        } catch (RuntimeException e) {
            counters.error();
            return null;
        }
    }

    private static @Nullable RemoteEntry answer(@Nullable Object value) {
        return value == null ? null : new RemoteEntry(value, CacheEntry.NEVER, Outcome.STORE_HIT);
    }
}
