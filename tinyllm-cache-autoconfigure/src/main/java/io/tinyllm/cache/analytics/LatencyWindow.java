package io.tinyllm.cache.analytics;

import io.tinyllm.cache.analytics.figures.Latency;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;
import org.jspecify.annotations.Nullable;

/**
 * How long something took over the last minutes: a few histograms (HdrHistogram, two significant digits, hence exact
 * within 1 %), one for each slice of the window, of which the oldest is used again for the newest. Not thread-safe.
 */
final class LatencyWindow {

    static final int SLICES = 5;
    static final long SLICE_NANOS = 60_000_000_000L;

    private static final int DIGITS = 2;
    private static final long LONGEST_NANOS = 24 * 3600 * 1_000_000_000L;

    private final @Nullable IntCountsHistogram[] slices = new IntCountsHistogram[SLICES];
    private final long[] numbers = new long[SLICES];

    /**
     * Records a time.
     * @param nanos how long it took
     * @param weight how many times it stands for
     * @param nowNanos the monotonic time
     */
    void record(long nanos, int weight, long nowNanos) {
        long number = sliceOf(nowNanos);
        int index = (int) Math.floorMod(number, (long) SLICES);
        IntCountsHistogram slice = slices[index];
        if (slice == null) {
            slice = new IntCountsHistogram(DIGITS);
            slices[index] = slice;
            numbers[index] = number;
        } else if (numbers[index] != number) {
            slice.reset();
            numbers[index] = number;
        }
        slice.recordValueWithCount(Math.min(Math.max(nanos, 0), LONGEST_NANOS), weight);
    }

    /** Returns the number of the slice that a time belongs to. */
    static long sliceOf(long nowNanos) {
        return Math.floorDiv(nowNanos, SLICE_NANOS);
    }

    /**
     * Returns what 99 of 100 did not exceed in one slice of several windows together, 0 where they hold nothing of it.
     * @param number the number of the slice
     * @param windows the windows
     */
    static long p99Nanos(long number, LatencyWindow... windows) {
        Histogram all = new Histogram(DIGITS);
        all.setAutoResize(true);
        for (LatencyWindow window : windows) {
            int index = (int) Math.floorMod(number, (long) SLICES);
            IntCountsHistogram slice = window.slices[index];
            if (slice != null && window.numbers[index] == number) {
                all.add(slice);
            }
        }
        return all.getTotalCount() == 0 ? 0 : all.getValueAtPercentile(99);
    }

    /** Returns the percentiles of the window. */
    Latency summary(long nowNanos) {
        Histogram all = new Histogram(DIGITS);
        all.setAutoResize(true);
        long newest = sliceOf(nowNanos);
        for (int i = 0; i < SLICES; i++) {
            IntCountsHistogram slice = slices[i];
            if (slice != null && newest - numbers[i] < SLICES) {
                all.add(slice);
            }
        }
        return all.getTotalCount() == 0
                ? Latency.NONE
                : new Latency(
                        all.getTotalCount(),
                        all.getMean(),
                        all.getValueAtPercentile(50),
                        all.getValueAtPercentile(95),
                        all.getValueAtPercentile(99),
                        all.getMaxValue());
    }
}
