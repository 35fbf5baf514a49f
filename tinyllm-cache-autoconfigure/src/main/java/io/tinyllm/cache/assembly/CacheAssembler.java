package io.tinyllm.cache.assembly;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.bypass.BypassRules;
import io.tinyllm.cache.codec.ValueSizer;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.core.port.WritePolicy;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.limit.LoadLimit;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.memory.PartitionedMemoryTier;
import io.tinyllm.cache.memory.Partitioning;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import io.tinyllm.cache.prefetch.Invocations;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.settings.BypassSettings;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.NegativeSettings;
import io.tinyllm.cache.settings.PartitionSettings;
import io.tinyllm.cache.settings.PrefetchSettings;
import io.tinyllm.cache.settings.TtlOptimizerSettings;
import io.tinyllm.cache.settings.TuningMode;
import io.tinyllm.cache.settings.WriteSettings;
import io.tinyllm.cache.ttl.TtlTuning;
import io.tinyllm.cache.tuning.HeapOccupancy;
import io.tinyllm.cache.tuning.PartitionTuning;
import io.tinyllm.cache.tuning.SizeTuning;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Puts caches together from their settings. Thread-safe. */
public final class CacheAssembler {

    private final LongSupplier ticker;
    private final CoarseTicker time;
    private final Executor maintenance;
    private final Executor background;
    private final CacheEntry.Factory entries;
    private final Extensions extensions;
    private final ControlPlane controlPlane;

    /**
     * Creates an assembler of caches that nothing watches.
     * @param ticker the monotonic time in nanoseconds that all caches go by
     * @param maintenance runs the upkeep of local tiers
     * @param background runs loads that no caller waits for; bounded, and rejects what is too much
     * @param entries makes the entries
     * @param extensions what the application adds
     */
    public CacheAssembler(
            LongSupplier ticker,
            Executor maintenance,
            Executor background,
            CacheEntry.Factory entries,
            Extensions extensions) {
        this(CoarseTicker.exactly(ticker), maintenance, background, entries, extensions, ControlPlane.off());
    }

    /**
     * Creates an assembler.
     * @param time the monotonic time that all caches go by
     * @param maintenance runs the upkeep of local tiers
     * @param background runs loads that no caller waits for; bounded, and rejects what is too much
     * @param entries makes the entries
     * @param extensions what the application adds
     * @param controlPlane what watches the caches
     */
    public CacheAssembler(
            CoarseTicker time,
            Executor maintenance,
            Executor background,
            CacheEntry.Factory entries,
            Extensions extensions,
            ControlPlane controlPlane) {
        this.ticker = time.exact();
        this.time = time;
        this.maintenance = maintenance;
        this.background = background;
        this.entries = entries;
        this.extensions = extensions;
        this.controlPlane = controlPlane;
    }

    /**
     * Puts a cache together.
     * @param name its name
     * @param path the property path of its settings, for messages
     * @param settings its settings, valid in themselves
     * @return the cache, empty
     * @throws InvalidCacheSettingException if a setting names something that does not exist
     */
    public TieredCache assemble(String name, String path, CacheSettings settings) {
        CacheCounters counters = new CacheCounters();
        PrefetchOptions prefetching = prefetching(path, settings);
        MemoryTier tier = memory(path, settings, counters);
        Background.Loader loader = loader(name);
        boolean invokes = prefetching != null && !prefetching.observe() && loader == null;
        Invocations invocations = new Invocations(invokes ? prefetching.contexts() : 0);
        CachePrefetch target = new CachePrefetch(tier, invocations);
        Prefetcher prefetcher = prefetching == null ? null : controlPlane.prefetcher(target, prefetching);
        MemoryTier memory = staged(settings, tier, prefetching, prefetcher, target);
        TtlTuning lives = lives(path, settings, memory);
        CacheTuning tuning =
                new CacheTuning(size(path, settings, memory, counters), partitions(settings, tier), lives, prefetcher);
        SharedTiers.Shared shared = settings.getRedis().isEnabled()
                ? extensions.sharedTiers().create(name, path, settings)
                : SharedTiers.Shared.NONE;
        TtlPolicy timeToLive = TtlPolicy.fixed(settings.getTimeToLive());
        TieredCache cache = TieredCache.named(name)
                .ticker(ticker)
                .ahead(time.ahead())
                .entries(entries)
                .counters(counters)
                .memory(memory)
                .recorder(controlPlane.recorder(name, settings, memory, counters, tuning))
                .remote(shared.tier())
                .leases(shared.leases())
                .tracing(extensions.tracing())
                .writes(writes(name, path, settings))
                .bypass(bypass(name, path, settings.getBypass(), counters))
                .negative(negative(path, settings.getNegative()))
                .ttl(TtlPolicy.jittered(
                        lives == null ? timeToLive : lives.timeToLive(timeToLive),
                        settings.getTimeToLiveJitter(),
                        () -> ThreadLocalRandom.current().nextDouble()))
                .staleness(staleness(settings))
                .background(new Background(background, loader))
                .onLead(invokes ? invocations::remember : (key, leader) -> {})
                .gate(limit(settings))
                .singleFlight(settings.isSingleFlight())
                .loadTimeoutNanos(TtlPolicy.saturatedNanos(settings.getLoadTimeout()))
                .build();
        target.begin(cache, shared.tier());
        return cache;
    }

