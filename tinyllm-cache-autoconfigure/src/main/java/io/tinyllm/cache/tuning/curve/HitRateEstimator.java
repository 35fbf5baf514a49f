package io.tinyllm.cache.tuning.curve;

import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.util.List;

/**
 * An estimate of the hit rate of one cache at every size, kept up to date interval by interval: the curve of its
 * requests, corrected by what the cache itself did. It reaches back roughly {@code 1 / (1 - DECAY)} intervals. Not
 * thread safe.
 */
public final class HitRateEstimator {

    /** The weight that an interval keeps with each one after it, once the first ones are over. */
    private static final double DECAY = 0.98;

    /**
     * The first intervals are of a cold cache, and are forgotten faster: the n-th ages what was before by n / (n + 2).
     */
    private static final double WARM_UP = 2;

    /** A cache that is not filled to this share tells nothing about its size. */
    private static final double FULL = 0.98;

    private final MissRatioCurve curve = new MissRatioCurve();
    private final HitRateModel model = new HitRateModel();
    private double[] ratesBefore = new double[MissRatioCurve.BINS];
    private double requestsBefore;
    private int intervals;

    /** Sees a request; {@code hash} is a well-mixed 64-bit hash of its key. */
    public void record(long hash) {
        curve.record(hash);
    }

    /** Takes in an interval that ends, before anything is asked. */
    public void learn(SizeObservation seen) {
        model.update(curve);
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

    /** Lets what was seen lose weight, after everything was asked. */
    public void age() {
        intervals++;
        double factor = Math.min(DECAY, intervals / (intervals + WARM_UP));
        curve.age(factor);
        ratesBefore = curve.rates();
        requestsBefore = curve.requests();
    }

    /** The weight of the requests that the estimate rests on. */
    public double requests() {
        return curve.requests();
    }

    /** The estimated hit rate of a cache of {@code size} entries, 0 ... 1. */
    public double hitRate(double size) {
        return model.hitRate(size);
    }

    /** The smallest size with an estimated hit rate of at least {@code rate}; infinite when there is none. */
    public double sizeFor(double rate) {
        return model.sizeFor(rate);
    }

    /** The number of different keys that were requested, within what the sample remembers. */
    public long footprint() {
        return curve.footprint();
    }

    /** The share of the misses of a cache of {@code size} entries that are first accesses, 0 ... 1. */
    public double compulsoryShare(double size) {
        return curve.compulsoryShare(size);
    }

    /** The estimate at sizes in steps of about a quarter. */
    public List<MissRatioCurve.Point> points() {
        model.update(curve);
        return curve.points(model::hitRate);
    }
}
