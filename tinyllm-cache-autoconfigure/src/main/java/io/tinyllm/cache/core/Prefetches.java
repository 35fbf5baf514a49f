package io.tinyllm.cache.core;

import io.tinyllm.cache.core.Leader.Reload;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Brings keys of one cache into memory before anybody asks for them. What they do is no request: no hit, no miss, no use of an entry.
 * Thread-safe.
 *
 * <p>A prefetch is a flight like any other: callers who ask for its key meanwhile wait for it, and a put, an evict or a clear keeps what
 * it brings out of the cache. Unlike others it leaves nothing behind when it fails, and those who wait then load for themselves.
 */
public final class Prefetches {

    private final TieredCache cache;
    private final RemoteTier remote;
    private final LowerTiers lower;
    private final Background background;
    private final Invocations invocations;

    Prefetches(TieredCache cache, RemoteTier remote, LowerTiers lower, Background background, Invocations invocations) {
        this.cache = cache;
        this.remote = remote;
        this.lower = lower;
        this.background = background;
        this.invocations = invocations;
    }

    /** Whether the tiers below are in a state to be asked. */
    public boolean available() {
        return remote.isUsable();
    }

    /** Whether a key is neither cached, nor under way, negative, bypassed or dirty. */
    public boolean wanted(Object key) {
        return cache.lacks(key);
    }

    /**
     * Brings a key into memory: from a lower tier, else by the cache's loader, else as the key's last caller would have loaded it. Blocks,
     * but not for a load that goes on without a thread.
     * @param key the key
     * @return ends as the prefetch does; fails as its load does
     */
    public CompletableFuture<PrefetchResult> prefetch(Object key) {
        Flight flight = cache.beginPrefetch(key);
        if (flight == null) {
            return CompletableFuture.completedFuture(PrefetchResult.NOTHING);
        }
        try {
            if (lower.exist() && cache.promote(flight, lower.find(flight)) != null) {
                return CompletableFuture.completedFuture(PrefetchResult.PROMOTED);
            }
            Reload reload = background.reload(null);
            if (reload == null) {
                reload = invocations.get(key);
            }
            if (reload == null) {
                flight.abandon();
            } else {
                flight.markLed();
                reload.load(flight);
            }
        } catch (LoadFailedException e) {
            flight.fail(e.failure());
        } catch (Throwable e) {
            flight.fail(e);
        } finally {
            flight.releaseThread();
        }
        CompletableFuture<?> ended = flight.result().copy().orTimeout(cache.loadTimeoutNanos(), TimeUnit.NANOSECONDS);
        return ended.thenApply(entry -> {
            Throwable failure = flight.prefetchFailure();
            if (failure != null) {
                throw new LoadFailedException(failure);
            }
            return entry == null ? PrefetchResult.NOTHING : PrefetchResult.LOADED;
        });
    }
}
