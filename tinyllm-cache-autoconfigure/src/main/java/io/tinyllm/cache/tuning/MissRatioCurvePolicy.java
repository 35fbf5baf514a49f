package io.tinyllm.cache.tuning;

import java.util.List;
import java.util.Locale;

/**
 * The smallest size whose estimated hit rate reaches the target, or the knee of the curve when no size does: the
 * smallest that is within two points of the best.
 *
 * <p>The estimate is that of {@link HitRateModel} over roughly the last {@code 1 / (1 - DECAY)} intervals; a slow
 * integral of what the target lacks covers the rest. It grows at once, and shrinks only when several intervals in a row
 * agree, since a shrink throws away entries that cost a load each. A heap that is nearly full after a garbage
 * collection overrules all of it.
 */
final class MissRatioCurvePolicy implements SizePolicy {

    /** What an interval that ended is still worth, once the first ones are over. */
    private static final double DECAY = 0.98;
    /**
     * The first intervals are of a cold cache, and are forgotten faster: the n-th ages what was before by n / (n + 2).
     */
    private static final double WARM_UP = 2;

    private static final double MARGIN = 0.003;
    private static final double KNEE = 0.02;
    private static final double GROW = 1.15;
    private static final double SHRINK = 0.85;
    private static final int AGREEING_TO_SHRINK = 2;
    private static final double GAIN = 0.03;
    private static final double LARGEST_BIAS = 0.05;
    /** A cache that is not filled to this share tells nothing about its size. */
    private static final double FULL = 0.98;

    private static final double HIGHEST_OCCUPANCY = 0.85;
    private static final double PRESSURE_SHRINK = 0.8;
    /** The share of the misses that are first accesses, or expiries, from which on it is worth saying. */
    private static final double MOST = 0.6;

    private final SizeBounds bounds;
    private final MissRatioCurve curve = new MissRatioCurve();
    private final HitRateModel model = new HitRateModel();
    private double[] ratesBefore = new double[MissRatioCurve.BINS];
    private double requestsBefore;
    private double bias;
    private int intervals;
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
        curve.record(hash);
    }

    @Override
    public Choice decide(SizeObservation seen) {
        model.update(curve);
        learn(seen);
        Choice choice = choose(seen);
        intervals++;
        curve.age(Math.min(DECAY, intervals / (intervals + WARM_UP)));
        ratesBefore = curve.rates();
        requestsBefore = curve.requests();
        return choice;
    }

    /** Compares what the cache did with what an LRU would have done in the same interval. */
    private void learn(SizeObservation seen) {
        double requests = curve.requests() - requestsBefore;
        if (requests <= 0 || intervals == 0) {
            return;
        }
        double lru = curve.hitRate(seen.size());
        double before = MissRatioCurve.interpolate(ratesBefore, seen.size());
        double lruNow = (lru * curve.requests() - before * requestsBefore) / requests;
        if (seen.entries() >= FULL * seen.size() || seen.hitRate() > lruNow) {
            model.learn(seen.size(), seen.hitRate() - lruNow - (model.base(seen.size()) - lru));
            model.update(curve);
        }
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
        if (curve.requests() == 0) {
            return new Choice(bounds.clamp(size), "no requests");
        }
        double target = bounds.targetHitRate();
        double wanted = model.sizeFor(target + MARGIN + bias);
        String reason;
        if (wanted <= bounds.maximum()) {
            reason = text("%.2f needs %d by the curve", target, bounds.clamp(wanted));
            bias = Math.max(-LARGEST_BIAS, Math.min(LARGEST_BIAS, bias + GAIN * (target - seen.hitRate())));
        } else {
            double best = model.hitRate(bounds.maximum());
            wanted = model.sizeFor(best - KNEE);
            reason = outOfReach(seen, target, best, bounds.clamp(wanted));
            bias *= 1 - GAIN;
        }
        return settle(size, bounds.clamp(wanted), reason);
    }

    private String outOfReach(SizeObservation seen, double target, double best, long knee) {
        double misses = Math.max(1, seen.requests() - seen.hits());
        double first = curve.compulsoryShare(seen.size());
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
        model.update(curve);
        return curve.points(model::hitRate);
    }
}
