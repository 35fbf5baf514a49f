package io.tinyllm.cache.assembly;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.bypass.BypassRules;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGates;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.limit.LoadLimit;
import io.tinyllm.cache.memory.MemoryTiers;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.ttl.TtlTuning;
import io.tinyllm.cache.tuning.SizeTuning;
import io.tinyllm.cache.tuning.budget.BudgetTuning;
import io.tinyllm.cache.tuning.budget.CacheDemand;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Puts caches together: asks each feature for its part of the definition, and wires the parts. What of a definition
 * makes no sense each feature says itself. Thread-safe.
 */
public final class CacheAssembler {

    private final CoarseTicker time;
    private final Executor maintenance;
    private final Executor background;
    private final Executor waiters;
    private final Background.Timer timer;
    private final CacheEntry.Factory entries;
    private final Extensions extensions;
    private final ControlPlane controlPlane;
    private final MemoryTiers memoryTiers;

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
        this(
                CoarseTicker.exactly(ticker),
                maintenance,
                background,
                ForkJoinPool.commonPool(),
                entries,
                extensions,
                ControlPlane.off());
    }

    /**
     * Creates an assembler whose caches end waits by the JDK's timer.
     * @param time the monotonic time that all caches go by
     * @param maintenance runs the upkeep of local tiers
     * @param background runs loads that no caller waits for; bounded, and rejects what is too much
     * @param waiters runs what callers do whose wait without a thread has ended
     * @param entries makes the entries
     * @param extensions what the application adds
     * @param controlPlane what watches the caches
     */
    public CacheAssembler(
            CoarseTicker time,
            Executor maintenance,
            Executor background,
            Executor waiters,
            CacheEntry.Factory entries,
            Extensions extensions,
            ControlPlane controlPlane) {
        this(time, maintenance, background, waiters, Background.Timer.JDK, entries, extensions, controlPlane);
    }

    /**
     * Creates an assembler.
     * @param time the monotonic time that all caches go by
     * @param maintenance runs the upkeep of local tiers
     * @param background runs loads that no caller waits for; bounded, and rejects what is too much
     * @param waiters runs what callers do whose wait without a thread has ended
     * @param timer ends such waits
     * @param entries makes the entries
     * @param extensions what the application adds
     * @param controlPlane what watches the caches
     */
    public CacheAssembler(
            CoarseTicker time,
            Executor maintenance,
            Executor background,
            Executor waiters,
            Background.Timer timer,
            CacheEntry.Factory entries,
            Extensions extensions,
            ControlPlane controlPlane) {
        this.time = time;
        this.maintenance = maintenance;
        this.background = background;
        this.waiters = waiters;
        this.timer = timer;
        this.entries = entries;
        this.extensions = extensions;
        this.controlPlane = controlPlane;
        this.memoryTiers = new MemoryTiers(
                time,
                maintenance,
                extensions.partitioners(),
                extensions.timesToLive().isEmpty());
    }

    /**
     * Checks a definition as far as that is possible without making a cache of it; connects to nothing.
     * @throws InvalidCacheSettingException if a setting is out of range or names something that does not exist
     */
    public void check(CacheDefinition definition) {
        definition.settings().validate(definition.path());
        memoryTiers.check(definition);
        PrefetchOptions.check(definition);
        TtlTuning.check(definition);
        SizeTuning.check(definition);
        controlPlane.budget().check(definition);
        BypassRules.check(definition, extensions.storedForms());
        CaffeineNegativeCache.check(definition);
        if (definition.settings().getRedis().isEnabled()) {
            extensions.sharedTiers().check(definition);
        }
        extensions.storeWriters().check(definition);
    }

    /**
     * Puts a cache together.
     * @param definition the cache
     * @return the cache, empty
     * @throws InvalidCacheSettingException as {@link #check} does
     */
    public TieredCache assemble(CacheDefinition definition) {
        check(definition);
        CacheSettings settings = definition.settings();
        CacheCounters counters = new CacheCounters();
        Staleness staleness = new Staleness(
                TtlPolicy.saturatedNanos(settings.getStaleIfError()),
                TtlPolicy.saturatedNanos(settings.getStaleWhileRevalidate()),
                settings.getRefreshAhead());
        BudgetTuning budget = controlPlane.budget();
        MemoryTier tier = budget.weighs(definition)
                ? memoryTiers.createOfPlaces(definition, staleness, counters::error, BudgetTuning.BYTES_OF_PLACE)
                : memoryTiers.create(definition, staleness, counters::error);
        Background.Loader loader = extensions.loader(definition.name());
        TagPolicy tagPolicy = extensions.tags().policy(definition.name(), counters::error);
        CachePrefetch prefetch = CachePrefetch.of(
                definition, tier, loader != null, controlPlane, memoryTiers::weigh, time.exact(), tagPolicy);
        MemoryTier memory = prefetch.memory();
        LongFunction<MemoryTier> miniatures = size -> memoryTiers.createMiniature(definition, size);
        CacheTuning tuning = CacheTuning.of(
                definition,
                tier,
                memory,
                counters,
                prefetch.prefetcher(),
                miniatures,
                budget.governs(definition),
                time.exact());
        CacheDemand demand = controlPlane.demand(definition, memory, counters, tuning, memoryTiers::weigh);
        SharedTiers.Shared shared =
                settings.getRedis().isEnabled() ? extensions.sharedTiers().create(definition) : SharedTiers.Shared.NONE;
        CacheObserver observer = extensions.observer();
        TieredCache cache = TieredCache.named(definition.name())
                .ticker(time.exact())
                .ahead(time.ahead())
                .entries(entries)
                .counters(counters)
                .memory(memory)
                .recorder(observer.hits(
                        definition.name(),
                        controlPlane.recorder(
                                definition, memory, counters, tuning, demand, miniatures, memoryTiers::weigh)))
                .remote(observer.remote(definition.name(), shared.tier()))
                .leases(shared.leases())
                .writes(extensions.storeWriters().create(definition))
                .bypass(BypassRules.of(definition, extensions.bypassRules(), extensions.storedForms(), counters::error))
                .negative(CaffeineNegativeCache.of(definition, time.exact(), maintenance))
                .ttl(timeToLive(definition, tuning, counters))
                .staleness(staleness)
                .staleWaitNanos(TtlPolicy.saturatedNanos(settings.getStaleWhileRevalidateWait()))
                .background(new Background(new Share(background, Share.DEFAULT), waiters, timer, loader))
                .onLead(prefetch::remember)
                .gate(LoadGates.inOrder(extensions.gates().gate(definition.name()), LoadLimit.of(definition, timer)))
                .tags(tagPolicy)
                .loadObserver(observer.loads(definition.name()))
                .singleFlight(settings.isSingleFlight())
                .loadTimeoutNanos(TtlPolicy.saturatedNanos(settings.getLoadTimeout()))
                .build();
        extensions.tags().register(definition.name(), lifeNanos(settings, staleness), cache::forgetAll);
        prefetch.begin(cache, shared.tier());
        return cache;
    }

    /** How long entries may be of use, in memory, Redis or files: for ever where a rule may say so. */
    private long lifeNanos(CacheSettings settings, Staleness staleness) {
        Duration inRedis = settings.getRedis().getTimeToLive();
        if (settings.getTimeToLive().isZero()
                || inRedis != null && inRedis.isZero()
                || !extensions.timesToLive().isEmpty()) {
            return CacheEntry.NEVER;
        }
        Duration longest = Stream.of(
                        settings.getTimeToLive(),
                        inRedis == null ? Duration.ZERO : inRedis,
                        settings.getTtlOptimizer().isEnabled()
                                ? settings.getTtlOptimizer().getMaximum()
                                : Duration.ZERO,
                        settings.getNegative().isEnabled()
                                ? settings.getNegative().getTimeToLive()
                                : Duration.ZERO)
                .max(Comparator.naturalOrder())
                .get();
        return staleness.policy().keepNanos(TtlPolicy.saturatedNanos(longest));
    }

    private TtlPolicy timeToLive(CacheDefinition definition, CacheTuning tuning, CacheCounters counters) {
        TtlPolicy configured = TtlPolicy.fixed(definition.settings().getTimeToLive());
        TtlPolicy tuned =
                tuning.timeToLive() == null ? configured : tuning.timeToLive().timeToLive(configured);
        TtlPolicy shared =
                TtlPolicy.shared(tuned, definition.settings().getRedis().getTimeToLive());
        return TtlPolicy.jittered(
                TtlPolicy.ruled(shared, definition.name(), extensions.timesToLive(), counters::error),
                definition.settings().getTimeToLiveJitter(),
                () -> ThreadLocalRandom.current().nextDouble());
    }
}