    private static @Nullable PrefetchOptions prefetching(String path, CacheSettings settings) {
        PrefetchSettings prefetch = settings.getPrefetch();
        if (!prefetch.isEnabled()) {
            return null;
        }
        checkMemory(path, "prefetch", settings);
        return PrefetchOptions.forCache(
                largestSize(settings),
                prefetch.getMode() == TuningMode.OBSERVE,
                prefetch.getWindow(),
                prefetch.getMinimumConfidence(),
                prefetch.getMaximumPredictions(),
                prefetch.getMaximumConcurrency());
    }

    /** The tier with an area for what is prefetched, within the bound of both. */
    private MemoryTier staged(
            CacheSettings settings,
            MemoryTier tier,
            @Nullable PrefetchOptions prefetching,
            @Nullable Prefetcher prefetcher,
            CachePrefetch target) {
        if (prefetching == null || prefetcher == null || prefetching.observe()) {
            return tier;
        }
        StagedMemoryTier staged = new StagedMemoryTier(
                tier,
                settings.getMemory().getMaximumSize(),
                PrefetchOptions::maximumStagedOf,
                ticker,
                prefetcher::onUsed,
                prefetcher::onGone);
        target.stageIn(staged);
        return staged;
    }

    private static long largestSize(CacheSettings settings) {
        long size = settings.getMemory().getMaximumSize();
        return settings.getSizeTuner().isEnabled()
                ? Math.max(size, settings.getSizeTuner().getMaximum())
                : size;
    }

    private static LoadGate limit(CacheSettings settings) {
        long timeoutNanos = TtlPolicy.saturatedNanos(settings.getLoadTimeout());
        return settings.getMaximumLoads() == 0
                ? LoadGate.none()
                : new LoadLimit(settings.getMaximumLoads(), 2 * Math.min(timeoutNanos, Long.MAX_VALUE / 2));
    }

    private static Staleness staleness(CacheSettings settings) {
        return new Staleness(
                TtlPolicy.saturatedNanos(settings.getStaleIfError()),
                TtlPolicy.saturatedNanos(settings.getStaleWhileRevalidate()),
                settings.getRefreshAhead());
    }

    private WritePolicy writes(String name, String path, CacheSettings settings) {
        return settings.getWrite().getPolicy() == WriteSettings.Policy.NONE
                ? WritePolicy.none()
                : extensions.storeWriters().create(name, path, settings.getWrite());
    }

    private @Nullable TtlTuning lives(String path, CacheSettings settings, MemoryTier memory) {
        TtlOptimizerSettings optimizer = settings.getTtlOptimizer();
        if (!optimizer.isEnabled()) {
            return null;
        }
        checkMemory(path, "ttl-optimizer", settings);
        Duration timeToLive = settings.getTimeToLive();
        return new TtlTuning(
                optimizer,
                timeToLive.isZero() ? CacheEntry.NEVER : TtlPolicy.saturatedNanos(timeToLive),
                largestSize(settings),
                memory,
                ticker,
                Clock.systemUTC());
    }

    private static @Nullable SizeTuning size(
            String path, CacheSettings settings, MemoryTier memory, CacheCounters counters) {
        if (!settings.getSizeTuner().isEnabled()) {
            return null;
        }
        checkMemory(path, "size-tuner", settings);
        return new SizeTuning(
                settings.getSizeTuner(), memory, counters, HeapOccupancy.ofThisProcess(), Clock.systemUTC());
    }

    private static @Nullable PartitionTuning partitions(CacheSettings settings, MemoryTier memory) {
        return settings.getMemory().getPartitions().isRebalance() && memory instanceof PartitionedMemoryTier parted
                ? new PartitionTuning(
                        parted::partitionOf,
                        () -> parted.partitions().stream()
                                .map(MemoryTier.PartitionStatistics::maximumSize)
                                .toList(),
                        parted::divide,
                        settings.getSizeTuner().getInterval(),
                        Clock.systemUTC())
                : null;
    }

    private static void checkMemory(String path, String feature, CacheSettings settings) {
        if (!settings.getMemory().isEnabled()) {
            throw new InvalidCacheSettingException(
                    path + "." + feature + ".enabled",
                    true,
                    "true only for a cache that holds entries in memory",
                    "Set " + path + ".memory.enabled to true, or this property to false.");
        }
    }

