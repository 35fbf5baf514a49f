package io.tinyllm.cache.core;

/**
 * How long entries are of use past their time-to-live, and from when on they are refreshed. The two stale windows are
 * those of RFC 5861.
 *
 * @param ifErrorNanos for how long past its time-to-live an entry stands in for a load that fails
 * @param whileRevalidateNanos for how long past its time-to-live an entry is served while a background load replaces it
 * @param refreshAhead the fraction of the time-to-live after which a read starts a background load, zero for never
 */
public record Staleness(long ifErrorNanos, long whileRevalidateNanos, double refreshAhead) {

    /** Entries are of no use past their time-to-live, and not refreshed. */
    public static final Staleness NONE = new Staleness(0, 0, 0);

    /** How long a refresh that failed is not tried again. */
    static final long RETRY_NANOS = 1_000_000_000L;

    /** The age from which on a read starts a refresh. */
    long softNanos(long ttlNanos) {
        if (ttlNanos == CacheEntry.NEVER) {
            return CacheEntry.NEVER;
        }
        return refreshAhead > 0 ? (long) (ttlNanos * refreshAhead) : ttlNanos;
    }

    /** The age from which on an entry is of no use. */
    public long keepNanos(long ttlNanos) {
        long keep = ttlNanos + Math.max(ifErrorNanos, whileRevalidateNanos);
        return keep < 0 ? CacheEntry.NEVER : keep;
    }
}
