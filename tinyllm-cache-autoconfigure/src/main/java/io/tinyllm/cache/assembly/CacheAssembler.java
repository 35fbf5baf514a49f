package io.tinyllm.cache.assembly;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.core.CacheEntry;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** Puts caches together from their settings. Thread-safe. */
public final class CacheAssembler {

    private final LongSupplier ticker;
    private final Executor maintenance;
    private final CacheEntry.Factory entries;

    /**
     * Creates an assembler.
     * @param ticker the monotonic time in nanoseconds that all caches go by
     * @param maintenance runs the upkeep of local tiers
     * @param entries makes the entries
     */
    public CacheAssembler(LongSupplier ticker, Executor maintenance, CacheEntry.Factory entries) {
        this.ticker = ticker;
        this.maintenance = maintenance;
        this.entries = entries;
    }

    /**
     * Puts a cache together.
     * @param name its name
     * @param settings its settings, valid
     * @return the cache, empty
     */
    public TieredCache assemble(String name, CacheSettings settings) {
        return TieredCache.named(name)
                .ticker(ticker)
                .entries(entries)
                .memory(new CaffeineMemoryTier(settings.getMemory().getMaximumSize(), ticker, maintenance))
                .ttl(TtlPolicy.jittered(
                        TtlPolicy.fixed(settings.getTimeToLive()),
                        settings.getTimeToLiveJitter(),
                        () -> ThreadLocalRandom.current().nextDouble()))
                .singleFlight(settings.isSingleFlight())
                .loadTimeoutNanos(TtlPolicy.saturatedNanos(settings.getLoadTimeout()))
                .build();
    }
}
