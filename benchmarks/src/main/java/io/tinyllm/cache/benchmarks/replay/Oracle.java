package io.tinyllm.cache.benchmarks.replay;

import java.util.HashMap;
import java.util.Map;

/**
 * What is known only afterwards: the hit rate over the second half of a trace of every constant size, on a grid of
 * ratio 1.05, and so the smallest that reaches a target. Takes the hit rate to grow with the size.
 */
final class Oracle {

    private static final double RATIO = 1.05;

    private final Trace trace;
    private final long minimum;
    private final long maximum;
    private final Map<Long, Double> rates = new HashMap<>();

    Oracle(Trace trace, long minimum, long maximum) {
        this.trace = trace;
        this.minimum = minimum;
        this.maximum = maximum;
    }

    /** The hit rate over the second half of a cache of this size. */
    double rate(long size) {
        return rates.computeIfAbsent(size, this::replay);
    }

    double best() {
        return rate(maximum);
    }

    /** The smallest size of the grid whose hit rate is at least {@code rate}; the maximum if none is. */
    long sizeFor(double rate) {
        int low = 0;
        int high = (int) Math.ceil(Math.log((double) maximum / minimum) / Math.log(RATIO));
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rate(grid(middle)) >= rate) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return grid(low);
    }

    private long grid(int step) {
        return Math.min(maximum, Math.round(minimum * Math.pow(RATIO, step)));
    }

    private double replay(long size) {
        PlainCache cache = new PlainCache(size);
        int half = trace.length() / 2;
        int hits = 0;
        for (int i = 0; i < trace.length(); i++) {
            boolean hit = cache.access(trace.key(i));
            hits += hit && i >= half ? 1 : 0;
        }
        return (double) hits / (trace.length() - half);
    }
}
