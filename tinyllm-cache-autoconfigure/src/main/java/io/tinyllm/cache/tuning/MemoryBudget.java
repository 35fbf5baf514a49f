package io.tinyllm.cache.tuning;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Divides one budget of memory among caches, so that the expected time of their loads is least: requests times miss rate by size
 * times the mean time of a load, by the mean size of an entry. It decides and remembers why; its members carry it out.
 *
 * <p>A division is changed only where that is expected to save more than {@value #SMALLEST_GAIN} of the time, and seldom. After a
 * change the time that loads took is compared with what they would have taken by the curves before it: a change that lost is taken
 * back, and where predictions have been wrong again and again it waits longer before the next.
 *
 * <p>Not thread safe: one control loop calls it.
 */
public final class MemoryBudget {

    /** How many decisions are kept. */
    public static final int DECISIONS = 50;

    /** The share of the expected time that a change must save. */
    static final double SMALLEST_GAIN = 0.02;

    /** How many changes may be made in a row, and what an interval adds to that: at most four in fifty intervals. */
    private static final double MOST_CHANGES = 2;

    private static final double CHANGES_PER_INTERVAL = 0.05;

    /** Intervals before the first change: a cold cache tells little. */
    private static final int WARM_UP = 3;

    /** Intervals that a change has to show what it is worth, after those in which the caches fill. */
    private static final int JUDGED_AFTER = 3;

    private static final int JUDGED_FOR = 5;

    /** A change has lost if loads took this much longer than they would have taken without it. */
    private static final double LOST = 1.02;

    private static final double HOPE = Double.parseDouble(System.getProperty("hope", "0.05"));
    private static final double HOPE2 = Double.parseDouble(System.getProperty("hope2", "0.2"));

    /** A share is not worth changing by less. */
    private static final double SMALLEST_STEP = 0.05;

    private final Clock clock;
    private final List<Member> members = new ArrayList<>();
    private final List<HitRateEstimator> estimators = new ArrayList<>();
    private final Deque<Decision> decisions = new ArrayDeque<>();
    private double total;
    private double allowance = MOST_CHANGES;
    private double caution = 1;
    private int intervals;
    private @org.jspecify.annotations.Nullable Trial trial;

    /**
     * A budget without members.
     * @param total what is divided, in the unit of {@link Member#unitsPerEntry}
     */
    public MemoryBudget(double total, Clock clock) {
        this.total = total;
        this.clock = clock;
    }

    /** A cache that has a share of the budget. */
    public interface Member {

        /** The name of the cache. */
        String name();

        /** The smallest bound it may have, in entries. */
        long minimum();

        /** The largest bound that is of use to it, in entries. */
        long maximum();

        /** The hit rate beyond which it needs no more, 1 where the application has said none. */
        double targetHitRate();

        /** What happened since the last call. */
        SizeObservation observe();

        /** How long a load takes on average, in seconds. */
        double loadSeconds();

        /** The mean size of an entry, in units of the budget; positive. */
        double unitsPerEntry();
    }

    /**
     * What was decided for all members together.
     * @param at when
     * @param from the bounds before, in entries, in the order of the members
     * @param to the bounds decided
     * @param reason why, in words for a person
     */
    public record Decision(Instant at, List<Long> from, List<Long> to, String reason) {

        /** Whether something is to change. */
        public boolean changes() {
            return !from.equals(to);
        }
    }

    /** Adds a member; {@link #record} takes the number that this returns. */
    public int add(Member member) {
        members.add(member);
        estimators.add(new HitRateEstimator());
        return members.size() - 1;
    }

    /** Sees a request of a member; {@code hash} is a well-mixed 64-bit hash of its key. */
    public void record(int member, long hash) {
        estimators.get(member).record(hash);
    }

    /** Ends an interval and decides. */
    public Decision step() {
        List<SizeObservation> seen = members.stream().map(Member::observe).toList();
        for (int i = 0; i < seen.size(); i++) {
            estimators.get(i).learn(seen.get(i));
        }
        intervals++;
        allowance = Math.min(MOST_CHANGES, allowance + CHANGES_PER_INTERVAL);
        Decision decision = decide(seen);
        estimators.forEach(HitRateEstimator::age);
        if (decisions.size() == DECISIONS) {
            decisions.removeFirst();
        }
        decisions.addLast(decision);
        return decision;
    }

    private Decision decide(List<SizeObservation> seen) {
        List<Long> now = seen.stream().map(SizeObservation::size).toList();
        Trial judged = trial;
        if (judged != null) {
            judged.add(seen);
            if (!judged.isOver()) {
                return kept(now, "the last change is being judged");
            }
            trial = null;
            if (judged.lost()) {
                caution = Math.min(8, caution * 2);
                allowance--;
                return new Decision(clock.instant(), now, judged.before, judged.verdict() + ", taken back");
            }
            caution = Math.max(1, caution / 2);
        }
        List<Long> best = bestDivision(now);
        double without = seconds(now);
        double with = seconds(best);
        double gain = without <= 0 ? 0 : (without - with) / without;
        if (gain <= SMALLEST_GAIN * caution) {
            return kept(now, text("the best division would save %.1f %% of the time of loads", 100 * Math.max(0, gain)));
        }
        if (intervals < WARM_UP || allowance < 1) {
            return kept(now, text("a division that saves %.1f %% is waiting for its turn", 100 * gain));
        }
        return changed(now, best, reason(now, best, without - with, gain));
    }

    private Decision kept(List<Long> now, String reason) {
        return new Decision(clock.instant(), now, now, "kept: " + reason);
    }

    private Decision changed(List<Long> from, List<Long> to, String reason) {
        allowance--;
        trial = new Trial(from);
        return new Decision(clock.instant(), from, to, reason);
    }

    private List<Long> bestDivision(List<Long> now) {
        double floors = 0;
        for (Member member : members) {
            floors += member.minimum() * member.unitsPerEntry();
        }
        double scale = floors > total ? total / floors : 1;
        List<BudgetDivision.Claim> claims = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            HitRateEstimator estimator = estimators.get(i);
            double unit = member.unitsPerEntry();
            double perHit = estimator.requestsPerInterval() * member.loadSeconds();
            double target = member.targetHitRate();
            double enough = target < 1 ? estimator.sizeFor(target) : Double.POSITIVE_INFINITY;
            double floor = scale * member.minimum() * unit;
            double cap = Math.max(floor, unit * Math.min(enough, member.maximum()));
            claims.add(new BudgetDivision.Claim(floor, cap, share -> perHit * hope(estimator, share / unit)));
        }
        double[] shares = BudgetDivision.divide(total, claims);
        List<Long> bounds = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            bounds.add((long) (shares[i] / members.get(i).unitsPerEntry()));
        }
        return isNear(now, bounds) ? now : bounds;
    }

    /** The hit rate, and a little for room: what comes back after longer than anybody remembers would be found there. */
    private static double hope(HitRateEstimator estimator, double size) {
        double rate = estimator.hitRate(size);
        return rate + (HOPE + HOPE2 * (1 - rate)) * size / (size + estimator.footprint() + 1);
    }

    private static boolean isNear(List<Long> a, List<Long> b) {
        for (int i = 0; i < a.size(); i++) {
            if (Math.abs(a.get(i) - b.get(i)) > SMALLEST_STEP * a.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** The expected time of loads an interval with these bounds. */
    private double seconds(List<Long> bounds) {
        double seconds = 0;
        for (int i = 0; i < bounds.size(); i++) {
            seconds += seconds(i, bounds.get(i));
        }
        return seconds;
    }

    private double seconds(int member, long bound) {
        HitRateEstimator estimator = estimators.get(member);
        return estimator.requestsPerInterval()
                * (1 - hope(estimator, bound))
                * members.get(member).loadSeconds();
    }

    private String reason(List<Long> from, List<Long> to, double saved, double gain) {
        StringBuilder words = new StringBuilder(
                text("saves %.1f s of loads an interval (%.0f %%)", saved, 100 * gain));
        for (int i = 0; i < from.size(); i++) {
            if (!from.get(i).equals(to.get(i))) {
                words.append(text(
                        ", %s %d -> %d", members.get(i).name(), from.get(i), to.get(i)));
            }
        }
        return words.toString();
    }

    /** The last decisions, oldest first. */
    public List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** What a change brought, against what would have been without it. */
    private final class Trial {

        private final List<Long> before;
        private int age;
        private double took;
        private double without;

        Trial(List<Long> before) {
            this.before = before;
        }

        void add(List<SizeObservation> seen) {
            if (++age <= JUDGED_AFTER) {
                return;
            }
            for (int i = 0; i < before.size(); i++) {
                SizeObservation s = seen.get(i);
                double load = members.get(i).loadSeconds();
                took += (s.requests() - s.hits()) * load;
                without += s.requests() * (1 - estimators.get(i).lastHitRate(before.get(i))) * load;
            }
        }

        boolean isOver() {
            return age >= JUDGED_AFTER + JUDGED_FOR;
        }

        boolean lost() {
            return took > LOST * without;
        }

        String verdict() {
            return text("loads took %.1f s, without the last change they would have taken %.1f s", took, without);
        }
    }
}
