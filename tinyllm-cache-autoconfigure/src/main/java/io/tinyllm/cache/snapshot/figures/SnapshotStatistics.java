package io.tinyllm.cache.snapshot.figures;

/**
 * Figures of all snapshots of a process.
 *
 * @param saves saves that succeeded
 * @param saveFailures saves that failed
 * @param restoredEntries entries brought back
 * @param corruptFiles files set aside because they were no whole and unharmed snapshots
 */
public record SnapshotStatistics(long saves, long saveFailures, long restoredEntries, long corruptFiles) {}
