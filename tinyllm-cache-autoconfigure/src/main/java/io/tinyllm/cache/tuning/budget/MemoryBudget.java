package io.tinyllm.cache.tuning.budget;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.access.tuner.DecisionLog;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import io.tinyllm.cache.tuning.share.EqualSplit;
import io.tinyllm.cache.tuning.share.Judgement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Divides one budget of memory among caches, so that the expected time of their loads is least: requests times miss
 * rate by size times the time that a miss costs, by the mean size of an entry.
 *
 * <p>It begins with equal shares. A division is changed only where that is expected to save more than 2 % of the time,
 * each further time within fifty intervals 2 % more, and at most four times. All the time it is compared with what
 * equal shares would have cost, which tiers in miniature tell ({@link EqualSplit}): a division that costs more is taken
 * back at once, and the next has to promise more.
 *
 * <p>Not thread safe: one control loop calls it.
 */
public final class MemoryBudget {

    /** The share of the time of loads that a change must save. */
    static final double SMALLEST_GAIN = 0.02;

    /** Intervals before the first change: a cold cache tells little. */
    private static final int WARM_UP = 3;

    /** How much more a change has to promise at most, after several that have lost. */
    private static final double MOST_CAUTION = 8;

    /** The worth, in hit rate, of room for all keys: what comes back later than is remembered would be found there. */
    private static final double HOPE = 0.08;

    /** There is nothing more to hope for beyond so many times the keys that were requested. */
    private static final double ALL_FITS = 1.25;

    /** How much a division may lose against equal shares, in what an interval costs. */
    private static final double BEARABLE = 1;

    /** How much of its gains makes up for losses, in the same: hits often come in bursts. */
    private static final double MOST_CREDIT = 4;

    /** A share is not worth changing by less. */
    private static final double SMALLEST_STEP = 0.05;

    /** The weight that an interval keeps with each one after it, as in {@link HitRateEstimator}. */
    private static final double DECAY = 0.98;

    private final double total;
    private final boolean bytes;
    private final boolean acting;
    private final Clock clock;
    private final List<Share> shares = new ArrayList<>();
    private final DecisionLog<List<Long>> decisions = new DecisionLog<>();
    private final ChangesOfLate changes = new ChangesOfLate();
    private final EqualSplit equal = new EqualSplit();
    private final Judgement judgement = new Judgement(BEARABLE, MOST_CREDIT, MOST_CAUTION);
    private int intervals;
    private double weight;
    private double seconds;

    /**
     * Creates a budget without members.
     * @param total what is divided
     * @param bytes whether that is bytes, and not entries
     * @param acting whether its decisions are carried out
     * @param clock the time
     */
    public MemoryBudget(double total, boolean bytes, boolean acting, Clock clock) {
        this.total = total;
        this.bytes = bytes;
        this.acting = acting;
        this.clock = clock;
    }

    /** A cache that has a share of the budget. */
    public interface Member {

        /** The name of the cache. */
        String name();

        /** The smallest share it may have, in units of the budget. */
        double minimum();

        /** The largest share that is of use to it, infinite where nothing says so. */
        double maximum();

        /** The hit rate beyond which it needs no more, 1 where the application has said none. */
        double targetHitRate();

        /** The figures since the last call, the size in entries of the mean size. */
        SizeObservation observe();

        /** The cost of a miss, in seconds; 0 where that is not known. */
        double secondsPerMiss();

        /** The mean size of an entry, in units of the budget; positive. */
        double unitsPerEntry();

        /** The share that it has. */
        long share();

        /** Changes its share at once. Called only where decisions are carried out. */
        void resize(long share);
    }

    /**
     * Adds a member.
     * @param member the cache
     * @param tiers makes an empty tier of so many entries, with the eviction of the cache
     * @return the number that {@link #record} takes
     */
    public int add(Member member, LongFunction<MemoryTier> tiers) {
        return add(member, new HitRateEstimator(), tiers);
    }

    /**
     * Adds a member whose requests are recorded elsewhere. Where decisions are carried out it has an equal share at
     * once, and the others give it up in proportion.
     * @param member the cache
     * @param estimator the estimate of its hit rate
     * @param tiers makes an empty tier of so many entries, with the eviction of the cache
     */
    int add(Member member, HitRateEstimator estimator, LongFunction<MemoryTier> tiers) {
        Share added = new Share(member, estimator);
        shares.add(added);
        equal.add(tiers);
        judgement.begin();
        for (int i = 0; i < shares.size(); i++) {
            equal.resize(i, equalEntries(i));
        }
        if (acting) {
            int n = shares.size();
            double scale = minimumScale();
            double left = total;
            for (Share share : shares) {
                if (share != added) {
                    long least = (long) Math.ceil(scale * share.member.minimum());
                    share.set(Math.max(least, share.current * (n - 1) / n));
                    left -= share.current;
                }
            }
            added.set((long) Math.min(left, added.member.maximum()));
        }
        return shares.size() - 1;
    }