    private MemoryTier memory(String path, CacheSettings settings, CacheCounters counters) {
        if (!settings.getMemory().isEnabled()) {
            if (!settings.getRedis().isEnabled() && settings.getWrite().getPolicy() == WriteSettings.Policy.NONE) {
                throw new InvalidCacheSettingException(
                        path + ".memory.enabled",
                        false,
                        "false only for a cache with another tier",
                        "Set " + path + ".redis.enabled to true, or leave the memory enabled.");
            }
            return MemoryTier.none();
        }
        long keepNanos = staleness(settings)
                .keepNanos(
                        settings.getTimeToLive().isZero()
                                ? CacheEntry.NEVER
                                : TtlPolicy.saturatedNanos(settings.getTimeToLive()));
        TtlOptimizerSettings optimizer = settings.getTtlOptimizer();
        boolean byKey = optimizer.isEnabled() && optimizer.getPolicy() == TtlOptimizerSettings.Policy.HIT_RATE;
        // Where no entry lives for less than any other.
        boolean alike = !byKey
                && settings.getTimeToLiveJitter() == 0
                && !settings.getRedis().isEnabled();
        LongFunction<MemoryTier> tiers = alike
                ? bound -> CaffeineMemoryTier.keeping(bound, time.behind(), maintenance, keepNanos)
                : bound -> new CaffeineMemoryTier(bound, time.behind(), maintenance);
        long maximumSize = settings.getMemory().getMaximumSize();
        PartitionSettings partitions = settings.getMemory().getPartitions();
        return partitions.isEnabled()
                ? new PartitionedMemoryTier(
                        partitions.getCount(), maximumSize, partitioning(path, partitions, counters), tiers)
                : tiers.apply(maximumSize);
    }

    private ToIntFunction<Object> partitioning(String path, PartitionSettings settings, CacheCounters counters) {
        int count = settings.getCount();
        return switch (settings.getBy()) {
            case "hash" -> Partitioning.byHash(count);
            case "prefix" -> Partitioning.byPrefix(count, settings.getSeparator());
            default -> {
                KeyPartitioner partitioner = extensions.partitioners().get(settings.getBy());
                if (partitioner == null) {
                    throw new InvalidCacheSettingException(
                            path + ".memory.partitions.by",
                            settings.getBy(),
                            "hash, prefix, or the name of a KeyPartitioner bean"
                                    + (extensions.partitioners().isEmpty()
                                            ? " (there is none)"
                                            : ", here "
                                                    + new TreeSet<>(extensions
                                                            .partitioners()
                                                            .keySet())),
                            "Correct the name, or define a KeyPartitioner bean of that name.");
                }
                yield Partitioning.by(count, partitioner, counters::error);
            }
        };
    }

    private BypassPolicy bypass(String name, String path, BypassSettings settings, CacheCounters counters) {
        List<BypassRule> rules = extensions.bypassRules();
        DataSize maximum = settings.getMaximumValueSize();
        if (settings.getKeyPatterns().isEmpty() && maximum == null && rules.isEmpty()) {
            return BypassPolicy.none();
        }
        return new BypassRules(
                name,
                settings.getKeyPatterns(),
                maximum == null ? Long.MAX_VALUE : maximum.toBytes(),
                maximum == null ? (value, limit) -> false : measure(path, maximum),
                rules,
                counters::error);
    }

    /** What measures values as they would be stored, which needs Jackson. */
    private static BypassRules.Measure measure(String path, DataSize maximum) {
        try {
            ValueSizer sizer = new ValueSizer();
            return (value, limit) -> sizer.sizeOf(value, limit) > limit;
        } catch (LinkageError e) {
            throw new InvalidCacheSettingException(
                    path + ".bypass.maximum-value-size",
                    maximum,
                    "a size only with Jackson on the class path",
                    "Add the dependency org.springframework.boot:spring-boot-starter-jackson, or remove the property.");
        }
    }

    private NegativeCache negative(String path, NegativeSettings settings) {
        if (!settings.isEnabled()) {
            return NegativeCache.none();
        }
        for (String type : settings.getExceptions()) {
            if (!isException(type)) {
                throw new InvalidCacheSettingException(
                        path + ".negative.exceptions",
                        type,
                        "the names of classes on the class path that are exceptions",
                        "Correct the name; it includes the package, and a '$' before the name of a nested class.");
            }
        }
        return new CaffeineNegativeCache(
                TtlPolicy.saturatedNanos(settings.getTimeToLive()),
                settings.getMaximumSize(),
                Set.copyOf(settings.getExceptions()),
                settings.isCacheNull(),
                ticker,
                maintenance);
    }

    private static boolean isException(String type) {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            return Throwable.class.isAssignableFrom(Class.forName(type, false, loader));
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    @SuppressWarnings("unchecked") // the keys of a cache are what its loader says
    private Background.@Nullable Loader loader(String name) {
        for (CacheLoader<?, ?> loader : extensions.loaders()) {
            if (loader.cacheNames().contains(name)) {
                return ((CacheLoader<Object, Object>) loader)::load;
            }
        }
        return null;
    }
}
