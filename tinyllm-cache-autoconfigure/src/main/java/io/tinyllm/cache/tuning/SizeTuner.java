package io.tinyllm.cache.tuning;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Decides the size of one cache and remembers why. It resizes nothing: whoever calls it does, or only looks.
 *
 * <p>Not thread safe: one control loop feeds it the hashes of the requested keys and asks it whenever it comes around.
 */
public final class SizeTuner {

    /** How many decisions are kept. */
    public static final int DECISIONS = 50;
    /** Fewer requests tell nothing: an interval lasts until it has seen so many. */
    static final int MINIMUM_REQUESTS = 1000;

    private final SizePolicy policy;
    private final SizeBounds bounds;
    private final Duration interval;
    private final Clock clock;
    private final Deque<Decision> decisions = new ArrayDeque<>();
    private Instant started;

    private SizeTuner(SizePolicy policy, SizeBounds bounds, Duration interval, Clock clock) {
        this.policy = policy;
        this.bounds = bounds;
        this.interval = interval;
        this.clock = clock;
        this.started = clock.instant();
    }

    /**
     * A tuner with the policy of this name, {@code miss-ratio-curve} or {@code threshold}.
     *
     * @throws IllegalArgumentException if there is no such policy
     */
    public static SizeTuner create(String policy, SizeBounds bounds, Duration interval, Clock clock) {
        return new SizeTuner(
                switch (policy) {
                    case "miss-ratio-curve" -> new MissRatioCurvePolicy(bounds);
                    case "threshold" -> new ThresholdPolicy(bounds);
                    default ->
                        throw new IllegalArgumentException(
                                "no size policy '" + policy + "'; there are miss-ratio-curve and threshold");
                },
                bounds,
                interval,
                clock);
    }

    /** Sees a request; {@code hash} is a well-mixed 64-bit hash of its key. */
    public void record(long hash) {
        policy.record(hash);
    }

    /** Whether the interval is over, given how many requests it has seen. */
    public boolean isDue(long requests) {
        return requests >= MINIMUM_REQUESTS && !clock.instant().isBefore(started.plus(interval));
    }

    /** Ends the interval now, whether it is due or not; what {@code seen} counts since the last one. */
    public Decision step(SizeObservation seen) {
        started = clock.instant();
        SizePolicy.Choice choice = policy.decide(seen);
        Decision decision = new Decision(started, seen.size(), choice.size(), choice.reason());
        if (decisions.size() == DECISIONS) {
            decisions.removeFirst();
        }
        decisions.addLast(decision);
        return decision;
    }

    /** The estimated hit rate by size; empty where the policy has no idea of it. */
    public List<MissRatioCurve.Point> curve() {
        return policy.curve();
    }
}
