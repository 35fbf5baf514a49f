package io.tinyllm.cache.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.analytics.figures.Latency;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.prefetch.figures.PrefetchRejection;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import io.tinyllm.cache.tags.TagBarriers;
import io.tinyllm.cache.write.StoreWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one cache: Spring Boot's {@code cache.*}, and {@code tinyllm.cache.*} for what they lack. Keys are
 * never tags.
 */
public final class CacheMeters extends CacheMeterBinder<TieredCache> {

    /** The name of the timer of loads. */
    public static final String LOAD = "tinyllm.cache.load";

    private final @Nullable CacheAnalytics learnt;
    private final @Nullable StoreWriter writer;
    private final @Nullable Prefetcher prefetcher;
    private final NotShared notShared;
    private final TagBarriers evictedTags;

    /**
     * Creates the meters, unregistered.
     * @param cache the cache
     * @param learnt what is known of its traffic, or null where nothing is learnt
     * @param writer its write policy over a store, or null where it has none
     * @param prefetcher what prefetches its keys, or null where nothing does
     * @param notShared what has no stored form
     * @param evictedTags evicts by tag
     * @param tags what every meter of it carries
     */
    public CacheMeters(
            TieredCache cache,
            @Nullable CacheAnalytics learnt,
            @Nullable StoreWriter writer,
            @Nullable Prefetcher prefetcher,
            NotShared notShared,
            TagBarriers evictedTags,
            Iterable<Tag> tags) {
        super(cache, cache.name(), tags);
        this.learnt = learnt;
        this.writer = writer;
        this.prefetcher = prefetcher;
        this.notShared = notShared;
        this.evictedTags = evictedTags;
    }

    @Override
    protected @Nullable Long size() {
        TieredCache cache = getCache();
        return cache == null ? null : cache.memory().size();
    }

    @Override
    protected long hitCount() {
        TieredCache cache = getCache();
        return cache == null ? 0 : cache.counters().hits();
    }

    @Override
    protected Long missCount() {
        TieredCache cache = getCache();
        return cache == null ? 0 : cache.counters().misses();
    }

    @Override
    protected @Nullable Long evictionCount() {
        TieredCache cache = getCache();
        return cache == null ? null : cache.memory().evictions();
    }

    @Override
    protected long putCount() {
        TieredCache cache = getCache();
        return cache == null ? 0 : cache.counters().stores();
    }

