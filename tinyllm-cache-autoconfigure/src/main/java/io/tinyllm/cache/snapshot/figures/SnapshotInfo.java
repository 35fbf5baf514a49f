package io.tinyllm.cache.snapshot.figures;

import java.time.Instant;

/**
 * The description of a snapshot file by its own footer, unverified.
 *
 * @param cache the name of the cache
 * @param generation its number; a cache's newest file has the highest
 * @param savedAt when the saving began
 * @param entries how many entries it holds
 * @param bytes the size of the file
 */
public record SnapshotInfo(String cache, long generation, Instant savedAt, long entries, long bytes) {}
