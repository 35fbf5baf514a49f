package io.tinyllm.cache.actuate;

import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** The figures of the caches. Bodies hold no values. Thread-safe. */
@Endpoint(id = "cacheanalytics", defaultAccess = Access.READ_ONLY)
public final class CacheAnalyticsEndpoint {

    private final Supplier<Collection<String>> names;
    private final Function<String, @Nullable TieredCache> caches;

    /**
     * Creates the endpoint.
     * @param names the names of the caches
     * @param caches the cache of a name, or null
     */
    public CacheAnalyticsEndpoint(Supplier<Collection<String>> names, Function<String, @Nullable TieredCache> caches) {
        this.names = names;
        this.caches = caches;
    }

    /** The figures of every cache. */
    @ReadOperation
    public CachesDescriptor caches() {
        Map<String, CacheDescriptor> descriptors = new TreeMap<>();
        for (String name : names.get()) {
            TieredCache cache = caches.apply(name);
            if (cache != null) {
                descriptors.put(name, CacheDescriptor.of(cache));
            }
        }
        return new CachesDescriptor(descriptors);
    }

    /** The figures of one cache, null for an unknown one. */
    @ReadOperation
    public @Nullable CacheDescriptor cache(@Selector String cache) {
        TieredCache found = caches.apply(cache);
        return found == null ? null : CacheDescriptor.of(found);
    }

    /**
     * Figures by cache.
     * @param caches the figures by the name of the cache
     */
    public record CachesDescriptor(Map<String, CacheDescriptor> caches) {}

    /** The figures of one cache. */
    public record CacheDescriptor(
            long requests,
            long hits,
            long misses,
            double hitRate,
            long bypassed,
            long negativeHits,
            long staleHits,
            long loads,
            long loadFailures,
            long puts,
            long evictions,
            long errors,
            long size,
            HitsByTier hitsByTier,
            Latencies latency) {

        static CacheDescriptor of(TieredCache cache) {
            CacheCounters counters = cache.counters();
            HitsByTier tiers = new HitsByTier(
                    counters.memoryHits(), counters.remoteHits(), counters.replicaHits(), counters.storeHits());
            long hits = tiers.memory() + tiers.redis() + tiers.replica() + tiers.store();
            long misses = counters.misses();
            long bypassed = counters.bypassed();
            long loads = counters.loads();
            double meanMillis = loads == 0 ? 0 : counters.loadNanos() / 1e6 / loads;
            return new CacheDescriptor(
                    hits + misses + bypassed,
                    hits,
                    misses,
                    hits + misses == 0 ? 0 : (double) hits / (hits + misses),
                    bypassed,
                    counters.negativeHits(),
                    counters.staleHits(),
                    loads,
                    counters.loadFailures(),
                    counters.puts(),
                    cache.memory().evictions(),
                    counters.errors(),
                    cache.memory().size(),
                    tiers,
                    new Latencies(new Latency(meanMillis)));
        }
    }

    /** Hits by the tier that answered; the sum is all hits. */
    public record HitsByTier(long memory, long redis, long replica, long store) {}

    /** Latencies by what was timed. */
    public record Latencies(Latency load) {}

    /**
     * How long something took, in milliseconds.
     * @param mean the mean since the start
     */
    public record Latency(double mean) {}
}
