package io.tinyllm.cache.tuning;

import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.util.List;
import java.util.Locale;

/**
 * The smallest size whose estimated hit rate reaches the target, or the knee of the curve when no size does: the
 * smallest that is within two points of the best.
 *
 * <p>The estimate is that of {@link HitRateEstimator}; a slow integral of what the target lacks covers the rest. It
 * grows at once, and shrinks only when several intervals in a row agree, since a shrink throws away entries that cost a
 * load each. A heap that is nearly full after a garbage collection overrules all of it.
 */
final class MissRatioCurvePolicy implements SizePolicy {

    private static final double MARGIN = 0.003;
    private static final double KNEE = 0.02;
    private static final double GROW = 1.15;
    private static final double SHRINK = 0.85;
    private static final int AGREEING_TO_SHRINK = 2;
    private static final double GAIN = 0.03;
    private static final double LARGEST_BIAS = 0.05;

    private static final double HIGHEST_OCCUPANCY = 0.85;
    private static final double PRESSURE_SHRINK = 0.8;
    /** The share of the misses that are first accesses, or expiries, from which on it is worth saying. */
    private static final double MOST = 0.6;

    private final SizeBounds bounds;
    private final HitRateEstimator estimator = new HitRateEstimator();
    private double bias;
    private int agreeing;

    MissRatioCurvePolicy(SizeBounds bounds) {
        this.bounds = bounds;
    }

    @Override
    public String name() {
        return "miss-ratio-curve";
    }

    @Override
    public void record(long hash) {
        estimator.record(hash);
    }

    @Override
    public HitRateEstimator estimator() {
        return estimator;
    }

    @Override
    public Choice decide(SizeObservation seen) {
        estimator.learn(seen);
        Choice choice = choose(seen);
        estimator.age();
        return choice;
    }

    private Choice choose(SizeObservation seen) {
        long size = seen.size();
        if (seen.heapOccupancy() > HIGHEST_OCCUPANCY) {
            agreeing = 0;
            return new Choice(
                    Math.min(
                            bounds.clamp(size),
                            bounds.clamp(PRESSURE_SHRINK * Math.min(size, Math.max(1, seen.entries())))),
                    text("the heap is %.0f %% full after garbage collection", 100 * seen.heapOccupancy()));
        }
        if (estimator.requests() == 0) {
            return new Choice(bounds.clamp(size), "no requests");
        }
        double target = bounds.targetHitRate();
        double wanted = estimator.sizeFor(target + MARGIN + bias);
        String reason;
        if (wanted <= bounds.maximum()) {
            reason = text("%.2f needs %d by the curve", target, bounds.clamp(wanted));
            bias = Math.max(-LARGEST_BIAS, Math.min(LARGEST_BIAS, bias + GAIN * (target - seen.hitRate())));
        } else {
            double best = estimator.hitRate(bounds.maximum());
            // Where the knee's size does not bring the knee's hit rate, a little more may; never more than the best.
            bias = Math.max(0, Math.min(KNEE / 2, bias + GAIN * (best - KNEE - seen.hitRate())));
            wanted = estimator.sizeFor(best - KNEE + bias);
            reason = outOfReach(seen, target, best, bounds.clamp(wanted));
        }
        return settle(size, bounds.clamp(wanted), reason);
    }

    private String outOfReach(SizeObservation seen, double target, double best, long knee) {
        double misses = Math.max(1, seen.requests() - seen.hits());
        double first = estimator.compulsoryShare(seen.size());
        String reason =
                text("%.2f is out of reach, %d entries get within two points of the best, %.2f", target, knee, best);
        if (first >= MOST) {
            return text("%.0f %% of the misses are first accesses, a bigger cache would not help; ", 100 * first)
                    + reason;
        }
        if (seen.expirations() >= MOST * misses) {
            return "most misses are of expired entries, a bigger cache would not help; " + reason;
        }
        return reason;
    }

    /** Takes the step to {@code goal} if it is worth it. */
    private Choice settle(long size, long goal, String reason) {
        if (goal > size * GROW || size < bounds.minimum()) {
            agreeing = 0;
            return new Choice(goal, reason);
        }
        if (goal < size * SHRINK || size > bounds.maximum()) {
            agreeing++;
            if (agreeing < AGREEING_TO_SHRINK) {
                return new Choice(bounds.clamp(size), reason + ", shrinks when that lasts");
            }
            agreeing = 0;
            return new Choice(goal, reason);
        }
        agreeing = 0;
        return new Choice(size, reason);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** The corrected estimate, at sizes in steps of about a quarter. */
    @Override
    public List<MissRatioCurve.Point> curve() {
        return estimator.points();
    }
}
