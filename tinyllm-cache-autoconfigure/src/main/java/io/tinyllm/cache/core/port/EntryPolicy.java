package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/**
 * What entries of a cache have in common: how the ages at which they are refreshed and dropped follow from their
 * time-to-live, and the tags that they bear. All entries without tags share one policy, so that an entry of its own
 * time-to-live is no larger than one of the cache's. Immutable, hence thread-safe. Times are in nanoseconds.
 */
public final class EntryPolicy {

    /** Entries are not refreshed, of no use past their time-to-live, and without tags. */
    public static final EntryPolicy NONE = new EntryPolicy(0, 0);

    private static final long NOT_SET = -1;

    private final double refreshAhead;
    private final long pastNanos;
    private final long softNanos;
    private final @Nullable Tagged tags;

    /** Whether entries are refreshed at another age than that of their end: told once, as every hit asks. */
    private final boolean refreshed;

    /**
     * Creates a policy for entries without tags.
     * @param refreshAhead the fraction of the time-to-live after which a read starts a refresh, zero for never
     * @param pastNanos for how long past its time-to-live an entry is of use
     */
    public EntryPolicy(double refreshAhead, long pastNanos) {
        this(refreshAhead, pastNanos, NOT_SET, null);
    }

    private EntryPolicy(double refreshAhead, long pastNanos, long softNanos, @Nullable Tagged tags) {
        this.refreshAhead = refreshAhead;
        this.pastNanos = pastNanos;
        this.softNanos = softNanos;
        this.tags = tags;
        this.refreshed = refreshAhead > 0 || softNanos != NOT_SET;
    }

    /**
     * Returns this policy for an entry that bears tags.
     * @param borne the tags; null, or {@link Tagged#REFUSED}, for none
     */
    public EntryPolicy bearing(@Nullable Tagged borne) {
        Tagged kept = borne == Tagged.REFUSED ? null : borne;
        return kept == tags ? this : new EntryPolicy(refreshAhead, pastNanos, softNanos, kept);
    }

    /**
     * Returns this policy for an entry that is refreshed at an age of its own.
     * @param ageNanos the age from which on reads start a refresh, {@link CacheEntry#NEVER} for none
     */
    public EntryPolicy refreshedAt(long ageNanos) {
        return new EntryPolicy(refreshAhead, pastNanos, ageNanos, tags);
    }

    /** Returns the tags that the entry bears, null for none. */
    @Nullable
    Tagged tags() {
        return tags;
    }

    /** Returns the age from which on a read starts a refresh of an entry. */
    long softNanos(long ttlNanos) {
        if (softNanos != NOT_SET) {
            return softNanos;
        }
        return refreshAhead > 0 && ttlNanos != CacheEntry.NEVER ? (long) (ttlNanos * refreshAhead) : ttlNanos;
    }

    /** Returns the lower of the age of the refresh and the time-to-live of an entry. */
    long lookNanos(long ttlNanos) {
        return refreshed ? Math.min(softNanos(ttlNanos), ttlNanos) : ttlNanos;
    }

    /**
     * Returns the age from which on an entry is of no use.
     * @param ttlNanos its time-to-live
     */
    public long keepNanos(long ttlNanos) {
        long keep = ttlNanos + pastNanos;
        return keep < 0 ? CacheEntry.NEVER : keep;
    }
}
