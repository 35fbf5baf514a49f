package io.tinyllm.cache.ttl;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.TtlOptimizerSettings;
import io.tinyllm.cache.TuningMode;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.core.IdleTimeouts;
import io.tinyllm.cache.core.TtlPolicy;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Fits the lives of the entries of one cache to their use, or only says how. Thread-safe. */
public final class TtlTuning implements AccessConsumer {

    private final TtlOptimizer optimizer;
    private final LongSupplier ticker;

    /**
     * Creates it.
     * @param settings valid settings
     * @param timeToLiveNanos the cache's time-to-live, {@link IdlePolicy#NEVER} for ever
     * @param maximumSize the most entries of the cache
     * @param ticker the monotonic time in nanoseconds, that of the cache
     * @param clock the time of decisions
     */
    public TtlTuning(
            TtlOptimizerSettings settings,
            long timeToLiveNanos,
            long maximumSize,
            LongSupplier ticker,
            InstantSource clock) {
        TtlBounds bounds = new TtlBounds(settings.getMinimum(), settings.getMaximum());
        boolean acting = settings.getMode() == TuningMode.ACT;
        long now = ticker.getAsLong();
        this.ticker = ticker;
        this.optimizer = settings.getPolicy() == TtlOptimizerSettings.Policy.HIT_RATE
                ? new HitRateTtl(bounds, settings.getTargetHitRate(), maximumSize, acting, now, clock)
                : new AdaptiveTtl(timeToLiveNanos, bounds, maximumSize, acting, now, clock);
    }

    /** The idle timeouts of the local tier. */
    public IdleTimeouts idleTimeouts() {
        return (key, now, remaining) -> optimizer.idleNanos(key.hashCode(), now, remaining);
    }

    /**
     * The time-to-live of each key.
     * @param configured what the cache would do otherwise
     */
    public TtlPolicy timeToLive(TtlPolicy configured) {
        return (key, value) -> optimizer.ttlNanos(key.hashCode(), configured.ttlNanos(key, value));
    }

    @Override
    public synchronized void onAccesses(AccessBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.isLookup(i)) {
                optimizer.onAccess(batch.key(i).hashCode(), batch.outcome(i) != Outcome.MISS, batch.nowNanos());
            }
        }
    }

    /** Decides if it is time to. */
    public synchronized void stepIfDue() {
        optimizer.step(ticker.getAsLong());
    }

    /** Decides now. */
    public synchronized void stepNow() {
        optimizer.stepNow(ticker.getAsLong());
    }

    /** What applies now, and why. */
    public TtlReport report() {
        return optimizer.report();
    }
}
