package io.tinyllm.cache;

import io.tinyllm.cache.settings.AnalyticsSettings;
import io.tinyllm.cache.settings.BypassSettings;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.LlmSettings;
import io.tinyllm.cache.settings.MemorySettings;
import io.tinyllm.cache.settings.NegativeSettings;
import io.tinyllm.cache.settings.PrefetchSettings;
import io.tinyllm.cache.settings.RedisSettings;
import io.tinyllm.cache.settings.ReplicationSettings;
import io.tinyllm.cache.settings.SettingsGroup;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.settings.SnapshotSettings;
import io.tinyllm.cache.settings.TtlOptimizerSettings;
import io.tinyllm.cache.settings.WriteSettings;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * The settings of one cache: {@code tinyllm.cache.defaults}, with {@code tinyllm.cache.caches.<name>} laid over them,
 * property by property. Mutable and confined to one thread until the cache exists; fixed and safe to share from then
 * on, when every setter throws {@link IllegalStateException}.
 */
public final class CacheSettings extends SettingsGroup {

    /**
     * Time for which a fresh entry is served. Zero means that it never expires.
     */
    private Duration timeToLive = Duration.ofMinutes(10);

    /**
     * Fraction of the time-to-live, from 0 to 0.5, by which the life of an entry is shortened at random, so that
     * entries written together do not expire together.
     */
    private double timeToLiveJitter = 0;

    /**
     * How long an expired entry is served where its load fails (RFC 5861).
     */
    private Duration staleIfError = Duration.ofSeconds(0);

    /**
     * How long an expired entry is served while one background load replaces it (RFC 5861).
     */
    private Duration staleWhileRevalidate = Duration.ofSeconds(0);

    /**
     * How long a caller waits for the background load that replaces an expired entry, before it is served the expired
     * entry. Zero for not at all.
     */
    private Duration staleWhileRevalidateWait = Duration.ofMillis(0);

    /**
     * Fraction of the time-to-live, from 0 to 1, after which a read starts a background load that replaces the entry.
     * Zero for never. A background load runs without the request, the security context and the transaction of any
     * caller.
     */
    private double refreshAhead = 0;

    /**
     * How long a caller waits for another caller's load of the same key before it runs its own beside it, and how long
     * it waits for its turn to load where maximum-loads is set.
     */
    private Duration loadTimeout = Duration.ofSeconds(30);

    /**
     * How many loads of the cache run at a time, background loads included. Zero for no limit.
     */
    private int maximumLoads = 0;

    /**
     * Whether a key is loaded by one caller at a time while the others wait for its result.
     */
    private boolean singleFlight = true;

    @NestedConfigurationProperty
    private final MemorySettings memory = new MemorySettings();

    @NestedConfigurationProperty
    private final RedisSettings redis = new RedisSettings();

    @NestedConfigurationProperty
    private final ReplicationSettings replication = new ReplicationSettings();

    @NestedConfigurationProperty
    private final WriteSettings write = new WriteSettings();

    @NestedConfigurationProperty
    private final SnapshotSettings snapshot = new SnapshotSettings();

    @NestedConfigurationProperty
    private final BypassSettings bypass = new BypassSettings();

    @NestedConfigurationProperty
    private final NegativeSettings negative = new NegativeSettings();

    @NestedConfigurationProperty
    private final TtlOptimizerSettings ttlOptimizer = new TtlOptimizerSettings();

    @NestedConfigurationProperty
    private final SizeTunerSettings sizeTuner = new SizeTunerSettings();

    @NestedConfigurationProperty
    private final PrefetchSettings prefetch = new PrefetchSettings();

    @NestedConfigurationProperty
    private final AnalyticsSettings analytics = new AnalyticsSettings();

    @NestedConfigurationProperty
    private final LlmSettings llm = new LlmSettings();

    /** Time for which a fresh entry is served; zero for ever. */
    public Duration getTimeToLive() {
        return timeToLive;
    }

    /** Sets the time for which a fresh entry is served; zero for ever. */
    public void setTimeToLive(Duration timeToLive) {
        checkMutable();
        this.timeToLive = timeToLive;
    }

    /** The most, as a fraction, by which the life of an entry is shortened at random. */
    public double getTimeToLiveJitter() {
        return timeToLiveJitter;
    }

    /** Sets the most, as a fraction from 0 to 0.5, by which the life of an entry is shortened at random. */
    public void setTimeToLiveJitter(double timeToLiveJitter) {
        checkMutable();
        this.timeToLiveJitter = timeToLiveJitter;
    }

    /** How many loads of the cache run at a time, zero for no limit. */
    public int getMaximumLoads() {
        return maximumLoads;
    }

    /** Sets how many loads of the cache run at a time, background loads included; zero for no limit. */
    public void setMaximumLoads(int maximumLoads) {
        checkMutable();
        this.maximumLoads = maximumLoads;
    }

    /** How long a caller waits for another caller's load. */
    public Duration getLoadTimeout() {
        return loadTimeout;
    }

    /** Sets how long a caller waits for another caller's load; positive. */
    public void setLoadTimeout(Duration loadTimeout) {
        checkMutable();
        this.loadTimeout = loadTimeout;
    }

    /** Returns whether a key is loaded by one caller at a time. */
    public boolean isSingleFlight() {
        return singleFlight;
    }

