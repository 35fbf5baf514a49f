package io.tinyllm.cache.tuning;

import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.settings.TuningMode;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * Keeps the local tier of one cache at the size that its traffic needs, or only says what that would be. Hits are those of the
 * local tier: what another tier answers, a bigger one would have answered. Thread-safe.
 */
public final class SizeTuning implements AccessConsumer {

    private final SizeTuner tuner;
    private final boolean acting;
    private final MemoryTier memory;
    private final CacheCounters counters;
    private final DoubleSupplier heapOccupancy;
    private Figures before;

    /**
     * Creates it.
     * @param settings valid settings
     * @param memory the local tier
     * @param counters the exact figures of the cache
     * @param heapOccupancy the share of the heap in use after garbage collection, 0 where unknown
     * @param clock the time
     */
    public SizeTuning(
            SizeTunerSettings settings,
            MemoryTier memory,
            CacheCounters counters,
            DoubleSupplier heapOccupancy,
            Clock clock) {
        this.acting = settings.getMode() == TuningMode.ACT;
        this.tuner = SizeTuner.create(
                settings.getPolicy().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                new SizeBounds(settings.getMinimum(), settings.getMaximum(), settings.getTargetHitRate()),
                settings.getInterval(),
                acting,
                clock);
        this.memory = memory;
        this.counters = counters;
        this.heapOccupancy = heapOccupancy;
        this.before = figures();
    }

    @Override
    public synchronized void onAccesses(AccessBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.isLookup(i)) {
                tuner.record(batch.hash(i));
            }
        }
    }

    /** Decides if the interval is over. */
    public synchronized void stepIfDue() {
        Figures now = figures();
        if (tuner.isDue(now.requests - before.requests)) {
            step(now);
        }
    }

    /** Decides now. */
    public synchronized void stepNow() {
        step(figures());
    }

    private void step(Figures now) {
        Decision decision = tuner.step(new SizeObservation(
                memory.maximumSize(),
                memory.size(),
                now.requests - before.requests,
                now.hits - before.hits,
                now.writes - before.writes,
                now.evictions - before.evictions,
                now.expirations - before.expirations,
                heapOccupancy.getAsDouble()));
        if (acting && decision.changes()) {
            memory.resize(decision.to());
        }
        before = figures();
    }

    private Figures figures() {
        long negative = counters.negativeHits();
        return new Figures(
                counters.hits() + counters.misses() - negative,
                counters.memoryHits() - negative,
                counters.stores(),
                memory.evictions(),
                memory.expirations());
    }

    /** What was decided, and what it rests on. */
    public synchronized Report report() {
        SizeBounds bounds = tuner.bounds();
        return new Report(
                tuner.policy(),
                memory.maximumSize(),
                bounds.minimum(),
                bounds.maximum(),
                bounds.targetHitRate(),
                tuner.decisions(),
                tuner.curve());
    }

    /** Sums since the start. */
    private record Figures(long requests, long hits, long writes, long evictions, long expirations) {}

    /**
     * The state of the tuning.
     * @param policy the name of the policy
     * @param current the bound in force, in entries
     * @param minimum the smallest bound
     * @param maximum the largest bound
     * @param target the hit rate to reach
     * @param decisions the last decisions, oldest first
     * @param curve the estimated hit rate by size, empty where the policy makes none
     */
    public record Report(
            String policy,
            long current,
            long minimum,
            long maximum,
            double target,
            List<Decision> decisions,
            List<MissRatioCurve.Point> curve) {}
}
