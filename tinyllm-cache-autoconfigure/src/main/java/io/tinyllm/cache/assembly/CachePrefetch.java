package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.MemoryTier;
import io.tinyllm.cache.core.PrefetchResult;
import io.tinyllm.cache.core.Prefetches;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The prefetching of one cache, and the cache as its prefetcher sees it, which is made before the cache: until then
 * there is nothing to prefetch. Thread-safe.
 */
final class CachePrefetch implements PrefetchTarget {

    private final MemoryTier tier;
    private final @Nullable PrefetchOptions options;
    private final @Nullable Prefetcher prefetcher;
    private final @Nullable StagedMemoryTier staged;
    private volatile @Nullable Prefetches prefetches;

    private CachePrefetch(CacheDefinition definition, MemoryTier tier, ControlPlane controlPlane, LongSupplier ticker) {
        this.tier = tier;
        this.options = PrefetchOptions.of(definition);
        this.prefetcher = options == null ? null : controlPlane.prefetcher(this, options);
        this.staged = options == null || prefetcher == null || options.observe()
                ? null
                : new StagedMemoryTier(
                        tier,
                        definition.settings().getMemory().getMaximumSize(),
                        PrefetchOptions::probationOf,
                        ticker,
                        prefetcher::onUsed,
                        prefetcher::onGone);
    }

    /**
     * Creates the prefetching of a cache, where its definition says so.
     * @param definition the cache
     * @param tier its local tier
     * @param controlPlane watches the cache
     * @param ticker the monotonic time in nanoseconds
     */
    static CachePrefetch of(
            CacheDefinition definition, MemoryTier tier, ControlPlane controlPlane, LongSupplier ticker) {
        return new CachePrefetch(definition, tier, controlPlane, ticker);
    }

    /** Returns what predicts keys, null where nothing is prefetched. */
    @Nullable
    Prefetcher prefetcher() {
        return prefetcher;
    }

    /** Returns the local tier, with an area for what is prefetched where there is such. */
    MemoryTier memory() {
        return staged == null ? tier : staged;
    }

    /** Returns how many keys' loads have to be remembered, so that they can be prefetched. */
    int rememberedInvocations() {
        return staged == null || options == null ? 0 : options.contexts();
    }

    /** Sets the cache that loads what is prefetched. */
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
        if (staged != null) {
            staged.keep(key);
        }
    }

    @Override
    public void discard(Object key) {
        if (staged != null) {
            staged.discard(key);
        }
    }

    @Override
    public long maximumSize() {
        return memory().maximumSize();
    }
}
