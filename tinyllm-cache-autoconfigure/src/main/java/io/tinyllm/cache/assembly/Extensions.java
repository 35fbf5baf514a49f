package io.tinyllm.cache.assembly;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.StoredForm;
import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.TagPolicy;
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
 * @param tags the tags of each cache
 * @param observer what observes loads, operations of shared tiers and hits
 * @param storedForms stored forms of types that have none of their own, by which the size of values is measured
 * @param gates what the loads of a cache go through before their turn among {@code maximum-loads}
 */
public record Extensions(
        List<BypassRule> bypassRules,
        Map<String, KeyPartitioner> partitioners,
        List<CacheLoader<?, ?>> loaders,
        SharedTiers sharedTiers,
        StoreWriters storeWriters,
        List<TimeToLive> timesToLive,
        TagPolicy.Factory tags,
        CacheObserver observer,
        List<StoredForm<?>> storedForms,
        Gates gates) {

    /** Nothing. */
    public static final Extensions NONE = new Extensions(
            List.of(),
            Map.of(),
            List.of(),
            SharedTiers.NONE,
            StoreWriters.none(),
            List.of(),
            TagPolicy.Factory.none(),
            CacheObserver.none(),
            List.of(),
            name -> LoadGate.none());

    /** Copies what it is given. */
    public Extensions {
        bypassRules = List.copyOf(bypassRules);
        partitioners = Map.copyOf(partitioners);
        loaders = List.copyOf(loaders);
        timesToLive = List.copyOf(timesToLive);
        storedForms = List.copyOf(storedForms);
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

    /** A gate for the loads of every cache, before their turn among {@code maximum-loads}. Thread-safe. */
    @FunctionalInterface
    public interface Gates {

        /**
         * Makes the gate of a cache.
         * @param cacheName its name
         */
        LoadGate gate(String cacheName);
    }
}
