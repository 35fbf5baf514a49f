package io.tinyllm.cache.ttl;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.tuner.Tuner;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.TtlOptimizerSettings;
import io.tinyllm.cache.settings.TuningMode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fits the lives of the entries of one cache to their use, or only says how. Idle timeouts cost readers nothing:
 * entries note when they were last read in any case, and those that stayed unread for too long are found by looking
 * through all of them now and then. Thread-safe.
 */
public final class TtlTuning implements Tuner {

    /** Looking through the entries takes at most one part in so many of the time. */
    private static final int SWEEP_SHARE = 100;

    private final TtlOptimizer optimizer;
    private final MemoryTier memory;
    private final LongSupplier ticker;
    private final long minimumNanos;
    private long nextSweep;

    /**
     * Checks what can be wrong about the settings of the optimiser beyond their ranges.
     * @throws InvalidCacheSettingException if the cache holds nothing in memory
     */
    public static void check(CacheDefinition definition) {
        if (definition.settings().getTtlOptimizer().isEnabled()) {
            definition.requireMemory("ttl-optimizer");
        }
    }

    /**
     * Creates what tunes the time-to-live of a cache.
     * @param definition the cache
     * @param memory holds its entries
     * @param ticker the monotonic time in nanoseconds, that of the cache
     * @param clock the time of decisions
     * @return the tuner, null where the time-to-live is fixed
     */
    public static @Nullable TtlTuning of(
            CacheDefinition definition, MemoryTier memory, LongSupplier ticker, InstantSource clock) {
        TtlOptimizerSettings settings = definition.settings().getTtlOptimizer();
        Duration timeToLive = definition.settings().getTimeToLive();
        return settings.isEnabled()
                ? new TtlTuning(
                        settings,
                        timeToLive.isZero() ? TtlOptimizer.NEVER : TtlPolicy.saturatedNanos(timeToLive),
                        definition.largestSize(),
                        memory,
                        ticker,
                        clock)
                : null;
    }

    /**
     * Creates a tuner.
     * @param settings valid settings
     * @param timeToLiveNanos the cache's time-to-live, {@link TtlOptimizer#NEVER} for ever
     * @param maximumSize the most entries of the cache
     * @param memory holds the entries
     * @param ticker the monotonic time in nanoseconds, that of the cache
     * @param clock the time of decisions
     */
    TtlTuning(
            TtlOptimizerSettings settings,
            long timeToLiveNanos,
            long maximumSize,
            MemoryTier memory,
            LongSupplier ticker,
            InstantSource clock) {
        TtlBounds bounds = new TtlBounds(settings.getMinimum(), settings.getMaximum());
        boolean acting = settings.getMode() == TuningMode.ACT;
        long now = ticker.getAsLong();
        this.memory = memory;
        this.ticker = ticker;
        this.minimumNanos = bounds.minimumNanos();
        this.nextSweep = now;
        this.optimizer = settings.getPolicy() == TtlOptimizerSettings.Policy.HIT_RATE
                ? new HitRateTtl(bounds, settings.getTargetHitRate(), maximumSize, acting, now, clock)
                : new AdaptiveTtl(timeToLiveNanos, bounds, maximumSize, acting, now, clock);
    }

    /**
     * The time-to-live of each key.
     * @param configured what the cache would do otherwise
     */
    public TtlPolicy timeToLive(TtlPolicy configured) {
        return new TtlPolicy() {
            @Override
            public long ttlNanos(Object key, @Nullable Object value) {
                return optimizer.ttlNanos(key.hashCode(), configured.ttlNanos(key, value));
            }

            @Override
            public String because(Object key, @Nullable Object value) {
                String policy = "ttl-optimizer (" + optimizer.report().policy() + ")";
                return ttlNanos(key, value) == configured.ttlNanos(key, value)
                        ? configured.because(key, value) + ", left early where the " + policy + " says so"
                        : policy;
            }
        };
    }

    @Override
    public synchronized void onAccesses(AccessBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.isLookup(i)) {
                optimizer.onAccess(batch.key(i).hashCode(), batch.outcome(i) != Outcome.MISS, batch.nowNanos());
            }
        }
    }

    /** Decides if it is time to, and drops what stayed unread for too long if it is time for that. */
    @Override
    public synchronized void stepIfDue() {
        long now = ticker.getAsLong();
        optimizer.step(now);
        if (now - nextSweep >= 0) {
            sweep(now);
        }
    }

    /** Decides now, and drops what stayed unread for too long. */
    @Override
    public synchronized void stepNow() {
        long now = ticker.getAsLong();
        optimizer.stepNow(now);
        sweep(now);
    }

    private void sweep(long now) {
        if (optimizer.sweepNanos() == TtlOptimizer.NEVER) {
            return;
        }
        try {
            memory.scan((key, entry) -> {
                if (isIdle(key, entry, now)) {
                    memory.expire(key, entry);
                }
            });
        } finally {
            long took = ticker.getAsLong() - now;
            nextSweep = now + Math.max(optimizer.sweepNanos(), SWEEP_SHARE * took);
        }
    }

    private boolean isIdle(Object key, CacheEntry entry, long now) {
        long used = entry.usedNanos();
        if (now - used < minimumNanos) {
            return false;
        }
        long remaining = entry.keepNanos() == CacheEntry.NEVER
                ? TtlOptimizer.NEVER
                : entry.keepNanos() - (used - entry.createdNanos());
        return remaining > 0 && now - used >= optimizer.idleNanos(key.hashCode(), used, remaining);
    }

    /** Returns the time-to-live in force, and why. */
    public TtlReport report() {
        return optimizer.report();
    }
}
