package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.Invocations;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
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
    private final Invocations invocations;
    private final boolean invokes;
    private final ToLongFunction<Object> weigher;
    private volatile @Nullable Begun begun;

    private CachePrefetch(
            CacheDefinition definition,
            MemoryTier tier,
            boolean hasLoader,
            ControlPlane controlPlane,
            ToLongFunction<Object> weigher,
            LongSupplier ticker,
            TagPolicy tags) {
        this.tier = tier;
        this.weigher = weigher;
        this.options = PrefetchOptions.of(definition);
        this.invokes = options != null && !options.observe() && !hasLoader;
        this.invocations = options != null && invokes
                ? new Invocations(options.contexts(), options.maximumKeyBytes(), weigher)
                : new Invocations(0, 0, weigher);
        this.prefetcher = options == null ? null : controlPlane.prefetcher(this, options);
        this.staged = options == null || prefetcher == null || options.observe()
                ? null
                : new StagedMemoryTier(
                        tier,
                        definition.settings().getMemory().getMaximumSize(),
                        PrefetchOptions::maximumStagedOf,
                        ticker,
                        entry -> isEvicted(entry, tags),
                        prefetcher::onUsed,
                        prefetcher::onGone);
    }

    /**
     * Creates the prefetching of a cache, where its definition says so.
     * @param definition the cache
     * @param tier its local tier
     * @param hasLoader whether its background loads have a loader of their own
     * @param controlPlane watches the cache
     * @param weigher estimates the bytes of a key
     * @param ticker the monotonic time in nanoseconds
     * @param tags the tags of its entries
     */
    static CachePrefetch of(
            CacheDefinition definition,
            MemoryTier tier,
            boolean hasLoader,
            ControlPlane controlPlane,
            ToLongFunction<Object> weigher,
            LongSupplier ticker,
            TagPolicy tags) {
        return new CachePrefetch(definition, tier, hasLoader, controlPlane, weigher, ticker, tags);
    }

    private static boolean isEvicted(CacheEntry entry, TagPolicy tags) {
        Tagged borne = entry.tags();
        return borne != null && tags.isEvicted(borne);
    }

    /** Returns what predicts keys, null where nothing is prefetched. */
    @Nullable
    Prefetcher prefetcher() {
        return prefetcher;
    }

    /** Returns the local tier, with an area for what is staged where there is such. */
    MemoryTier memory() {
        return staged == null ? tier : staged;
    }

    /** Takes note of how a key was loaded, so that it can be prefetched in the same way. */
    void remember(Object key, Leader leader) {
        if (invokes) {
            invocations.remember(key, leader);
        }
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
        return known == null || staged == null
                ? CompletableFuture.completedFuture(false)
                : known.cache().stage(key, invocations.get(key), staged::stage);
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
    public long weigh(Object key) {
        return weigher.applyAsLong(key);
    }

    @Override
    public long maximumSize() {
        return memory().maximumSize();
    }

    private record Begun(TieredCache cache, RemoteTier remote) {}
}
