package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.NotShared.Missing;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One walk over the entries of a cache, to save them. For one thread. */
final class SavingWalk {

    private final TieredCache cache;
    private final Predicate<Object> leftOut;
    private final EntryFormat format;
    private final Pace pace;
    private final long nowNanos;
    private final long nowMillis;
    private final Map<Missing, Long> lacking = new HashMap<>();
    private long visited;
    private long written;

    /**
     * @param leftOut keys to leave out
     * @param format the form of the entries
     * @param pace when to rest
     * @param nowNanos the monotonic time at which it begins
     * @param nowMillis the same moment in milliseconds since the epoch
     */
    SavingWalk(
            TieredCache cache,
            Predicate<Object> leftOut,
            EntryFormat format,
            Pace pace,
            long nowNanos,
            long nowMillis) {
        this.cache = cache;
        this.leftOut = leftOut;
        this.format = format;
        this.pace = pace;
        this.nowNanos = nowNanos;
        this.nowMillis = nowMillis;
    }

    /** How many entries it has come by. */
    long visited() {
        return visited;
    }

    /** How many of them it has written. */
    long written() {
        return written;
    }

    /** How many it has left out for having no stored form, by type and reason. */
    Map<Missing, Long> lacking() {
        return lacking;
    }

    /** Writes a whole file. */
    void write(OutputStream out, boolean compressed, long generation) throws IOException {
        Header header = new Header(cache.name(), generation, Instant.ofEpochMilli(nowMillis));
        SnapshotWriter writer =
                new SnapshotWriter(out, compressed, header, format, missing -> lacking.merge(missing, 1L, Long::sum));
        try {
            cache.memory().forEach((key, entry) -> write(writer, key, entry));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        writer.finish();
    }

    private void write(SnapshotWriter writer, Object key, CacheEntry entry) {
        visited++;
        pace.step();
        if (cache.isEvicted(entry)) {
            return;
        }
        long expiresAt = EntryFormat.NEVER;
        if (entry.ttlNanos() != CacheEntry.NEVER) {
            long remaining = entry.ttlNanos() - (nowNanos - entry.createdNanos());
            if (remaining <= 0) {
                return;
            }
            expiresAt = nowMillis + TimeUnit.NANOSECONDS.toMillis(remaining);
        }
        try {
            if (!leftOut.test(key) && writer.write(key, entry.value(), expiresAt, entry.tags())) {
                written++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