    private double equalEntries(int member) {
        return total / shares.size() / shares.get(member).member.unitsPerEntry();
    }

    /**
     * Sees a request of a member.
     * @param member its number
     * @param hash a well-mixed 64-bit hash of the key
     * @param hit whether the cache has answered it
     */
    public void record(int member, long hash, boolean hit) {
        shares.get(member).estimator.record(hash);
        compare(member, hash, hit);
    }

    /** Sees a request that the estimator has seen. */
    void compare(int member, long hash, boolean hit) {
        equal.record(member, hash, hit);
    }

    /** Sees that a key was evicted by hand. */
    void remove(int member, long hash) {
        equal.remove(member, hash);
    }

    /** The part of the minimums that the total has room for, 1 where that is all of them. */
    double minimumScale() {
        double minimums =
                shares.stream().mapToDouble(share -> share.member.minimum()).sum();
        return minimums > total ? total / minimums : 1;
    }

    /**
     * Ends an interval, decides, and carries it out.
     * @param took how long the interval was, in seconds
     * @return the shares before and after, in the order of the members
     */
    public Decision<List<Long>> step(double took) {
        double factor = Math.min(DECAY, intervals / (intervals + 2.0));
        weight = factor * weight + 1;
        seconds = factor * seconds + took;
        for (Share share : shares) {
            share.observe(factor);
        }
        intervals++;
        changes.endInterval();
        Decision<List<Long>> decision = decide();
        if (acting && decision.changes()) {
            changes.add();
            carryOut(decision.to());
        }
        shares.forEach(share -> share.estimator.age());
        decisions.add(decision);
        return decision;
    }

    /** Shrinks before it grows, so that the sum never exceeds the total. */
    private void carryOut(List<Long> to) {
        for (int direction : new int[] {-1, 1}) {
            for (int i = 0; i < shares.size(); i++) {
                if (Long.signum(to.get(i) - shares.get(i).current) == direction) {
                    shares.get(i).set(to.get(i));
                }
            }
        }
    }

    private Decision<List<Long>> decide() {
        List<Long> now = shares.stream().map(Share::now).toList();
        compareWithEqualShares();
        if (acting && judgement.hasLost()) {
            List<Long> even = equalShares();
            if (!isNear(now, even)) {
                judgement.takenBack();
                return decision(
                        now,
                        even,
                        "back to equal shares, with which loads would have taken less; the next change has to promise"
                                + " more");
            }
        }
        if (intervals < WARM_UP) {
            return kept(now, "too little has been seen");
        }
        List<Long> best = bestDivision(now);
        double took = secondsPerInterval();
        // The hope for room may be worth more than all that loads take now.
        double gain = took <= 0 ? 0 : Math.min(1, (worth(best) - worth(now)) / took);
        boolean over = now.stream().mapToDouble(Long::doubleValue).sum() > total;
        if (gain <= SMALLEST_GAIN * judgement.caution() * changes.nextIs() && !over) {
            return kept(
                    now, text("the best division would save %.1f %% of the time of loads", 100 * Math.max(0, gain)));
        }
        if (!acting) {
            return decision(now, best, reason(now, best, "would get"));
        }
        if (!over && (changes.areMany() || judgement.isPausing())) {
            return kept(now, text("a division that saves %.0f %% of the time of loads waits for its turn", 100 * gain));
        }
        if (now.equals(equalShares())) {
            judgement.begin();
        }
        return decision(now, best, reason(now, best, "gets"));
    }

