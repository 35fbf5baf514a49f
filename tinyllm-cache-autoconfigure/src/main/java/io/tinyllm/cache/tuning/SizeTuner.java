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
 * <p>Not thread safe: one control loop feeds it the hashes of the requested keys and asks it whenever it comes around; {@link
 * #decisions} and {@link #curve} are for the same thread.
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
    private final boolean acting;
    private final Deque<Decision> decisions = new ArrayDeque<>();
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
     * A tuner with the policy of this name, {@code miss-ratio-curve} or {@code threshold}.
     *
     * @param acting whether its caller acts on its decisions; only their words depend on it
     * @throws IllegalArgumentException if there is no such policy
     */
    public static SizeTuner create(String policy, SizeBounds bounds, Duration interval, boolean acting, Clock clock) {
        SizePolicy rule = switch (policy) {
            case "miss-ratio-curve" -> new MissRatioCurvePolicy(bounds);
            case "threshold" -> new ThresholdPolicy(bounds);
            default ->
                throw new IllegalArgumentException(
                        "no size policy '" + policy + "'; there are miss-ratio-curve and threshold");
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

    /** Whether the interval is over, given how many requests it has seen. */
    public boolean isDue(long requests) {
        return requests >= MINIMUM_REQUESTS && !clock.instant().isBefore(started.plus(interval));
    }

    /**
     * Ends the interval now, whether it is due or not.
     *
     * @param seen what happened since the last one
     */
    public Decision step(SizeObservation seen) {
        started = clock.instant();
        SizePolicy.Choice choice = policy.decide(seen);
        Decision decision = new Decision(
                started, seen.size(), choice.size(), outcome(seen.size(), choice.size()) + choice.reason());
        if (decisions.size() == DECISIONS) {
            decisions.removeFirst();
        }
        decisions.addLast(decision);
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
    public List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    /** The estimated hit rate by size, in ascending order of size; empty where the policy has no idea of it. */
    public List<MissRatioCurve.Point> curve() {
        return policy.curve();
    }
}
