package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.Invocations;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A cache as its prefetcher sees it, which is made before the cache: until then there is nothing to prefetch. Thread-safe. */
final class CachePrefetch implements PrefetchTarget {

    private final MemoryTier memory;
    private final Invocations invocations;
    private volatile @Nullable Begun begun;
    private volatile @Nullable StagedMemoryTier staged;

    CachePrefetch(MemoryTier memory, Invocations invocations) {
        this.memory = memory;
        this.invocations = invocations;
    }

    /** Says where prefetched entries are staged; nowhere for a prefetcher that only observes. */
    void stageIn(StagedMemoryTier tier) {
        staged = tier;
    }

    /** Says which cache to prefetch for, and which tier must be well for that. */
    void begin(TieredCache cache, RemoteTier remote) {
        begun = new Begun(cache, remote);
    }

    @Override
    public boolean available() {
        Begun known = begun;
        return known != null && known.remote().isUsable();
    }

    @Override
    public boolean wanted(Object key) {
        Begun known = begun;
        return known != null && known.cache().lacks(key);
    }

    @Override
    public CompletableFuture<Boolean> prefetch(Object key) {
        Begun known = begun;
        StagedMemoryTier tier = staged;
        return known == null || tier == null
                ? CompletableFuture.completedFuture(false)
                : known.cache().stage(key, invocations.get(key), tier::stage);
    }

    @Override
    public void keep(Object key) {
        StagedMemoryTier tier = staged;
        if (tier != null) {
            tier.keep(key);
        }
    }

    @Override
    public void discard(Object key) {
        StagedMemoryTier tier = staged;
        if (tier != null) {
            tier.discard(key);
        }
    }

    @Override
    public long maximumSize() {
        StagedMemoryTier tier = staged;
        return tier == null ? memory.maximumSize() : tier.maximumSize();
    }

    private record Begun(TieredCache cache, RemoteTier remote) {}
}
