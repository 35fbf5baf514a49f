package io.tinyllm.cache.assembly;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.tags.TagBarriers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The beans of an application that take part in its caches. Immutable.
 *
 * @param bypassRules rules that keep accesses away, asked in their order
 * @param partitioners what assigns keys to partitions, by name
 * @param loaders what loads keys in the background
 * @param sharedTiers makes shared tiers
 * @param storeWriters makes write policies over stores
 * @param timesToLive rules for the time-to-live of single entries, asked in their order
 * @param tags evicts by tag, null where no entry bears any
 * @param observer what observes loads, operations of shared tiers and hits
 */
public record Extensions(
        List<BypassRule> bypassRules,
        Map<String, KeyPartitioner> partitioners,
        List<CacheLoader<?, ?>> loaders,
        SharedTiers sharedTiers,
        StoreWriters storeWriters,
        List<TimeToLive> timesToLive,
        @Nullable TagBarriers tags,
        CacheObserver observer) {

    /** Nothing. */
    public static final Extensions NONE = new Extensions(
            List.of(),
            Map.of(),
            List.of(),
            SharedTiers.NONE,
            StoreWriters.none(),
            List.of(),
            null,
            CacheObserver.none());

    /** Copies what it is given. */
    public Extensions {
        bypassRules = List.copyOf(bypassRules);
        partitioners = Map.copyOf(partitioners);
        loaders = List.copyOf(loaders);
        timesToLive = List.copyOf(timesToLive);
    }

    /** Returns what loads the keys of a cache in the background, null where that is what its callers do. */
    @SuppressWarnings("unchecked") // the keys of a cache are what its loader says
    Background.@Nullable Loader loader(String cacheName) {
        for (CacheLoader<?, ?> loader : loaders) {
            if (loader.cacheNames().contains(cacheName)) {
                return ((CacheLoader<Object, Object>) loader)::load;
            }
        }
        return null;
    }
}
