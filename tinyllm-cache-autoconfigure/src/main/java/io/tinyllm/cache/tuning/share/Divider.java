package io.tinyllm.cache.tuning.share;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.access.tuner.DecisionLog;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Divides a total of memory among those who share it, so that what they miss is expected to cost least: requests times
 * miss rate by size times what a miss costs, by the mean size of an entry.
 *
 * <p>A division is changed only where that is expected to save more than 2 % of the cost, each further time within
 * fifty intervals 2 % more, and at most four times. All the time it is compared with what equal shares would have cost,
 * which tiers in miniature tell: a division that costs more is taken back at once, and the next has to promise more.
 *
 * <p>It resizes nothing. Not thread safe: one control loop calls it.
 */
public final class Divider {

    /** The share of the cost of misses that a change must save. */
    public static final double SMALLEST_GAIN = 0.02;

    /** Intervals before the first change: a cold cache tells little. */
    private static final int WARM_UP = 3;

    /** A curve of fewer requests tells nothing. */
    private static final double FEWEST_REQUESTS = 1000;

    /** How much more a change has to promise at most, after several that have lost. */
    private static final double MOST_CAUTION = 8;

    /** How much a division may lose against equal shares, in what an interval costs. */
    private static final double BEARABLE = 1;

    /** How much of its gains makes up for losses, in what an interval costs: hits often come in bursts. */
    private static final double MOST_CREDIT = 4;

    /** A share is not worth changing by less. */
    private static final double SMALLEST_STEP = 0.05;

    /** The weight that an interval keeps with each one after it, as in {@link HitRateEstimator}. */
    private static final double DECAY = 0.98;

    private final boolean acting;
    private final Words words;
    private final Clock clock;
    private final List<Share> shares = new ArrayList<>();
    private final DecisionLog<List<Long>> decisions = new DecisionLog<>();
    private final ChangesOfLate changes = new ChangesOfLate();
    private final EqualSplit equal = new EqualSplit();
    private final Judgement judgement;
    private double total;
    private double promised;
    private int intervals;

    /**
     * Creates a divider without members.
     * @param total what is divided
     * @param acting whether its decisions are carried out
     * @param words what it says
     * @param clock the time
     */
    public Divider(double total, boolean acting, Words words, Clock clock) {
        this.total = total;
        this.acting = acting;
        this.judgement = new Judgement(BEARABLE, MOST_CREDIT, MOST_CAUTION);
        this.words = words;
        this.clock = clock;
    }

    /** The words of decisions, for a person. Costs are those of an interval. */
    public interface Words {

        /** Somebody gets more, and what that saves. */
        String more(String name, long units, double saved);

        /** What it costs somebody to have less. */
        String less(String name, double lost);

        /** The whole of a change, of these parts. */
        String change(String parts);

        /**
         * A change that is not made for little.
         * @param gain the share of the cost that it would save
         * @param saved the same as a cost
         */
        String tooLittle(double gain, double saved);

        /** A change that comes too soon after others. */
        String tooSoon(double gain, double saved);

        /** A division that is taken back. */
        String takenBack(double promised);
    }

    /**
     * Adds a member, without a share as yet.
     * @param member who
     * @param estimator the estimate of its hit rate
     * @param tiers makes an empty tier of so many entries, with the eviction of the member
     * @return the number that {@link #record} takes
     */
    public int add(Sharer member, HitRateEstimator estimator, LongFunction<MemoryTier> tiers) {
        shares.add(new Share(member, estimator));
        equal.add(tiers);
        judgement.begin();
        resizeEqual();
        return shares.size() - 1;
    }

    private void resizeEqual() {
        for (int i = 0; i < shares.size(); i++) {
            equal.resize(i, total / shares.size() / shares.get(i).member().unitsPerEntry());
        }
    }

    /** Says how much there is from now on. */
    public void divide(double newTotal) {
        total = newTotal;
    }

    /** Says what a member has from now on, whoever has given it. */
    public void holds(int member, long units) {
        shares.get(member).holds(units);
    }

    /** The share that a member has. */
    public long share(int member) {
        return shares.get(member).current();
    }

    /**
     * Sees a request of a member.
     * @param member its number
     * @param hash a well-mixed 64-bit hash of the key
     * @param hit whether the member has answered it
     */
    public void record(int member, long hash, boolean hit) {
        shares.get(member).estimator().record(hash);
        compare(member, hash, hit);
    }

