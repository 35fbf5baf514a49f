package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/**
 * A value in the local tier with the times that govern it. Immutable but for the time of its last use, which is a hint;
 * hence safe to share between threads.
 *
 * <p>Three ages, in nanoseconds since {@link #createdNanos()}: past {@link #softNanos()} a read starts a refresh,
 * past {@link #ttlNanos()} the value is stale, past {@link #keepNanos()} the tier may drop it. {@link #NEVER} stands
 * for an age that is not reached.
 *
 * <p>The class is open so that an adapter may store entries that are at once the answer its framework wants, which
 * keeps hits free of allocation.
 */
public class CacheEntry {

    /** An age that no entry reaches. */
    public static final long NEVER = Long.MAX_VALUE;

    private final @Nullable Object value;
    private final long createdNanos;
    private final long softNanos;
    private final long ttlNanos;
    private final long keepNanos;

    /** Set before the entry is shared. */
    private @Nullable Tagged tags;

    /** Written without synchronization, and only where a coarse time has moved on: a hint. */
    private long usedNanos;

    /**
     * Creates an entry.
     * @param value the value, may be null
     * @param createdNanos the monotonic time of its writing
     * @param softNanos the age from which on reads start a refresh
     * @param ttlNanos the age at which it turns stale
     * @param keepNanos the age at which it is dropped
     */
    protected CacheEntry(@Nullable Object value, long createdNanos, long softNanos, long ttlNanos, long keepNanos) {
        this.value = value;
        this.createdNanos = createdNanos;
        this.softNanos = softNanos;
        this.ttlNanos = ttlNanos;
        this.keepNanos = keepNanos;
        this.usedNanos = createdNanos;
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
        return softNanos;
    }

    /** The age from which on a read has to look at the exact clock, for a refresh or the end of the time-to-live. */
    public final long lookNanos() {
        return Math.min(softNanos, ttlNanos);
    }

    /** The age at which the value turns stale. */
    public final long ttlNanos() {
        return ttlNanos;
    }

    /** The age from which on the entry is of no use, and the local tier drops it sooner or later. */
    public final long keepNanos() {
        return keepNanos;
    }

    /** The tags that the entry bears, null for none. */
    public final @Nullable Tagged tags() {
        return tags;
    }

    /**
     * Makes the entry bear tags. Called before anybody else sees the entry.
     * @param borne the tags, or null
     * @return the entry
     */
    public final CacheEntry tagged(@Nullable Tagged borne) {
        tags = borne == Tagged.REFUSED ? null : borne;
        return this;
    }

    /**
     * Notes that the entry was served.
     * @param nowNanos the monotonic time, which may be coarse
     */
    public final void used(long nowNanos) {
        if (usedNanos != nowNanos) {
            usedNanos = nowNanos;
        }
    }

    /** About when the entry was last served, that of its writing if never: right within a second or so. */
    public final long usedNanos() {
        return usedNanos;
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

    /** Makes entries, so that an adapter chooses their class. Implementations are thread-safe. */
    @FunctionalInterface
    public interface Factory {

        /** Makes plain entries. */
        Factory PLAIN = CacheEntry::new;

        /**
         * Makes an entry.
         * @param value the value, may be null
         * @param createdNanos the monotonic time of its writing
         * @param softNanos the age from which on reads start a refresh
         * @param ttlNanos the age at which it turns stale
         * @param keepNanos the age at which it is dropped
         * @return the entry
         */
        CacheEntry create(@Nullable Object value, long createdNanos, long softNanos, long ttlNanos, long keepNanos);
    }
}
