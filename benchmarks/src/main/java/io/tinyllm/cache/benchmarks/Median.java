package io.tinyllm.cache.benchmarks;

import java.util.Arrays;

/** The median of figures. */
public final class Median {

    private Median() {}

    /** The middle of the values, or the mean of the two in the middle; not a number where there are none. */
    public static double of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length == 0
                ? Double.NaN
                : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
