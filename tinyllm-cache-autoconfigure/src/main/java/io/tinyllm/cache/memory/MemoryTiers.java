package io.tinyllm.cache.memory;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.MemorySettings;
import io.tinyllm.cache.settings.PartitionSettings;
import io.tinyllm.cache.settings.TtlOptimizerSettings;
import io.tinyllm.cache.settings.WriteSettings;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Makes the local tiers of caches. Thread-safe. */
public final class MemoryTiers {

    private final CoarseTicker time;
    private final Executor maintenance;
    private final Map<String, KeyPartitioner> partitioners;
    private final boolean alike;
    private final HeapWeigher weigher = new HeapWeigher();

    /**
     * Creates a factory.
     * @param time the monotonic time that all caches go by
     * @param maintenance runs the upkeep of the tiers
     * @param partitioners the partitioners of the application, by name
     * @param alike whether the application has no rules for the time-to-live of single entries
     */
    public MemoryTiers(
            CoarseTicker time, Executor maintenance, Map<String, KeyPartitioner> partitioners, boolean alike) {
        this.time = time;
        this.maintenance = maintenance;
        this.partitioners = Map.copyOf(partitioners);
        this.alike = alike;
    }

    /**
     * Checks what can be wrong about the settings beyond their ranges.
     * @throws InvalidCacheSettingException if the cache has no tier at all, or names a partitioner that does not exist
     */
    public void check(CacheDefinition definition) {
        CacheSettings settings = definition.settings();
        if (settings.getMemory().isEnabled()) {
            PartitionSettings partitions = settings.getMemory().getPartitions();
            if (partitions.isEnabled()) {
                partitioning(definition, partitions, () -> {});
            }
        } else if (!settings.getRedis().isEnabled() && settings.getWrite().getPolicy() == WriteSettings.Policy.NONE) {
            throw definition.invalid(
                    "memory.enabled",
                    false,
                    "false only for a cache with another tier",
                    "Set " + definition.path() + ".redis.enabled to true, or leave the memory enabled.");
        }
    }

    /**
     * Makes the local tier of a cache, empty.
     * @param definition the cache
     * @param staleness how long its entries are of use
     * @param onError runs whenever a partitioner fails
     * @return the tier, {@link MemoryTier#none()} where the cache holds nothing in memory
     */
    public MemoryTier create(CacheDefinition definition, Staleness staleness, Runnable onError) {
        return create(
                definition, staleness, onError, bounds(definition.settings().getMemory()));
    }

    /**
     * Makes the local tier of a cache that is bounded by bytes alone: its size is a number of places, of which an entry
     * takes as many as its value needs, and one at least.
     * @param definition the cache
     * @param staleness how long its entries are of use
     * @param onError runs whenever a partitioner fails
     * @param bytesOfPlace the bytes of a place
     */
    public MemoryTier createOfPlaces(
            CacheDefinition definition, Staleness staleness, Runnable onError, long bytesOfPlace) {
        return create(definition, staleness, onError, size -> MemoryBound.ofBytes(size, weigher, bytesOfPlace, 1));
    }

    /**
     * Makes a tier that holds no values, but evicts as that of a cache does, without partitions.
     * @param definition the cache
     * @param size its bound, in entries
     */
    public MemoryTier createMiniature(CacheDefinition definition, long size) {
        CacheSettings settings = definition.settings();
        long keepNanos = settings.getTimeToLive().isZero()
                ? CacheEntry.NEVER
                : TtlPolicy.saturatedNanos(settings.getTimeToLive());
        return CaffeineMemoryTier.keeping(size, time.behind(), Runnable::run, keepNanos);
    }

    /** Estimates the bytes of a value; never fails. */
    public long weigh(@Nullable Object value) {
        return weigher.weigh(value);
    }

    private MemoryTier create(
            CacheDefinition definition, Staleness staleness, Runnable onError, LongFunction<MemoryBound> bounds) {
        CacheSettings settings = definition.settings();
        if (!settings.getMemory().isEnabled()) {
            return MemoryTier.none();
        }
        long keepNanos = staleness
                .policy()
                .keepNanos(
                        settings.getTimeToLive().isZero()
                                ? CacheEntry.NEVER
                                : TtlPolicy.saturatedNanos(settings.getTimeToLive()));
        LongFunction<MemoryTier> tiers = alike && allLiveEquallyLong(settings)
                ? size -> CaffeineMemoryTier.keeping(
                        bounds.apply(size), time.behind(), maintenance, time.ahead(), keepNanos)
                : size -> new CaffeineMemoryTier(bounds.apply(size), time.behind(), maintenance, time.ahead());
        long maximumSize = settings.getMemory().getMaximumSize();
        PartitionSettings partitions = settings.getMemory().getPartitions();
        return partitions.isEnabled()
                ? new PartitionedMemoryTier(
                        partitions.getCount(),
                        maximumSize,
                        partitioning(definition, partitions, onError),
                        !"hash".equals(partitions.getBy()),
                        tiers)
                : tiers.apply(maximumSize);
    }

    /** Returns what makes the bound of a tier, or of a part of one, from its entries. */
    private LongFunction<MemoryBound> bounds(MemorySettings settings) {
        DataSize maximumWeight = settings.getMaximumWeight();
        if (maximumWeight == null) {
            return MemoryBound::ofEntries;
        }
        return size -> MemoryBound.ofBytes(size, weigher, maximumWeight.toBytes(), settings.getMaximumSize());
    }

    private static boolean allLiveEquallyLong(CacheSettings settings) {
        TtlOptimizerSettings optimizer = settings.getTtlOptimizer();
        boolean byKey = optimizer.isEnabled() && optimizer.getPolicy() == TtlOptimizerSettings.Policy.HIT_RATE;
        return !byKey
                && settings.getTimeToLiveJitter() == 0
                && !settings.getRedis().isEnabled();
    }

    private ToIntFunction<Object> partitioning(
            CacheDefinition definition, PartitionSettings settings, Runnable onError) {
        int count = settings.getCount();
        return switch (settings.getBy()) {
            case "hash" -> Partitioning.byHash(count);
            case "prefix" -> Partitioning.byPrefix(count, settings.getSeparator());
            default -> Partitioning.by(count, partitioner(definition, settings.getBy()), onError);
        };
    }

    private KeyPartitioner partitioner(CacheDefinition definition, String name) {
        KeyPartitioner partitioner = partitioners.get(name);
        if (partitioner == null) {
            throw definition.invalid(
                    "memory.partitions.by",
                    name,
                    "hash, prefix, or the name of a KeyPartitioner bean"
                            + (partitioners.isEmpty()
                                    ? " (there is none)"
                                    : ", here " + new TreeSet<>(partitioners.keySet())),
                    "Correct the name, or define a KeyPartitioner bean of that name.");
        }
        return partitioner;
    }
}