    /** Takes in by how much loads took longer in this interval than with equal shares. */
    private void compareWithEqualShares() {
        double unknown = meanSecondsPerMiss();
        double lost = 0;
        double took = 0;
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            double load = share.seen.requests() * share.secondsPerMiss(unknown);
            double rate = share.seen.hitRate();
            lost += load * (share.missRate(rate) - share.missRate(rate + equal.better(i)));
            took += load * share.missRate(rate);
            equal.resize(i, equalEntries(i));
        }
        judgement.add(lost, took);
    }

    /** Equal shares, as far as minimums and maximums allow. */
    private List<Long> equalShares() {
        double scale = minimumScale();
        List<BudgetDivision.Claim> claims = new ArrayList<>();
        for (Share share : shares) {
            double floor = scale * share.member.minimum();
            double even = Math.max(floor, Math.min(total / shares.size(), share.member.maximum()));
            claims.add(new BudgetDivision.Claim(floor, even, units -> units));
        }
        List<Long> even = new ArrayList<>();
        for (double units : BudgetDivision.divide(total, claims)) {
            even.add((long) units);
        }
        return even;
    }

    private Decision<List<Long>> kept(List<Long> now, String reason) {
        return decision(now, now, "kept: " + reason);
    }

    private Decision<List<Long>> decision(List<Long> from, List<Long> to, String reason) {
        return new Decision<>(clock.instant(), from, to, reason);
    }

    private List<Long> bestDivision(List<Long> now) {
        double scale = minimumScale();
        double unknown = meanSecondsPerMiss();
        List<BudgetDivision.Claim> claims = new ArrayList<>();
        for (Share share : shares) {
            double unit = share.member.unitsPerEntry();
            double perHit = share.perInterval(share.requests) * share.secondsPerMiss(unknown);
            double target = share.member.targetHitRate();
            double enough = target < 1 ? unit * share.estimator.sizeFor(target) : Double.POSITIVE_INFINITY;
            double floor = scale * share.member.minimum();
            double cap = Math.max(floor, Math.min(enough, share.member.maximum()));
            claims.add(new BudgetDivision.Claim(floor, cap, units -> perHit * share.hope(units / unit)));
        }
        double[] divided = BudgetDivision.divide(total, claims);
        List<Long> best = new ArrayList<>();
        for (double units : divided) {
            best.add((long) units);
        }
        return isNear(now, best) ? now : best;
    }

    private static boolean isNear(List<Long> a, List<Long> b) {
        return IntStream.range(0, a.size()).allMatch(i -> Math.abs(a.get(i) - b.get(i)) <= SMALLEST_STEP * a.get(i));
    }

    /** The assumed cost of a miss of a cache that has not loaded anything yet, in seconds. */
    private double meanSecondsPerMiss() {
        return shares.stream()
                .mapToDouble(share -> share.member.secondsPerMiss())
                .filter(cost -> cost > 0)
                .average()
                .orElse(1);
    }

    /** The time that loads have taken an interval. */
    private double secondsPerInterval() {
        double unknown = meanSecondsPerMiss();
        return shares.stream()
                .mapToDouble(share -> share.perInterval(share.misses) * share.secondsPerMiss(unknown))
                .sum();
    }

    /** The time of loads an interval that these shares are expected to save, hope included. */
    private double worth(List<Long> units) {
        double unknown = meanSecondsPerMiss();
        double sum = 0;
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            double entries = units.get(i) / share.member.unitsPerEntry();
            sum += share.perInterval(share.requests) * share.hope(entries) * share.secondsPerMiss(unknown);
        }
        return sum;
    }

    /** Who gets how much more and what that saves, and what it costs the others. */
    private String reason(List<Long> from, List<Long> to, String gets) {
        List<String> gains = new ArrayList<>();
        List<String> costs = new ArrayList<>();
        double hours = weight <= 0 || seconds <= 0 ? 0 : seconds / weight / 3600;
        for (int i = 0; i < shares.size(); i++) {
            long more = to.get(i) - from.get(i);
            double saved = hours <= 0 ? 0 : savedPerInterval(i, from.get(i), to.get(i)) / hours;
            String name = shares.get(i).member.name();
            if (more > 0) {
                gains.add(name + " " + gets + " " + Amounts.memory(more, bytes) + " more: saves "
                        + Amounts.seconds(Math.max(0, saved)) + " of loads an hour there");
            } else if (more < 0) {
                costs.add(name + " " + Amounts.seconds(Math.max(0, -saved)));
            }
        }
        String cost = costs.isEmpty() ? "" : "costs " + String.join(", ", costs);
        if (gains.isEmpty()) {
            return "the total has no room for more: " + cost;
        }
        return String.join("; ", gains) + (cost.isEmpty() ? "" : ", " + cost);
    }

    private double savedPerInterval(int member, long from, long to) {
        Share share = shares.get(member);
        double unit = share.member.unitsPerEntry();
        return share.perInterval(share.requests)
                * (share.estimator.hitRate(to / unit) - share.estimator.hitRate(from / unit))
                * share.secondsPerMiss(meanSecondsPerMiss());
    }

    /** The last decisions, oldest first: the shares of all members, in their order at the time. */
    public List<Decision<List<Long>>> decisions() {
        return decisions.list();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** A member and what is known of it. */
    private final class Share {

        private final Member member;
        private final HitRateEstimator estimator;
        private long current;
        private double requests;
        private double misses;
        private double weight;
        private SizeObservation seen = new SizeObservation(0, 0, 0, 0, 0, 0, 0, 0);

        Share(Member member, HitRateEstimator estimator) {
            this.member = member;
            this.estimator = estimator;
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

        double perInterval(double sum) {
            return weight == 0 ? 0 : sum / weight;
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
}
