package io.tinyllm.cache.snapshot.figures;

/**
 * The outcome of a save or a restore.
 *
 * @param cache the name of the cache
 * @param entries entries saved, or brought back
 * @param skipped entries left out: expired, unflushed or without a stored form; on a restore also those that are live
 * or
 *     changed, that rules refuse, that no longer fit their type, and those beyond the cache's bound
 * @param tookMillis how long it took
 */
public record SnapshotResult(String cache, long entries, long skipped, long tookMillis) {}
