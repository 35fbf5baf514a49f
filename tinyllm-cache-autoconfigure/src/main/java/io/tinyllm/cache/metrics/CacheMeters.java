package io.tinyllm.cache.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.TieredCache;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one cache: Spring Boot's {@code cache.*}, and {@code tinyllm.cache.*} for what they lack. Keys are never
 * tags.
 */
public final class CacheMeters extends CacheMeterBinder<TieredCache> {

    /**
     * Creates the meters, unregistered.
     * @param cache the cache
     * @param tags what every meter of it carries
     */
    public CacheMeters(TieredCache cache, Iterable<Tag> tags) {
        super(cache, cache.name(), tags);
    }

    @Override
    protected @Nullable Long size() {
        TieredCache cache = getCache();
        return cache == null ? null : cache.memory().size();
    }

    @Override
    protected long hitCount() {
        return count(CacheCounters::hits);
    }

    @Override
    protected Long missCount() {
        return count(CacheCounters::misses);
    }

    @Override
    protected @Nullable Long evictionCount() {
        TieredCache cache = getCache();
        return cache == null ? null : cache.memory().evictions();
    }

    @Override
    protected long putCount() {
        return count(CacheCounters::stores);
    }

    @Override
    protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
        TieredCache cache = getCache();
        if (cache == null) {
            return;
        }
        FunctionTimer.builder(
                        "tinyllm.cache.load",
                        cache.counters(),
                        CacheCounters::loads,
                        CacheCounters::loadNanos,
                        TimeUnit.NANOSECONDS)
                .tags(getTagsWithCacheName())
                .description("Loads of values that the cache did not hold")
                .register(registry);
        counter(
                registry,
                "tinyllm.cache.load.failures",
                "Loads that ended with an exception",
                CacheCounters::loadFailures);
        counter(
                registry,
                "tinyllm.cache.bypassed",
                "Reads that a rule kept away from the cache",
                CacheCounters::bypassed);
        tier(registry, "memory", CacheCounters::memoryHits);
    }

    private void tier(MeterRegistry registry, String tier, ToDoubleFunction<CacheCounters> count) {
        TieredCache cache = getCache();
        if (cache != null) {
            FunctionCounter.builder("tinyllm.cache.tier.hits", cache.counters(), count)
                    .tags(getTagsWithCacheName())
                    .tag("tier", tier)
                    .description("Answers by the tier that gave them")
                    .register(registry);
        }
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<CacheCounters> count) {
        TieredCache cache = getCache();
        if (cache != null) {
            FunctionCounter.builder(name, cache.counters(), count)
                    .tags(getTagsWithCacheName())
                    .description(description)
                    .register(registry);
        }
    }

    private long count(java.util.function.ToLongFunction<CacheCounters> figure) {
        TieredCache cache = getCache();
        return cache == null ? 0 : figure.applyAsLong(cache.counters());
    }
}
