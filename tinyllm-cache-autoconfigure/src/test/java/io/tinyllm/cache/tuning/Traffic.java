package io.tinyllm.cache.tuning;

import java.util.Random;
import java.util.function.IntSupplier;

/** Synthetic traffic: keys as numbers, and their hashes. */
public final class Traffic {

    private Traffic() {}

    public static long hash(long key) {
        long z = (key + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** 0, 1 ... size - 1, 0 ... */
    public static IntSupplier loop(int size) {
        int[] next = {0};
        return () -> next[0]++ % size;
    }

    /** Keys that never come back. */
    public static IntSupplier scan() {
        int[] next = {1_000_000};
        return () -> next[0]++;
    }

    public static IntSupplier uniform(int size, long seed) {
        Random random = new Random(seed);
        return () -> random.nextInt(size);
    }

    /** Keys whose frequency falls with the power {@code skew} of their rank. */
    public static IntSupplier zipf(int size, double skew, long seed) {
        double[] cumulative = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.pow(i + 1, -skew);
            cumulative[i] = sum;
        }
        double total = sum;
        Random random = new Random(seed);
        return () -> {
            int i = java.util.Arrays.binarySearch(cumulative, random.nextDouble() * total);
            return Math.min(size - 1, i < 0 ? -i - 1 : i);
        };
    }

    /** The first with probability {@code share}, else the second. */
    public static IntSupplier mix(double share, IntSupplier first, IntSupplier second, long seed) {
        Random random = new Random(seed);
        return () -> random.nextDouble() < share ? first.getAsInt() : second.getAsInt();
    }
}
