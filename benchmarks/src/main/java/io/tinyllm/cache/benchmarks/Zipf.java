package io.tinyllm.cache.benchmarks;

import java.util.Arrays;
import java.util.Random;

/** Draws of keys of which few are popular, the same ones for everybody. */
public final class Zipf {

    private static final double EXPONENT = 0.99;

    private Zipf() {}

    /** Indexes of keys below {@code keys}, the n-th most popular drawn in proportion to n to the power of -0.99. */
    public static int[] draws(int keys, int draws) {
        double[] cumulated = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += Math.pow(i + 1, -EXPONENT);
            cumulated[i] = sum;
        }
        Random random = new Random(1);
        int[] drawn = new int[draws];
        for (int i = 0; i < draws; i++) {
            int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
            drawn[i] = Math.min(found < 0 ? -found - 1 : found, keys - 1);
        }
        return drawn;
    }
}
