package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.Invocations;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The prefetching of one cache, and the cache as its prefetcher sees it, which is made before the cache: until then there is
 * nothing to prefetch. Thread-safe.
 */
final class CachePrefetch implements PrefetchTarget {

    private final MemoryTier tier;
    private final @Nullable PrefetchOptions options;
    private final @Nullable Prefetcher prefetcher;
    private final @Nullable StagedMemoryTier staged;
    private final @Nullable Invocations invocations;
    private RemoteTier remote = RemoteTier.none();

    /** Written after the remote tier, and read before it. */
    private volatile @Nullable TieredCache cache;

    private CachePrefetch(
            CacheDefinition definition, MemoryTier tier, boolean loads, ControlPlane controlPlane, LongSupplier ticker) {
        this.tier = tier;
        this.options = PrefetchOptions.of(definition);
        this.prefetcher = options == null ? null : controlPlane.prefetcher(this, options);
        this.staged = options == null || prefetcher == null || options.observe()
                ? null
                : new StagedMemoryTier(
                        tier,
                        definition.settings().getMemory().getMaximumSize(),
                        PrefetchOptions::maximumStagedOf,
                        ticker,
                        prefetcher::onUsed,
                        prefetcher::onGone);
        this.invocations =
                staged == null || options == null || loads ? null : new Invocations(options.contexts());
    }

    /**
     * Creates the prefetching of a cache, where its definition says so.
     * @param definition the cache
     * @param tier its local tier
     * @param loads whether it has a loader of its own, so that no invocation has to be remembered
     * @param controlPlane watches the cache
     * @param ticker the monotonic time in nanoseconds
     */
    static CachePrefetch of(
            CacheDefinition definition, MemoryTier tier, boolean loads, ControlPlane controlPlane, LongSupplier ticker) {
        return new CachePrefetch(definition, tier, loads, controlPlane, ticker);
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

    /** Hears of the callers that lead loads, where their invocations are what prefetches repeat. */
    void onLead(Object key, Leader leader) {
        if (invocations != null) {
            invocations.remember(key, leader);
        }
    }

    /** Says which cache to prefetch for, and which tier must be well for that. */
    void begin(TieredCache prefetched, RemoteTier sharedTier) {
        remote = sharedTier;
        cache = prefetched;
    }

    @Override
    public boolean available() {
        return cache != null && remote.isUsable();
    }

    @Override
    public boolean wanted(Object key) {
        TieredCache known = cache;
        return known != null && known.lacks(key);
    }

    @Override
    public CompletableFuture<Boolean> prefetch(Object key) {
        TieredCache known = cache;
        return known == null || staged == null
                ? CompletableFuture.completedFuture(false)
                : known.stage(key, invocations == null ? null : invocations.get(key), staged::stage);
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
