package io.tinyllm.cache.actuate;

import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.analytics.figures.HistoryRow;
import io.tinyllm.cache.analytics.keys.KeyNames;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.MemoryTier.PartitionStatistics;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * The figures of the caches. Bodies hold no values, and keys as {@link KeyNames} shows them. Reading takes no lock that
 * a caller of a cache takes. Thread-safe.
 */
@Endpoint(id = "cacheanalytics", defaultAccess = Access.READ_ONLY)
public final class CacheAnalyticsEndpoint {

    private final Supplier<Collection<String>> names;
    private final Function<String, @Nullable TieredCache> caches;
    private final ControlPlane controlPlane;
    private final Function<String, List<NotShared.Row>> notShared;
    private final AnswersReport answers;
    private final KeyNames keyNames;
    private final KeyExplainer explainer;

    /**
     * Creates the endpoint.
     * @param names the names of the caches
     * @param caches the cache of a name, or null
     * @param controlPlane knows what was learnt of each cache
     * @param notShared what of a cache has no stored form
     * @param answers the figures of caches of answers
     * @param keyNames what keys are called
     */
    public CacheAnalyticsEndpoint(
            Supplier<Collection<String>> names,
            Function<String, @Nullable TieredCache> caches,
            ControlPlane controlPlane,
            Function<String, List<NotShared.Row>> notShared,
            AnswersReport answers,
            KeyNames keyNames) {
        this.names = names;
        this.caches = caches;
        this.controlPlane = controlPlane;
        this.notShared = notShared;
        this.answers = answers;
        this.keyNames = keyNames;
        this.explainer = new KeyExplainer(keyNames);
    }

    /** The figures of every cache. */
    @ReadOperation
    public CachesDescriptor caches() {
        controlPlane.catchUp();
        Map<String, CacheDescriptor> descriptors = new TreeMap<>();
        for (String name : names.get()) {
            TieredCache cache = caches.apply(name);
            if (cache != null) {
                descriptors.put(name, describe(cache));
            }
        }
        return new CachesDescriptor(descriptors);
    }

    /**
     * The figures of one cache, or what is known of one of its keys; 404 for an unknown cache.
     * @param cache its name
     * @param key the text of the key, null for the figures
     */
    @ReadOperation
    public WebEndpointResponse<?> cache(@Selector String cache, @Nullable String key) {
        TieredCache found = caches.apply(cache);
        if (found == null) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        controlPlane.catchUp();
        return key == null
                ? new WebEndpointResponse<>(describe(found))
                : explainer.explain(found, key, controlPlane.analytics(cache));
    }

    private CacheDescriptor describe(TieredCache cache) {
        CacheCounters counters = cache.counters();
        HitsByTier tiers = new HitsByTier(
                counters.memoryHits(), counters.remoteHits(), counters.replicaHits(), counters.storeHits());
        long hits = tiers.memory() + tiers.redis() + tiers.replica() + tiers.store();
        long misses = counters.misses();
        long bypassed = counters.bypassed();
        CacheAnalytics learnt = controlPlane.analytics(cache.name());
        CacheAnalytics told = keyNames.isShown() ? learnt : null;
        return new CacheDescriptor(
                hits + misses + bypassed,
                hits,
                misses,
                hits + misses == 0 ? 0 : (double) hits / (hits + misses),
                bypassed,
                counters.negativeHits(),
                counters.staleHits(),
                counters.loads(),
                counters.loadFailures(),
                counters.puts(),
                cache.memory().evictions(),
                counters.errors(),
                cache.memory().size(),
                tiers,
                learnt == null ? Latencies.NONE : Latencies.of(learnt),
                told == null ? List.of() : hotKeys(told),
                told == null ? List.of() : coldKeys(told),
                cache.memory().partitions(),
                notShared.apply(cache.name()),
                learnt == null ? List.of() : learnt.history(),
                secondsSaved(hits, counters),
                answers.of(cache.name()));
    }

    /** Each hit is worth what a load took in the mean. */
    private static double secondsSaved(long hits, CacheCounters counters) {
        long loads = counters.loads();
        return loads == 0 ? 0 : hits * (counters.loadNanos() / 1e9 / loads);
    }

    private List<HotKey> hotKeys(CacheAnalytics learnt) {
        return learnt.hotKeys().stream()
                .map(hot -> new HotKey(keyNames.of(hot.key()), hot.count()))
                .toList();
    }

    private List<ColdKey> coldKeys(CacheAnalytics learnt) {
        return learnt.coldKeys().stream()
                .map(cold -> new ColdKey(keyNames.of(cold.key()), TimeUnit.NANOSECONDS.toSeconds(cold.idleNanos())))
                .toList();
    }

    /** Figures of caches that hold answers of language models. Thread-safe. */
    @FunctionalInterface
    public interface AnswersReport {

        /**
         * The figures of a cache.
         * @param cacheName its name
         * @return a record, null where the cache holds no answers
         */
        @Nullable
        Object of(String cacheName);
    }

    /**
     * Figures by cache.
     * @param caches the figures by the name of the cache
     */
    public record CachesDescriptor(Map<String, CacheDescriptor> caches) {}

    /**
     * The figures of one cache.
     * @param hotKeys the keys asked for most often, empty where keys are not told
     * @param coldKeys the keys in memory that nobody has asked for the longest, empty where keys are not told
     * @param partitions the parts of the local tier, empty where it has none
     * @param notShared what stays in memory though the cache is shared or saved, most first
     * @param history a row for each of the last 60 minutes, oldest first, that under way included; empty where
     * analytics are off
     * @param secondsSaved how long the loads would have taken that hits made unnecessary
     * @param llm what the answers of language models have cost and saved, null where the cache holds none
     */
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
            Latencies latency,
            List<HotKey> hotKeys,
            List<ColdKey> coldKeys,
            List<PartitionStatistics> partitions,
            List<NotShared.Row> notShared,
            List<HistoryRow> history,
            double secondsSaved,
            @Nullable Object llm) {}

    /** Hits by the tier that answered; the sum is all hits. */
    public record HitsByTier(long memory, long redis, long replica, long store) {}

    /** Latencies by what was timed, over the last five minutes. */
    public record Latencies(Latency hit, Latency load) {

        private static final Latencies NONE = new Latencies(
                Latency.of(io.tinyllm.cache.analytics.figures.Latency.NONE),
                Latency.of(io.tinyllm.cache.analytics.figures.Latency.NONE));

        static Latencies of(CacheAnalytics learnt) {
            return new Latencies(Latency.of(learnt.hitLatency()), Latency.of(learnt.loadLatency()));
        }
    }

    /** Returns how long something took, in milliseconds; zero where nothing was timed. */
    public record Latency(double mean, double p50, double p95, double p99, double max) {

        static Latency of(io.tinyllm.cache.analytics.figures.Latency nanos) {
            return new Latency(
                    nanos.mean() / 1e6, nanos.p50() / 1e6, nanos.p95() / 1e6, nanos.p99() / 1e6, nanos.max() / 1e6);
        }
    }

    /** A key and about how often it was asked for. */
    public record HotKey(@Nullable String key, long count) {}

    /** A key and how long nobody has asked for it. */
    public record ColdKey(@Nullable String key, long idleSeconds) {}
}