    /** Sets whether a key is loaded by one caller at a time. */
    public void setSingleFlight(boolean singleFlight) {
        checkMutable();
        this.singleFlight = singleFlight;
    }

    /** How long an expired entry is served where its load fails. */
    public Duration getStaleIfError() {
        return staleIfError;
    }

    /** Sets how long an expired entry is served where its load fails; zero for never. */
    public void setStaleIfError(Duration staleIfError) {
        checkMutable();
        this.staleIfError = staleIfError;
    }

    /** How long an expired entry is served while a background load replaces it. */
    public Duration getStaleWhileRevalidate() {
        return staleWhileRevalidate;
    }

    /** Sets how long an expired entry is served while a background load replaces it; zero for never. */
    public void setStaleWhileRevalidate(Duration staleWhileRevalidate) {
        checkMutable();
        this.staleWhileRevalidate = staleWhileRevalidate;
    }

    /** How long a caller waits for the background load that replaces an expired entry, zero for not at all. */
    public Duration getStaleWhileRevalidateWait() {
        return staleWhileRevalidateWait;
    }

    /** Sets how long a caller waits for that load before it is served the expired entry; zero for not at all. */
    public void setStaleWhileRevalidateWait(Duration staleWhileRevalidateWait) {
        checkMutable();
        this.staleWhileRevalidateWait = staleWhileRevalidateWait;
    }

    /** The fraction of the time-to-live after which a read starts a background load. */
    public double getRefreshAhead() {
        return refreshAhead;
    }

    /**
     * Sets the fraction of the time-to-live, from 0 to 1, after which a read starts a background load; zero for never.
     */
    public void setRefreshAhead(double refreshAhead) {
        checkMutable();
        this.refreshAhead = refreshAhead;
    }

    /** Settings of the shared tier. */
    public RedisSettings getRedis() {
        return redis;
    }

    /** Settings of the copies on other backends. */
    public ReplicationSettings getReplication() {
        return replication;
    }

    /** Settings of the writes to a store. */
    public WriteSettings getWrite() {
        return write;
    }

    /** Settings of the snapshots. */
    public SnapshotSettings getSnapshot() {
        return snapshot;
    }

    /** Settings of the bypass rules. */
    public BypassSettings getBypass() {
        return bypass;
    }

    /** Settings of negative caching. */
    public NegativeSettings getNegative() {
        return negative;
    }

    /** Settings of the analytics. */
    public AnalyticsSettings getAnalytics() {
        return analytics;
    }

    /** Settings of a cache of answers of language models. */
    public LlmSettings getLlm() {
        return llm;
    }

    /** Settings of the time-to-live optimiser. */
    public TtlOptimizerSettings getTtlOptimizer() {
        return ttlOptimizer;
    }

    /** Settings of what tunes the size of the local tier. */
    public SizeTunerSettings getSizeTuner() {
        return sizeTuner;
    }

    /** Settings of what brings keys into memory before anybody asks for them. */
    public PrefetchSettings getPrefetch() {
        return prefetch;
    }

    /** Settings of the local tier. */
    public MemorySettings getMemory() {
        return memory;
    }

    /**
     * Fails if a setting makes no sense.
     * @param path the property path of these settings, for the message
     * @throws InvalidCacheSettingException if one does
     */
    @Override
    public void validate(String path) {
        checkNotNegative(path, "time-to-live", checkSet(path, "time-to-live", timeToLive, "10m"));
        checkRange(path, "time-to-live-jitter", timeToLiveJitter, 0, 0.5);
        checkNotNegative(path, "stale-if-error", checkSet(path, "stale-if-error", staleIfError, "1h"));
        checkNotNegative(
                path, "stale-while-revalidate", checkSet(path, "stale-while-revalidate", staleWhileRevalidate, "1m"));
        checkNotNegative(
                path,
                "stale-while-revalidate-wait",
                checkSet(path, "stale-while-revalidate-wait", staleWhileRevalidateWait, "100ms"));
        checkRange(path, "refresh-ahead", refreshAhead, 0, 1);
        checkPositive(path, "load-timeout", checkSet(path, "load-timeout", loadTimeout, "30s"));
        checkRange(path, "maximum-loads", (long) maximumLoads, 0, Long.MAX_VALUE);
        memory.validate(path + ".memory");
        redis.validate(path + ".redis");
        replication.validate(path + ".replication");
        if (replication.isEnabled() && !redis.isEnabled()) {
            throw new InvalidCacheSettingException(
                    path + ".replication.enabled",
                    true,
                    "true only for a cache with a shared tier",
                    "Set " + path + ".redis.enabled to true, or this property to false.");
        }
        write.validate(path + ".write");
        snapshot.validate(path + ".snapshot");
        bypass.validate(path + ".bypass");
        negative.validate(path + ".negative");
        ttlOptimizer.validate(path + ".ttl-optimizer");
        sizeTuner.validate(path + ".size-tuner");
        prefetch.validate(path + ".prefetch");
        analytics.validate(path + ".analytics");
        llm.validate(path + ".llm");
    }

    /** Makes every later change throw {@link IllegalStateException}. */
    @Override
    public void freeze() {
        super.freeze();
    }

    @Override
    protected List<SettingsGroup> groups() {
        return List.of(
                memory,
                redis,
                replication,
                write,
                snapshot,
                bypass,
                negative,
                analytics,
                llm,
                ttlOptimizer,
                sizeTuner,
                prefetch);
    }
}
