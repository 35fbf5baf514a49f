package io.tinyllm.cache.tuning.curve;

import java.util.Arrays;

/**
 * The hit rate by size of the cache in front of us, which is no LRU: the curve of an LRU corrected twice. An admission
 * filter levels the cliffs of LRU, so that the hit rate is near the concave hull of its curve (Beckmann and Sanchez,
 * Talus, HPCA 2015). What remains is learnt where the cache has been: observed minus predicted hit rate by size,
 * smoothed over neighbouring sizes, nothing where nobody has been. Not thread safe; about 11 KB.
 */
public final class HitRateModel {

    /** Residuals are kept in buckets of ratio 4^(1/7), 1.22. */
    private static final int BINS_PER_BUCKET = 4;

    /** The weight that a residual keeps with each one that is learnt after it. */
    private static final double MEMORY = 0.98;
    /** The weight of not knowing, in residuals. */
    private static final double PRIOR = 0.5;
    /** How many buckets away a residual counts 1 / e. */
    private static final double WIDTH = 6;

    /** From this far below the maximum on, what is lacking fades out. */
    private static final double SATURATED = 0.05;

    private final double[] residuals = new double[MissRatioCurve.BINS / BINS_PER_BUCKET + 1];
    private final double[] weights = new double[residuals.length];
    private final double[] base = new double[MissRatioCurve.BINS];
    private final double[] rates = new double[MissRatioCurve.BINS];

    /** Takes in the curve as it is now. */
    public void update(MissRatioCurve curve) {
        double[] lru = curve.rates();
        levelCliffs(lru);
        double maximum = base[base.length - 1];
        double best = 0;
        for (int bin = 0; bin < rates.length; bin++) {
            double residual = residual(bin);
            if (residual < 0) {
                // a cache that holds all that comes back evicts nothing, and no policy does worse than another
                residual *= Math.min(1, (maximum - base[bin]) / SATURATED);
            }
            best = Math.max(best, Math.min(1, base[bin] + residual));
            rates[bin] = best;
        }
    }

    /** The upper concave hull of the curve, by a monotone chain over its bins; -1 stands for the origin. */
    private void levelCliffs(double[] lru) {
        int n = lru.length;
        int[] corners = new int[n];
        int m = 0;
        for (int i = 0; i < n; i++) {
            while (m >= 1 && below(lru, m >= 2 ? corners[m - 2] : -1, corners[m - 1], i)) {
                m--;
            }
            corners[m++] = i;
        }
        int left = -1;
        for (int corner = 0; corner < m; corner++) {
            int right = corners[corner];
            for (int i = left + 1; i <= right; i++) {
                double share = (size(i) - size(left)) / (size(right) - size(left));
                base[i] = rate(lru, left) + share * (lru[right] - rate(lru, left));
            }
            left = right;
        }
    }

    /** Returns whether the corner b lies on or below the line from a to c. */
    private static boolean below(double[] lru, int a, int b, int c) {
        return (lru[b] - rate(lru, a)) * (size(c) - size(a)) <= (lru[c] - rate(lru, a)) * (size(b) - size(a));
    }

    private static double size(int bin) {
        return bin < 0 ? 0 : MissRatioCurve.sizeOf(bin);
    }

    private static double rate(double[] lru, int bin) {
        return bin < 0 ? 0 : lru[bin];
    }

    /** Learns by how much the hit rate of a cache of this size differed from {@link #base}, and forgets a little. */
    void learn(double size, double residual) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= MEMORY;
            residuals[i] *= MEMORY;
        }
        int bucket = bin(size) / BINS_PER_BUCKET;
        weights[bucket]++;
        residuals[bucket] += residual;
    }

    private double residual(int bin) {
        double sum = 0;
        double weight = PRIOR;
        double at = (double) bin / BINS_PER_BUCKET;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 1e-3) {
                double near = Math.exp(-Math.abs(i + 0.5 - at) / WIDTH);
                sum += near * residuals[i];
                weight += near * weights[i];
            }
        }
        return sum / weight;
    }

    private int bin(double size) {
        return Math.max(0, Math.min(base.length - 1, (int) Math.ceil(MissRatioCurve.position(size))));
    }

    /** The estimated hit rate of a cache of {@code size} entries. */
    public double hitRate(double size) {
        return MissRatioCurve.interpolate(rates, size);
    }

    /** The same without what was learnt. */
    double base(double size) {
        return MissRatioCurve.interpolate(base, size);
    }

    /** The smallest size with an estimate of at least {@code rate}; infinite when there is none. */
    double sizeFor(double rate) {
        int bin = Arrays.binarySearch(rates, rate);
        if (bin < 0) {
            bin = -bin - 1;
        }
        while (bin > 0 && bin < rates.length && rates[bin - 1] >= rate) {
            bin--;
        }
        if (bin == rates.length) {
            return Double.POSITIVE_INFINITY;
        }
        if (bin == 0) {
            return 1;
        }
        double share = (rate - rates[bin - 1]) / (rates[bin] - rates[bin - 1]);
        return MissRatioCurve.sizeOf(bin - 1 + share);
    }
}
