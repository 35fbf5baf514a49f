package io.tinyllm.cache.analytics.figures;

/**
 * How long something took, in nanoseconds, each figure within 1 %.
 *
 * @param count how many times it was done, as far as that was seen
 * @param mean the mean
 * @param p50 what half of them did not exceed
 * @param p95 what 95 of 100 did not exceed
 * @param p99 what 99 of 100 did not exceed
 * @param max the longest
 */
public record Latency(long count, double mean, long p50, long p95, long p99, long max) {

    /** Nothing was timed. */
    public static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0);
}
