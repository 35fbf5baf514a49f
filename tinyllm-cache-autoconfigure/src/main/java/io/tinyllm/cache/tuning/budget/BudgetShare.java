package io.tinyllm.cache.tuning.budget;

import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.figures.SizeObservation;

/** A member of the budget, the share that it has and what is known of it. Not thread-safe. */
final class BudgetShare {

    /** The worth, in hit rate, of room for all keys: what comes back later than is remembered would be found there. */
    private static final double HOPE = 0.08;

    /** There is nothing more to hope for beyond so many times the keys that were requested. */
    private static final double ALL_FITS = 1.25;

    private final MemoryBudget.Member member;
    private final HitRateEstimator estimator;
    private final boolean acting;
    private long current;
    private double requests;
    private double misses;
    private double weight;
    private SizeObservation seen = new SizeObservation(0, 0, 0, 0, 0, 0, 0, 0);

    BudgetShare(MemoryBudget.Member member, HitRateEstimator estimator, boolean acting) {
        this.member = member;
        this.estimator = estimator;
        this.acting = acting;
    }

    MemoryBudget.Member member() {
        return member;
    }

    HitRateEstimator estimator() {
        return estimator;
    }

    /** The figures of the last interval. */
    SizeObservation seen() {
        return seen;
    }

    void set(long units) {
        current = units;
        member.resize(units);
    }

    /** The share that it has, whoever has set it where decisions are not carried out. */
    long now() {
        return acting ? current : member.share();
    }

    void observe(double factor) {
        seen = member.observe();
        requests = factor * requests + seen.requests();
        misses = factor * misses + seen.requests() * missRate(seen.hitRate());
        weight = factor * weight + 1;
        estimator.learn(seen);
    }

    double requestsPerInterval() {
        return weight == 0 ? 0 : requests / weight;
    }

    double missesPerInterval() {
        return weight == 0 ? 0 : misses / weight;
    }

    double secondsPerMiss(double unknown) {
        double known = member.secondsPerMiss();
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