    /** Sees a request that the estimator has seen. */
    public void compare(int member, long hash, boolean hit) {
        equal.record(member, hash, hit);
    }

    /** Sees that a key was evicted by hand. */
    public void remove(int member, long hash) {
        equal.remove(member, hash);
    }

    /** The part of the minimums that the total has room for, 1 where that is all of them. */
    public double minimumScale() {
        double minimums =
                shares.stream().mapToDouble(share -> share.member().minimum()).sum();
        return minimums > total ? total / minimums : 1;
    }

    /** The weight that the intervals so far keep beside the one that ends next. */
    public double weightOfFormer() {
        return Math.min(DECAY, intervals / (intervals + 2.0));
    }

    /**
     * Ends an interval and decides. Where decisions are carried out, the members count as having what it says.
     * @return the shares before and after, in the order of the members
     */
    public Decision<List<Long>> step() {
        double factor = weightOfFormer();
        for (Share share : shares) {
            share.observe(factor);
        }
        intervals++;
        changes.endInterval();
        Decision<List<Long>> decision = decide();
        if (acting && decision.changes()) {
            changes.add();
            for (int i = 0; i < shares.size(); i++) {
                holds(i, decision.to().get(i));
            }
        }
        shares.forEach(share -> share.estimator().age());
        decisions.add(decision);
        return decision;
    }

    private Decision<List<Long>> decide() {
        List<Long> now = shares.stream().map(Share::current).toList();
        compareWithEqualShares();
        if (total < shares.size()) {
            return kept(now, "there is not one for each");
        }
        List<Long> even = equalShares();
        if (acting && judgement.hasLost() && !isNear(now, even)) {
            judgement.takenBack();
            return decision(now, even, words.takenBack(promised));
        }
        boolean over = now.stream().mapToDouble(Long::doubleValue).sum() > total;
        if (!over && shares.stream().mapToDouble(Share::requests).sum() < FEWEST_REQUESTS) {
            return kept(now, "too few requests to tell");
        }
        if (intervals < WARM_UP) {
            return kept(now, "too little has been seen");
        }
        List<Long> best = bestDivision(now);
        double cost = costPerInterval();
        // The hope for room may be worth more than all that misses cost now.
        double gain = cost <= 0 ? 0 : Math.min(1, (worth(best) - worth(now)) / cost);
        double enough = SMALLEST_GAIN * changes.nextIs();
        if (gain <= enough * judgement.caution() && !over) {
            return kept(
                    now,
                    words.tooLittle(Math.max(0, gain), Math.max(0, gain * cost))
                            + (gain > enough ? ", and earlier ones have gained less than they promised" : ""));
        }
        if (!acting) {
            return decision(now, best, reason(now, best));
        }
        if (!over && judgement.isPausing()) {
            return kept(
                    now, words.tooSoon(gain, gain * cost) + ", since earlier ones have gained less than they promised");
        }
        if (!over && changes.areMany()) {
            return kept(now, words.tooSoon(gain, gain * cost));
        }
        if (isNear(now, even)) {
            judgement.begin();
        }
        promised = gain * cost;
        return decision(now, best, reason(now, best));
    }