    @Override
    protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
        TieredCache cache = getCache();
        if (cache == null) {
            return;
        }
        CacheCounters counters = cache.counters();
        FunctionTimer.builder(LOAD, counters, CacheCounters::loads, CacheCounters::loadNanos, TimeUnit.NANOSECONDS)
                .tags(getTagsWithCacheName())
                .description("Loads of values that the cache did not hold")
                .register(registry);
        for (Counter counter : Counter.values()) {
            FunctionCounter.builder("tinyllm.cache." + counter.name, counters, counter)
                    .tags(getTagsWithCacheName())
                    .tags(counter.tags)
                    .description(counter.description)
                    .register(registry);
        }
        Gauge.builder("tinyllm.cache.maximum.size", cache.memory(), memory -> memory.maximumSize())
                .tags(getTagsWithCacheName())
                .description("Most entries that the local tier may hold")
                .register(registry);
        String name = cache.name();
        for (NotShared.Part part : NotShared.Part.values()) {
            FunctionCounter.builder("tinyllm.cache.not.shared", notShared, kept -> kept.count(name, part))
                    .tags(getTagsWithCacheName())
                    .tag("reason", part.tag())
                    .description("Entries that stay in memory, since their value or key has no stored form")
                    .register(registry);
        }
        FunctionCounter.builder("tinyllm.cache.tag.evictions", evictedTags, kept -> kept.evictions(name))
                .tags(getTagsWithCacheName())
                .description("Evictions by a tag that concerned the cache, by calls in this application")
                .register(registry);
        loads(registry, cache, "running", "Loads that run", TieredCache::loadsRunning);
        loads(
                registry,
                cache,
                "waiting",
                "Loads that wait for their turn (maximum-loads, or another gate)",
                TieredCache::loadsWaiting);
        if (learnt != null) {
            bindLearnt(registry, learnt);
        }
        if (writer != null) {
            bindWrites(registry, writer);
        }
        if (prefetcher != null) {
            bindPrefetch(registry, prefetcher);
        }
    }

    private void loads(
            MeterRegistry registry,
            TieredCache cache,
            String what,
            String description,
            ToDoubleFunction<TieredCache> figure) {
        Gauge.builder("tinyllm.cache.loads." + what, cache, figure)
                .tags(getTagsWithCacheName())
                .description(description)
                .register(registry);
    }

    private void bindPrefetch(MeterRegistry registry, Prefetcher prefetcher) {
        outcome(registry, prefetcher, "issued", PrefetchReport::issued);
        outcome(registry, prefetcher, "useful", PrefetchReport::useful);
        outcome(registry, prefetcher, "late", PrefetchReport::late);
        outcome(registry, prefetcher, "wasted", PrefetchReport::wasted);
        outcome(registry, prefetcher, "failed", PrefetchReport::failed);
        outcome(
                registry,
                prefetcher,
                "rejected",
                report -> report.rejected().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        for (PrefetchRejection reason : PrefetchRejection.values()) {
            FunctionCounter.builder(
                            "tinyllm.cache.prefetch.rejected",
                            prefetcher,
                            kept -> kept.report().rejected().getOrDefault(reason, 0L))
                    .tags(getTagsWithCacheName())
                    .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                    .description("Predictions that were not acted on")
                    .register(registry);
        }
        Gauge.builder(
                        "tinyllm.cache.prefetch.precision",
                        prefetcher,
                        kept -> kept.report().precision())
                .tags(getTagsWithCacheName())
                .description("Share of the judged prefetches that somebody asked for")
                .register(registry);
        FunctionCounter.builder(
                        "tinyllm.cache.prefetch.saved",
                        prefetcher,
                        kept -> kept.report().secondsSaved())
                .tags(getTagsWithCacheName())
                .baseUnit("seconds")
                .description("How long callers would have waited for what was prefetched")
                .register(registry);
    }

    private void outcome(
            MeterRegistry registry, Prefetcher prefetcher, String outcome, ToLongFunction<PrefetchReport> count) {
        FunctionCounter.builder("tinyllm.cache.prefetch", prefetcher, kept -> count.applyAsLong(kept.report()))
                .tags(getTagsWithCacheName())
                .tag("outcome", outcome)
                .description("Prefetches by what became of them")
                .register(registry);
    }

    private void bindWrites(MeterRegistry registry, StoreWriter writer) {
        Gauge.builder(
                        "tinyllm.cache.write.dirty",
                        writer,
                        policy -> policy.statistics().dirty())
                .tags(getTagsWithCacheName())
                .description("Writes that wait for the store")
                .register(registry);
        Gauge.builder(
                        "tinyllm.cache.write.dead.letters",
                        writer,
                        policy -> policy.statistics().deadLetters().size())
                .tags(getTagsWithCacheName())
                .description("Writes that were given up on")
                .register(registry);
        Gauge.builder(
                        "tinyllm.cache.write.journal.damaged",
                        writer,
                        policy -> policy.statistics().journalDamaged())
                .tags(getTagsWithCacheName())
                .description("Damaged places that were found in the journal at the start")
                .register(registry);
        FunctionCounter.builder(
                        "tinyllm.cache.write.flushed",
                        writer,
                        policy -> policy.statistics().flushed())
                .tags(getTagsWithCacheName())
                .description("Writes that the store has accepted")
                .register(registry);
    }

    private void bindLearnt(MeterRegistry registry, CacheAnalytics learnt) {
        for (String of : List.of("hit", "miss", "load", "redis")) {
            for (String quantile : List.of("0.5", "0.95", "0.99", "1")) {
                TimeGauge.builder("tinyllm.cache.latency", learnt, TimeUnit.NANOSECONDS, new LatencyGauge(of, quantile))
                        .tags(getTagsWithCacheName())
                        .tag("of", of)
                        .tag("quantile", quantile)
                        .description("How long hits, misses, loads and answers of the shared tier took in the last"
                                + " five minutes")
                        .register(registry);
            }
        }
        Gauge.builder("tinyllm.cache.hot.share", learnt, CacheAnalytics::hotShare)
                .tags(getTagsWithCacheName())
                .description("Share of the requests that is for the hot keys")
                .register(registry);
        Gauge.builder("tinyllm.cache.cold.share", learnt, CacheAnalytics::coldShare)
                .tags(getTagsWithCacheName())
                .description("Share of the entries in memory that nobody has asked for in five minutes")
                .register(registry);
    }

    /**
     * The quantile of a latency. One class for all, as below: each lambda would be a class, and all of them are made at
     * the start.
     */
    private record LatencyGauge(String of, String quantile) implements ToDoubleFunction<CacheAnalytics> {

        @Override
        public double applyAsDouble(CacheAnalytics learnt) {
            Latency latency = switch (of) {
                case "hit" -> learnt.hitLatency();
                case "miss" -> learnt.missLatency();
                case "load" -> learnt.loadLatency();
                default -> learnt.sharedTierLatency();
            };
            return switch (quantile) {
                case "0.5" -> latency.p50();
                case "0.95" -> latency.p95();
                case "0.99" -> latency.p99();
                default -> latency.max();
            };
        }
    }

    /** The meters that count what the cache counts. */
    private enum Counter implements ToDoubleFunction<CacheCounters> {
        LOAD_FAILURES("load.failures", "Loads that ended with an exception"),
        BYPASSED("bypassed", "Reads that a rule kept away from the cache"),
        NEGATIVE_HITS("negative.hits", "Answers from remembered absences and failures"),
        STALE_HITS("stale.hits", "Answers past their time-to-live"),
        ERRORS("errors", "Faults of the cache itself that no caller saw"),
        MEMORY_HITS(Tag.of("tier", "memory")),
        REDIS_HITS(Tag.of("tier", "redis")),
        REPLICA_HITS(Tag.of("tier", "replica")),
        STORE_HITS(Tag.of("tier", "store"));

        private final String name;
        private final String description;
        private final List<Tag> tags;

        Counter(String name, String description) {
            this(name, description, List.of());
        }

        Counter(Tag tier) {
            this("tier.hits", "Answers by the tier that gave them", List.of(tier));
        }

        Counter(String name, String description, List<Tag> tags) {
            this.name = name;
            this.description = description;
            this.tags = tags;
        }

        @Override
        public double applyAsDouble(CacheCounters counters) {
            return switch (this) {
                case LOAD_FAILURES -> counters.loadFailures();
                case BYPASSED -> counters.bypassed();
                case NEGATIVE_HITS -> counters.negativeHits();
                case STALE_HITS -> counters.staleHits();
                case ERRORS -> counters.errors();
                case MEMORY_HITS -> counters.memoryHits();
                case REDIS_HITS -> counters.remoteHits();
                case REPLICA_HITS -> counters.replicaHits();
                case STORE_HITS -> counters.storeHits();
            };
        }
    }
}
