package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/**
 * A value in the local tier with the times that govern it. Immutable but for the time of its last use, which is a hint;
 * hence safe to share between threads.
 *
 * <p>Three ages, in nanoseconds since {@link #createdNanos()}: past {@link #softNanos()} a read starts a refresh,
 * past {@link #ttlNanos()} the value is stale, past {@link #keepNanos()} the tier may drop it. {@link #NEVER} stands
 * for an age that is not reached. A cache has as many entries as it holds values, so an entry is small, 40 bytes with
 * compressed references: the first and the last age follow from the time-to-live by a {@link Policy}, which
 * entries share.
 *
 * <p>The class is open so that an adapter may store entries that are at once the answer its framework wants, which
 * keeps hits free of allocation.
 */
public class CacheEntry {

    /** An age that no entry reaches. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The time of the last use is kept in steps of 2^27 nanoseconds, 134 ms, which reach for nine years. */
    private static final int USED_SHIFT = 27;

    /** The step in which the time of the last use is kept. */
    public static final long STEP_NANOS = 1L << USED_SHIFT;

    /** Stands for no step: the entry has not been served yet. */
    private static final int UNUSED = Integer.MIN_VALUE;

    private final @Nullable Object value;
    private final Policy policy;
    private final long createdNanos;
    private final long ttlNanos;

    /** Steps since the entry was written. Written without synchronization, and only where it has changed: a hint. */
    private int used = UNUSED;

    /**
     * Creates an entry.
     * @param value the value, may be null
     * @param createdNanos the monotonic time of its writing
     * @param ttlNanos the age at which it turns stale
     * @param policy how its other ages follow from that one, and its tags
     */
    protected CacheEntry(@Nullable Object value, long createdNanos, long ttlNanos, Policy policy) {
        this.value = value;
        this.createdNanos = createdNanos;
        this.ttlNanos = ttlNanos;
        this.policy = policy;
    }

    /** The cached value, null where null was cached. */
    public final @Nullable Object value() {
        return value;
    }

    /** The monotonic time at which the entry was written. */
    public final long createdNanos() {
        return createdNanos;
    }

    /** The age from which on a read starts a refresh. */
    public final long softNanos() {
        return policy.softNanos(ttlNanos);
    }

    /** The age from which on a read has to look at the exact clock, for a refresh or the end of the time-to-live. */
    public final long lookNanos() {
        return policy.lookNanos(ttlNanos);
    }

    /** The age at which the value turns stale. */
    public final long ttlNanos() {
        return ttlNanos;
    }

    /** The age from which on the entry is of no use, and the local tier drops it sooner or later. */
    public final long keepNanos() {
        return policy.keepNanos(ttlNanos);
    }

    /** The tags that the entry bears, null for none. */
    public final @Nullable Tagged tags() {
        return policy.tags();
    }

    /** How the ages of the entry follow from its time-to-live, and its tags. */
    public final Policy policy() {
        return policy;
    }

    /**
     * Notes that the entry was served.
     * @param nowNanos the monotonic time, which may be coarse
     */
    public final void used(long nowNanos) {
        int steps = stepsUntil(nowNanos);
        if (used != steps) {
            used = steps;
        }
    }

    /**
     * Returns whether the entry was served in the current step of {@link #STEP_NANOS}, reckoned from its writing.
     * @param nowNanos the monotonic time, the one that {@link #used} is told
     */
    public final boolean wasUsedLately(long nowNanos) {
        return used == stepsUntil(nowNanos);
    }

    private int stepsUntil(long nowNanos) {
        return (int) ((nowNanos - createdNanos) >> USED_SHIFT);
    }

    /** About when the entry was last served, that of its writing if never: right within a second or so. */
    public final long usedNanos() {
        // Below zero where it was never served, or a coarse time was behind that of the writing.
        return createdNanos + ((long) Math.max(0, used) << USED_SHIFT);
    }

    /** Entries are told apart by identity, however alike they are: a tier drops the very one that it is told of. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return System.identityHashCode(this);
    }

    /**
     * What entries of a cache have in common: how the ages at which they are refreshed and dropped follow from their
     * time-to-live, and the tags that they bear. All entries without tags share one policy, so that an entry of its own
     * time-to-live is no larger than one of the cache's. Immutable, hence thread-safe. Times are in nanoseconds.
     */
    public static final class Policy {

        /** Entries are not refreshed, of no use past their time-to-live, and without tags. */
        public static final Policy NONE = new Policy(0, 0);

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
        public Policy(double refreshAhead, long pastNanos) {
            this(refreshAhead, pastNanos, NOT_SET, null);
        }

        private Policy(double refreshAhead, long pastNanos, long softNanos, @Nullable Tagged tags) {
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
        public Policy bearing(@Nullable Tagged borne) {
            Tagged kept = borne == Tagged.REFUSED ? null : borne;
            return kept == tags ? this : new Policy(refreshAhead, pastNanos, softNanos, kept);
        }

        /**
         * Returns this policy for an entry that is refreshed at an age of its own.
         * @param ageNanos the age from which on reads start a refresh, {@link #NEVER} for none
         */
        public Policy refreshedAt(long ageNanos) {
            return new Policy(refreshAhead, pastNanos, ageNanos, tags);
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
            return refreshAhead > 0 && ttlNanos != NEVER ? (long) (ttlNanos * refreshAhead) : ttlNanos;
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
            return keep < 0 ? NEVER : keep;
        }
    }

    /** Makes entries, so that an adapter chooses their class. Implementations are thread-safe. */
    @FunctionalInterface
    public interface Factory {

        /** Makes plain entries. */
        Factory PLAIN = CacheEntry::new;

        /**
         * Makes an entry.
         * @param value the value, may be null
         * @param createdNanos the monotonic time of its writing
         * @param ttlNanos the age at which it turns stale
         * @param policy how its other ages follow from that one, and its tags
         * @return the entry
         */
        CacheEntry create(@Nullable Object value, long createdNanos, long ttlNanos, Policy policy);
    }
}
