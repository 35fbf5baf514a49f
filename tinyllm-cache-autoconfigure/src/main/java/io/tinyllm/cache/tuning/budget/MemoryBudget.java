package io.tinyllm.cache.tuning.budget;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.share.Divider;
import io.tinyllm.cache.tuning.share.Sharer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Divides one budget of memory among caches, so that the expected time of their loads is least, as a {@link Divider}
 * does, and sets the shares of the caches where its decisions are carried out. It begins with equal shares.
 *
 * <p>Not thread safe: one control loop calls it.
 */
public final class MemoryBudget {

    private final double total;
    private final boolean bytes;
    private final boolean acting;
    private final List<Member> members = new ArrayList<>();
    private final Divider divider;
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
        this.divider = new Divider(total, acting, new TimeOfLoads(), clock);
    }

    /** A cache that has a share of the budget. A miss costs seconds. */
    public interface Member extends Sharer {

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
        int added = divider.add(member, estimator, tiers);
        members.add(member);
        if (acting) {
            makeRoom(added);
        }
        return added;
    }

    /** Gives a newcomer an equal share, of which others keep what they must have. */
    private void makeRoom(int added) {
        double scale = divider.minimumScale();
        double beyond = total - least(added, scale);
        double wanted = 0;
        for (int i = 0; i < added; i++) {
            beyond -= least(i, scale);
            wanted += beyondLeast(i, added, scale);
        }
        double part = wanted > beyond ? Math.max(0, beyond) / wanted : 1;
        double left = total;
        for (int i = 0; i < added; i++) {
            set(i, least(i, scale) + (long) (part * beyondLeast(i, added, scale)));
            left -= divider.share(i);
        }
        set(added, (long) Math.max(0, Math.min(left, members.get(added).maximum())));
    }

    /** The minimum of a member, as far as there is room for all of them. */
    private long least(int member, double scale) {
        return (long) (scale * members.get(member).minimum());
    }

    private double beyondLeast(int member, int added, double scale) {
        return Math.max(0, (double) divider.share(member) * added / (added + 1) - least(member, scale));
    }

    private void set(int member, long units) {
        divider.holds(member, units);
        members.get(member).resize(units);
    }

    /**
     * Sees a request of a member.
     * @param member its number
     * @param hash a well-mixed 64-bit hash of the key
     * @param hit whether the cache has answered it
     */
    public void record(int member, long hash, boolean hit) {
        divider.record(member, hash, hit);
    }

    /** Sees a request that the estimator has seen. */
    void compare(int member, long hash, boolean hit) {
        divider.compare(member, hash, hit);
    }

    /** Sees that a key was evicted by hand. */
    void remove(int member, long hash) {
        divider.remove(member, hash);
    }

    /**
     * Ends an interval, decides, and carries it out.
     * @param took how long the interval was, in seconds
     * @return the shares before and after, in the order of the members
     */
    public Decision<List<Long>> step(double took) {
        double factor = divider.weightOfFormer();
        weight = factor * weight + 1;
        seconds = factor * seconds + took;
        if (!acting) {
            for (int i = 0; i < members.size(); i++) {
                divider.holds(i, members.get(i).share());
            }
        }
        Decision<List<Long>> decision = divider.step();
        if (acting && decision.changes()) {
            carryOut(decision);
        }
        return decision;
    }

    /** Shrinks before it grows, so that the sum never exceeds the total. */
    private void carryOut(Decision<List<Long>> decision) {
        for (int direction : new int[] {-1, 1}) {
            for (int i = 0; i < members.size(); i++) {
                long to = decision.to().get(i);
                if (Long.signum(to - decision.from().get(i)) == direction) {
                    members.get(i).resize(to);
                }
            }
        }
    }

    /** The last decisions, oldest first: the shares of all members, in their order at the time. */
    public List<Decision<List<Long>>> decisions() {
        return divider.decisions();
    }

    /** Says how long callers wait for loads. */
    private final class TimeOfLoads implements Divider.Words {

        @Override
        public String more(String name, long units, double saved) {
            return name + (acting ? " gets " : " would get ") + Amounts.memory(units, bytes) + " more: saves "
                    + anHour(saved) + " of loads an hour there";
        }

        @Override
        public String less(String name, double lost) {
            return name + " " + anHour(lost);
        }

        private String anHour(double perInterval) {
            double hours = weight <= 0 || seconds <= 0 ? 0 : seconds / weight / 3600;
            return Amounts.seconds(hours <= 0 ? 0 : perInterval / hours);
        }

        @Override
        public String change(String parts) {
            return parts;
        }

        @Override
        public String tooLittle(double gain, double saved) {
            return text("the best division would save %.1f %% of the time of loads", 100 * gain);
        }

        @Override
        public String tooSoon(double gain, double saved) {
            return text("a division that saves %.0f %% of the time of loads waits for its turn", 100 * gain);
        }

        @Override
        public String takenBack(double promised) {
            return "back to equal shares, with which loads would have taken less; the next change has to promise more";
        }

        private static String text(String format, double value) {
            return String.format(Locale.ROOT, format, value);
        }
    }
}