    /** Takes in by how much more misses have cost in this interval than with equal shares. */
    private void compareWithEqualShares() {
        double unknown = meanCostPerMiss();
        double lost = 0;
        double cost = 0;
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            double all = share.seen().requests() * share.costPerMiss(unknown);
            double rate = share.seen().hitRate();
            lost += all * (share.missRate(rate) - share.missRate(rate + equal.better(i)));
            cost += all * share.missRate(rate);
        }
        resizeEqual();
        judgement.add(lost, cost);
    }

    /** Equal shares, as far as minimums and maximums allow. */
    private List<Long> equalShares() {
        double scale = minimumScale();
        List<Division.Claim> claims = new ArrayList<>();
        for (Share share : shares) {
            double floor = scale * share.member().minimum();
            double even = Math.max(
                    floor, Math.min(total / shares.size(), share.member().maximum()));
            claims.add(new Division.Claim(floor, even, units -> units));
        }
        return whole(claims);
    }

    private List<Long> bestDivision(List<Long> now) {
        double scale = minimumScale();
        double unknown = meanCostPerMiss();
        List<Division.Claim> claims = new ArrayList<>();
        for (Share share : shares) {
            double unit = share.member().unitsPerEntry();
            double perHit = share.requestsPerInterval() * share.costPerMiss(unknown);
            double target = share.member().targetHitRate();
            double enough = target < 1 ? unit * share.estimator().sizeFor(target) : Double.POSITIVE_INFINITY;
            double floor = scale * share.member().minimum();
            double cap = Math.max(floor, Math.min(enough, share.member().maximum()));
            claims.add(new Division.Claim(floor, cap, units -> perHit * share.hope(units / unit)));
        }
        List<Long> best = whole(claims);
        return isNear(now, best) ? now : best;
    }

    /** The best division in whole units: of what rounding leaves, one for each as far as it goes. */
    private List<Long> whole(List<Division.Claim> claims) {
        double[] divided = Division.divide(total, claims);
        List<Long> units = new ArrayList<>();
        long left = (long) total;
        for (double share : divided) {
            units.add((long) share);
            left -= (long) share;
        }
        for (int i = 0; i < divided.length && left > 0; i++) {
            if (divided[i] > units.get(i) || claims.get(i).cap() >= units.get(i) + 1) {
                units.set(i, units.get(i) + 1);
                left--;
            }
        }
        return units;
    }

    /** The requests of all members in an interval. */
    public double requestsPerInterval() {
        return shares.stream().mapToDouble(Share::requestsPerInterval).sum();
    }

    private static boolean isNear(List<Long> a, List<Long> b) {
        return IntStream.range(0, a.size()).allMatch(i -> Math.abs(a.get(i) - b.get(i)) <= SMALLEST_STEP * a.get(i));
    }

    private Decision<List<Long>> kept(List<Long> now, String reason) {
        return decision(now, now, "kept: " + reason);
    }

    private Decision<List<Long>> decision(List<Long> from, List<Long> to, String reason) {
        return new Decision<>(clock.instant(), from, to, reason);
    }

    /** The assumed cost of a miss of a member that has not loaded anything yet. */
    private double meanCostPerMiss() {
        return shares.stream()
                .mapToDouble(share -> share.member().costPerMiss())
                .filter(cost -> cost > 0)
                .average()
                .orElse(1);
    }

    /** What misses have cost in an interval. */
    private double costPerInterval() {
        double unknown = meanCostPerMiss();
        return shares.stream()
                .mapToDouble(share -> share.missesPerInterval() * share.costPerMiss(unknown))
                .sum();
    }

    /** The cost of an interval that these shares are expected to save, hope included. */
    private double worth(List<Long> units) {
        double unknown = meanCostPerMiss();
        double sum = 0;
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            double entries = units.get(i) / share.member().unitsPerEntry();
            sum += share.requestsPerInterval() * share.hope(entries) * share.costPerMiss(unknown);
        }
        return sum;
    }

    /** Who gets how much more and what that saves, and what it costs the others. */
    private String reason(List<Long> from, List<Long> to) {
        List<String> gains = new ArrayList<>();
        List<String> costs = new ArrayList<>();
        for (int i = 0; i < shares.size(); i++) {
            long more = to.get(i) - from.get(i);
            double saved = saved(i, from.get(i), to.get(i));
            String name = shares.get(i).member().name();
            if (more > 0) {
                gains.add(words.more(name, more, Math.max(0, saved)));
            } else if (more < 0) {
                costs.add(words.less(name, Math.max(0, -saved)));
            }
        }
        String cost = costs.isEmpty() ? "" : "costs " + String.join(", ", costs);
        if (gains.isEmpty()) {
            return "the total has no room for more: " + cost;
        }
        return words.change(String.join("; ", gains) + (cost.isEmpty() ? "" : ", " + cost));
    }

    private double saved(int member, long from, long to) {
        Share share = shares.get(member);
        double unit = share.member().unitsPerEntry();
        return share.requestsPerInterval()
                * (share.estimator().hitRate(to / unit) - share.estimator().hitRate(from / unit))
                * share.costPerMiss(meanCostPerMiss());
    }

    /** The last decisions, oldest first: the shares of all members, in their order at the time. */
    public List<Decision<List<Long>>> decisions() {
        return decisions.list();
    }
}
