package io.tinyllm.cache.tuning;

import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.Decision;
import io.tinyllm.cache.access.Tuner;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.settings.TuningMode;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.MemoryFigures;
import java.time.Clock;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the local tier of one cache at the size that its traffic needs, or only says what that would be. Hits are those
 * of the local tier: what another tier answers, a bigger one would have answered. Thread-safe.
 */
public final class SizeTuning implements Tuner {

    private final SizeTuner tuner;
    private final boolean acting;
    private final MemoryTier memory;
    private final CacheCounters counters;
    private final DoubleSupplier heapOccupancy;
    private MemoryFigures before;

    /**
     * Checks what can be wrong about the settings of the size tuner beyond their ranges.
     * @throws InvalidCacheSettingException if the cache holds nothing in memory, or is bounded by bytes: the curve
     *     tells what an entry more would do, not what a byte more would
     */
    public static void check(CacheDefinition definition) {
        if (definition.settings().getSizeTuner().isEnabled()) {
            definition.requireMemory("size-tuner");
            if (definition.settings().getMemory().getMaximumWeight() != null) {
                throw definition.invalid(
                        "size-tuner.enabled",
                        true,
                        "true only for a cache that is bounded by its entries alone",
                        "Remove " + definition.path() + ".memory.maximum-weight, or set this property to false.");
            }
        }
    }

    /**
     * Creates what tunes the size of a cache.
     * @param definition the cache
     * @param memory its local tier
     * @param counters its exact figures
     * @param clock the time
     * @return the tuner, null where the size is fixed
     */
    public static @Nullable SizeTuning of(
            CacheDefinition definition, MemoryTier memory, CacheCounters counters, Clock clock) {
        SizeTunerSettings settings = definition.settings().getSizeTuner();
        return settings.isEnabled()
                ? new SizeTuning(settings, memory, counters, HeapOccupancy.ofThisProcess(), clock)
                : null;
    }

    /**
     * Creates a tuner.
     * @param settings valid settings
     * @param memory the local tier
     * @param counters the exact figures of the cache
     * @param heapOccupancy the share of the heap in use after garbage collection, 0 where unknown
     * @param clock the time
     */
    SizeTuning(
            SizeTunerSettings settings,
            MemoryTier memory,
            CacheCounters counters,
            DoubleSupplier heapOccupancy,
            Clock clock) {
        this.acting = settings.getMode() == TuningMode.ACT;
        this.tuner = SizeTuner.create(
                settings.getPolicy(),
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

    /** Decides if the interval is over and has seen enough requests. */
    @Override
    public synchronized void stepIfDue() {
        MemoryFigures now = figures();
        if (tuner.isDue(now.requests() - before.requests())) {
            step(now);
        }
    }

    @Override
    public synchronized void stepNow() {
        step(figures());
    }

    private void step(MemoryFigures now) {
        Decision<Long> decision =
                tuner.step(now.since(before, memory.maximumSize(), memory.size(), heapOccupancy.getAsDouble()));
        if (acting && decision.changes()) {
            memory.resize(decision.to());
        }
        before = figures();
    }

    private MemoryFigures figures() {
        return MemoryFigures.of(memory, counters);
    }

    /** The estimated hit rate of a tier of so many entries, negative where the policy has no idea of it. */
    public synchronized double hitRate(double size) {
        HitRateEstimator estimator = tuner.estimator();
        return estimator == null ? -1 : estimator.hitRate(size);
    }

    /** Returns the decisions, and the curve that they rest on. */
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
            List<Decision<Long>> decisions,
            List<MissRatioCurve.Point> curve) {}
}
