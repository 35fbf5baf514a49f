package io.tinyllm.cache.tuning.share;

import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.figures.SizeObservation;

/** One of those who share a total, and what is known of it. Not thread-safe. */
final class Share {

    /** The worth, in hit rate, of room for all keys: what comes back later than is remembered would be found there. */
    private static final double HOPE = 0.08;

    /** There is nothing more to hope for beyond so many times the keys that were requested. */
    private static final double ALL_FITS = 1.25;

    private final Sharer member;
    private final HitRateEstimator estimator;
    private long current;
    private double requests;
    private double misses;
    private double weight;
    private SizeObservation seen = new SizeObservation(0, 0, 0, 0, 0, 0, 0, 0);

    Share(Sharer member, HitRateEstimator estimator) {
        this.member = member;
        this.estimator = estimator;
    }

    Sharer member() {
        return member;
    }

    HitRateEstimator estimator() {
        return estimator;
    }

    /** How much it has, in units of the total. */
    long current() {
        return current;
    }

    void holds(long units) {
        current = units;
    }

    /** Ends an interval; {@code factor} is the weight that the former ones keep. */
    void observe(double factor) {
        seen = member.observe();
        requests = factor * requests + seen.requests();
        misses = factor * misses + seen.requests() * missRate(seen.hitRate());
        weight = factor * weight + 1;
        estimator.learn(seen);
    }

    /** The figures of the last interval. */
    SizeObservation seen() {
        return seen;
    }

    /** The weight of the requests seen. */
    double requests() {
        return requests;
    }

    double requestsPerInterval() {
        return weight == 0 ? 0 : requests / weight;
    }

    double missesPerInterval() {
        return weight == 0 ? 0 : misses / weight;
    }

    /** The cost of a miss, {@code unknown} where nobody knows it. */
    double costPerMiss(double unknown) {
        double known = member.costPerMiss();
        return known > 0 ? known : unknown;
    }

    /** The hit rate as far as it is wanted, and a little for room. */
    double hope(double size) {
        double target = member.targetHitRate();
        double room = target < 1 ? 0 : HOPE * Math.min(1, size / ALL_FITS / (estimator.footprint() + 1));
        return Math.min(target, estimator.hitRate(size)) + room;
    }

    /** The share of the requests that a hit rate leaves to be loaded, but for what nobody wants to be hits. */
    double missRate(double hitRate) {
        return 1 - Math.min(member.targetHitRate(), hitRate);
    }
}
