package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;

/**
 * The arithmetic of ages: how long entries are of use past their time-to-live, and from when on they are refreshed. The
 * two stale windows are those of RFC 5861. All times are in nanoseconds of the cache's monotonic clock.
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

    /** Returns how the ages of entries without tags follow from their time-to-live. */
    public CacheEntry.Policy policy() {
        return new CacheEntry.Policy(refreshAhead, Math.max(ifErrorNanos, whileRevalidateNanos));
    }

    /** Returns whether an entry is within its time-to-live. */
    static boolean isFresh(CacheEntry entry, long now) {
        return age(entry, now) < entry.ttlNanos();
    }

    /** Returns whether a read is answered with an entry, fresh or while it is refreshed. */
    boolean isServable(CacheEntry entry, long now) {
        return isWithin(entry, now, whileRevalidateNanos);
    }

    /** Returns whether a read starts a refresh of an entry. */
    static boolean isDueForRefresh(CacheEntry entry, long now) {
        return age(entry, now) >= entry.softNanos();
    }

    /**
     * Returns whether an entry stands in for a load that failed.
     * @param refresh whether the load was to replace it, which keeps what readers are being served
     */
    boolean standsIn(CacheEntry entry, long now, boolean refresh) {
        return isWithin(entry, now, refresh ? Math.max(ifErrorNanos, whileRevalidateNanos) : ifErrorNanos);
    }

    /** Returns the age at which an entry whose refresh has failed is refreshed again. */
    static long retryNanos(CacheEntry entry, long now) {
        return age(entry, now) + RETRY_NANOS;
    }

    private static boolean isWithin(CacheEntry entry, long now, long window) {
        return isFresh(entry, now) || age(entry, now) - entry.ttlNanos() < window;
    }

    private static long age(CacheEntry entry, long now) {
        return now - entry.createdNanos();
    }
}
