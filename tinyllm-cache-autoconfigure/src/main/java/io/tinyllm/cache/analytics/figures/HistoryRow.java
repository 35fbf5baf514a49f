package io.tinyllm.cache.analytics.figures;

import java.time.Instant;

/**
 * The figures of one minute.
 *
 * @param at when the minute began
 * @param requests hits, misses and bypassed reads
 * @param hits answers without a load
 * @param loads loads that ended, failed ones among them
 * @param loadFailures loads that ended with an exception
 * @param hitRate hits by hits and misses, 0 where there was neither
 * @param p99Millis what 99 of 100 callers did not wait longer for their answer, in milliseconds; 0 where nothing was
 * timed
 */
public record HistoryRow(
        Instant at, long requests, long hits, long loads, long loadFailures, double hitRate, double p99Millis) {}
