package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.MemoryTier;
import io.tinyllm.cache.core.PrefetchResult;
import io.tinyllm.cache.core.Prefetches;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A cache as its prefetcher sees it, which is made before the cache: until then there is nothing to prefetch. Thread-safe. */
final class CachePrefetch implements PrefetchTarget {

    private final MemoryTier memory;
    private volatile @Nullable Prefetches prefetches;
    private volatile @Nullable StagedMemoryTier staged;

    CachePrefetch(MemoryTier memory) {
        this.memory = memory;
    }

    /** Says where prefetched entries wait; nowhere for one that only observes. */
    void stageIn(StagedMemoryTier tier) {
        staged = tier;
    }

    /** Says what does the work. */
    void begin(Prefetches cache) {
        prefetches = cache;
    }

    @Override
    public boolean available() {
        Prefetches cache = prefetches;
        return cache != null && cache.available();
    }

    @Override
    public boolean wanted(Object key) {
        Prefetches cache = prefetches;
        return cache != null && cache.wanted(key);
    }

    @Override
    public CompletableFuture<PrefetchResult> prefetch(Object key) {
        Prefetches cache = prefetches;
        return cache == null ? CompletableFuture.completedFuture(PrefetchResult.NOTHING) : cache.prefetch(key);
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
}
