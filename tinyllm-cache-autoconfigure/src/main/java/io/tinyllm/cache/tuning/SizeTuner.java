package io.tinyllm.cache.tuning;

import io.tinyllm.cache.access.Decision;
import io.tinyllm.cache.access.DecisionLog;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides the size of one cache and remembers why. It resizes nothing: whoever calls it does, or only looks.
 *
 * <p>Not thread safe: one control loop feeds it the hashes of the requested keys and asks it whenever it comes around;
 * {@link #decisions} and {@link #curve} are for the same thread.
 */
public final class SizeTuner {

    /** Fewer requests tell nothing: an interval lasts until it has seen so many. */
    public static final int MINIMUM_REQUESTS = 1000;

    private final SizePolicy policy;
    private final SizeBounds bounds;
    private final Duration interval;
    private final Clock clock;
    private final boolean acting;
    private final DecisionLog<Long> decisions = new DecisionLog<>();
    private Instant started;

    private SizeTuner(SizePolicy policy, SizeBounds bounds, Duration interval, boolean acting, Clock clock) {
        this.policy = policy;
        this.bounds = bounds;
        this.interval = interval;
        this.acting = acting;
        this.clock = clock;
        this.started = clock.instant();
    }

    /**
     * Creates a tuner.
     * @param policy the rule it goes by
     * @param bounds of the size
     * @param interval the time between decisions
     * @param acting whether its caller acts on its decisions; only their words depend on it
     * @param clock the time
     */
    public static SizeTuner create(
            SizeTunerSettings.Policy policy, SizeBounds bounds, Duration interval, boolean acting, Clock clock) {
        SizePolicy rule = switch (policy) {
            case MISS_RATIO_CURVE -> new MissRatioCurvePolicy(bounds);
            case THRESHOLD -> new ThresholdPolicy(bounds);
        };
        return new SizeTuner(rule, bounds, interval, acting, clock);
    }

    /** The name of the policy. */
    public String policy() {
        return policy.name();
    }

    public SizeBounds bounds() {
        return bounds;
    }

    /** Sees a request; {@code hash} is a well-mixed 64-bit hash of its key. */
    public void record(long hash) {
        policy.record(hash);
    }

    /** Returns whether the interval is over, given how many requests it has seen. */
    public boolean isDue(long requests) {
        return requests >= MINIMUM_REQUESTS && !clock.instant().isBefore(started.plus(interval));
    }

    /**
     * Ends the interval now, whether it is due or not.
     *
     * @param seen what happened since the last one
     */
    public Decision<Long> step(SizeObservation seen) {
        started = clock.instant();
        SizePolicy.Choice choice = policy.decide(seen);
        Decision<Long> decision = new Decision<>(
                started, seen.size(), choice.size(), outcome(seen.size(), choice.size()) + choice.reason());
        decisions.add(decision);
        return decision;
    }

    private String outcome(long from, long to) {
        if (from == to) {
            return "kept: ";
        }
        String change = to > from ? (acting ? "grown " : "would grow ") : (acting ? "shrunk " : "would shrink ");
        return change + from + " -> " + to + ": ";
    }

    /** The last decisions, oldest first. */
    public List<Decision<Long>> decisions() {
        return decisions.list();
    }

    /** The estimate that the policy rests on, or null. */
    @Nullable
    HitRateEstimator estimator() {
        return policy.estimator();
    }

    /** The estimated hit rate by size, in ascending order of size; empty where the policy has no idea of it. */
    public List<MissRatioCurve.Point> curve() {
        return policy.curve();
    }
}
