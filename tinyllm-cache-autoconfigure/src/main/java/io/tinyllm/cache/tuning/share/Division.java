package io.tinyllm.cache.tuning.share;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Divides a total among claims so that what they save together is most. Each claim's saving by share is replaced by its
 * upper concave hull, on which the best division gives every unit to the claim that gains most by it, as in
 * utility-based cache partitioning (Qureshi and Patt, MICRO 2006). Stateless.
 */
final class Division {

    /** The steps in which a share is looked at. */
    private static final double RATIO = 1.12;

    private Division() {}

    /**
     * One of those who share a total.
     * @param floor the share that it has in any case
     * @param cap the largest share that is of use to it, at least the floor
     * @param saving what a share saves; not falling
     */
    record Claim(double floor, double cap, DoubleUnaryOperator saving) {}

    /**
     * Divides a total.
     * @param total at least the sum of the floors; what nobody gains by is given by what each has
     * @param claims not empty
     * @return the share of each, which sum up to the total at most
     */
    static double[] divide(double total, List<Claim> claims) {
        double[] shares = new double[claims.size()];
        List<Step> steps = new ArrayList<>();
        double left = total;
        for (int i = 0; i < shares.length; i++) {
            Claim claim = claims.get(i);
            shares[i] = claim.floor();
            left -= claim.floor();
            addHull(i, claim, Math.min(claim.cap(), total), steps);
        }
        // Within a claim the steps become flatter, so they are taken in their order.
        steps.sort(Comparator.comparingDouble(Step::slope).reversed());
        for (Step step : steps) {
            if (left <= 0 || step.slope() <= 0) {
                break;
            }
            double given = Math.min(left, step.width());
            shares[step.claim()] += given;
            left -= given;
        }
        if (left > 0) {
            spread(left, total, claims, shares);
        }
        for (int i = 0; i < shares.length; i++) {
            // where adding up has rounded
            shares[i] = Math.min(shares[i], claims.get(i).cap());
        }
        return shares;
    }

    /** Gives what is left by what each has, as far as it is of use. */
    private static void spread(double left, double total, List<Claim> claims, double[] shares) {
        double given = total - left;
        if (given <= 0) {
            return;
        }
        for (int i = 0; i < shares.length; i++) {
            double room = Math.max(0, claims.get(i).cap() - shares[i]);
            shares[i] += Math.min(room, left * shares[i] / given);
        }
    }

    private static void addHull(int index, Claim claim, double cap, List<Step> steps) {
        List<double[]> corners = new ArrayList<>();
        double share = claim.floor();
        while (true) {
            push(corners, share, claim.saving().applyAsDouble(share));
            if (share >= cap) {
                break;
            }
            share = Math.min(cap, Math.max(share + 1e-9, Math.max(share * RATIO, cap / 1000)));
        }
        for (int i = 1; i < corners.size(); i++) {
            double[] from = corners.get(i - 1);
            double[] to = corners.get(i);
            steps.add(new Step(index, to[0] - from[0], (to[1] - from[1]) / (to[0] - from[0])));
        }
    }

    private static void push(List<double[]> corners, double share, double saving) {
        double[] corner = {share, saving};
        while (corners.size() >= 2 && below(corners.get(corners.size() - 2), corners.get(corners.size() - 1), corner)) {
            corners.remove(corners.size() - 1);
        }
        corners.add(corner);
    }

    /** Returns whether the corner b lies on or below the line from a to c. */
    private static boolean below(double[] a, double[] b, double[] c) {
        return (b[1] - a[1]) * (c[0] - a[0]) <= (c[1] - a[1]) * (b[0] - a[0]);
    }

    /** A piece of a claim's hull: what it costs and what each unit of it saves. */
    private record Step(int claim, double width, double slope) {}
}
