package io.tinyllm.cache.ttl;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The choice of idle timeouts from what is known of the gaps.
 *
 * <p>An access makes the entry worth P(accessed again before the timeout) - price x E[time until then or the timeout].
 * One price for all classes and remaining lives puts the timeouts on the efficient frontier, as in the soft TTLs of
 * arXiv 1807.03537; it is raised until the hits that may be lost are spent. An entry that expires before its next
 * access is likely is best dropped at once, hence the remaining life matters. Stateless.
 */
final class IdlePlanner {

    private static final double PRIOR_WEIGHT = 2;
    private static final double TAIL_HAZARD = 0.02;
    private static final double LOWEST_PRICE = 1e-9;
    private static final double HIGHEST_PRICE = 1e6;
    private static final int ROUNDS = 40;

    private final int firstBin;
    private final int lastBin;

    /** Creates a planner whose timeouts stay within the bounds, both in nanoseconds. */
    IdlePlanner(GapBins bins, long minimum, long maximum) {
        int first = 0;
        while (first < GapBins.LAST && bins.upper(first) < minimum) {
            first++;
        }
        int last = GapBins.LAST;
        while (last >= 0 && bins.upper(last) > maximum) {
            last--;
        }
        this.firstBin = first;
        this.lastBin = last;
    }

    /** Returns whether the bounds leave any timeout shorter than the horizon. */
    boolean canAct() {
        return firstBin <= Math.min(lastBin, GapBins.LAST - 1);
    }

    /**
     * Plans within two limits.
     * @param lossBudget how many hits an access may cost on average
     * @param savingLimit how many nanoseconds of residency an access may save on average
     */
    IdlePlan plan(GapCounts counts, double lossBudget, double savingLimit) {
        Curves curves = new Curves(counts);
        double lossLimit = lossBudget * counts.accesses();
        double stayLimit = savingLimit * counts.accesses();
        byte[][] best = choose(curves, 0);
        byte @Nullable [][] beyond = null;
        double low = LOWEST_PRICE;
        double high = HIGHEST_PRICE;
        for (int i = 0; i < ROUNDS; i++) {
            double price = Math.sqrt(low * high);
            byte[][] choice = choose(curves, price / counts.bins().horizon());
            if (curves.forgone(curves.hits, choice) <= lossLimit && curves.forgone(curves.stay, choice) <= stayLimit) {
                best = choice;
                low = price;
            } else {
                beyond = choice;
                high = price;
            }
        }
        if (beyond == null) {
            return new IdlePlan(counts.bins(), best, best, 0);
        }
        double share = Math.min(
                share(curves.forgone(curves.hits, best), curves.forgone(curves.hits, beyond), lossLimit),
                share(curves.forgone(curves.stay, best), curves.forgone(curves.stay, beyond), stayLimit));
        return new IdlePlan(counts.bins(), best, beyond, share);
    }

    private static double share(double from, double to, double limit) {
        return to <= limit ? 1 : (limit - from) / (to - from);
    }

    /** For every class and remaining life the best timeout at a price, in hits a nanosecond. */
    private byte[][] choose(Curves curves, double price) {
        byte[][] choice = new byte[KeyClasses.TOTAL][GapBins.COUNT];
        for (int c = 0; c < KeyClasses.TOTAL; c++) {
            Arrays.fill(choice[c], (byte) GapBins.LAST);
            if (!curves.known[c]) {
                continue;
            }
            int best = -1;
            double worth = 0;
            for (int life = 0; life < GapBins.COUNT; life++) {
                double here = curves.hits[c][life] - price * curves.stay[c][life];
                if (best >= 0 && worth > here) {
                    choice[c][life] = (byte) best;
                }
                if (life >= firstBin && life <= lastBin && (best < 0 || here > worth)) {
                    best = life;
                    worth = here;
                }
            }
        }
        return choice;
    }

    /**
     * By class, what staying until the end of a bin brings: the chance of a hit, and the mean residency in nanoseconds.
     */
    private static final class Curves {

        final boolean[] known = new boolean[KeyClasses.TOTAL];
        final double[][] hits = new double[KeyClasses.TOTAL][GapBins.COUNT];
        final double[][] stay = new double[KeyClasses.TOTAL][GapBins.COUNT];
        private final GapCounts counts;

        Curves(GapCounts counts) {
            this.counts = counts;
            double[] tail = new double[GapBins.COUNT];
            Arrays.fill(tail, TAIL_HAZARD);
            double[] common = counts.hazard(tail, PRIOR_WEIGHT);
            for (int c = 0; c < KeyClasses.TOTAL; c++) {
                known[c] = counts.accesses(c) >= 0.5;
                if (known[c]) {
                    integrate(c, counts.hazard(c, common, PRIOR_WEIGHT));
                }
            }
        }

        private void integrate(int c, double[] hazard) {
            double alive = 1;
            double hit = 0;
            double time = 0;
            for (int b = 0; b < GapBins.COUNT; b++) {
                hit += alive * hazard[b];
                time += alive * (1 - hazard[b] / 2) * counts.bins().width(b);
                alive *= 1 - hazard[b];
                hits[c][b] = hit;
                stay[c][b] = time;
            }
        }

        /** How much of a curve is given up by a choice of timeouts, over all recent accesses. */
        double forgone(double[][] curve, byte[][] choice) {
            double sum = 0;
            for (int c = 0; c < KeyClasses.TOTAL; c++) {
                if (!known[c]) {
                    continue;
                }
                double[] lives = counts.lives(c);
                for (int life = 0; life < GapBins.COUNT; life++) {
                    int chosen = choice[c][life];
                    if (chosen < life) {
                        sum += lives[life] * (curve[c][life] - curve[c][chosen]);
                    }
                }
            }
            return sum;
        }
    }
}
