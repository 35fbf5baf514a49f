package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one key, without its value. All times are in nanoseconds.
 *
 * @param state the first that holds, in the order of the constants
 * @param answeredBy where a read would find an answer now: {@link Outcome#MEMORY_HIT}, {@link Outcome#REMOTE_HIT},
 *     {@link Outcome#REPLICA_HIT} or {@link Outcome#STORE_HIT}; null where it would find none
 * @param ageNanos how long ago its entry in memory was written, null without one
 * @param remainingNanos how long it stays fresh from now on, below zero for a stale one; null where that is not known,
 * or
 *     for ever
 * @param lifeNanos the time-to-live of its entry, {@link io.tinyllm.cache.core.port.CacheEntry#NEVER} for ever; null
 *     where it is not known
 * @param because why it has that time-to-live, null where it is not known
 * @param idleNanos how long ago its entry was last served, null without one
 * @param bypassedBy what keeps it away from the cache, null where nothing does
 * @param hasRemote whether the remote tier was asked and has answered
 * @param remote what the remote tier has of it, null for nothing
 * @param hasStore whether writes go to a store
 * @param dirty whether a write of it has not reached the store
 * @param tags the tags that its entry bears
 * @param evictedBy the tag by which its entry in memory was evicted, null where it was not
 */
public record KeyState(
        State state,
        @Nullable Outcome answeredBy,
        @Nullable Long ageNanos,
        @Nullable Long remainingNanos,
        @Nullable Long lifeNanos,
        @Nullable String because,
        @Nullable Long idleNanos,
        @Nullable String bypassedBy,
        boolean hasRemote,
        @Nullable RemoteState remote,
        boolean hasStore,
        boolean dirty,
        List<String> tags,
        @Nullable String evictedBy) {

    /** How a key stands. */
    public enum State {
        /** A rule keeps it away from the cache. */
        BYPASSED,
        /** A write of it has not reached the store. */
        DIRTY,
        /** It is remembered as absent or failing. */
        NEGATIVE,
        /** It has an entry within its time-to-live, in memory or in the remote tier. */
        FRESH,
        /** It has an entry past its time-to-live that may still be served. */
        STALE,
        /** It is being loaded. */
        LOADING,
        /** It was prefetched, and nobody has asked for it. */
        STAGED,
        /** There is nothing of it. */
        ABSENT
    }

    /**
     * A value that a cache holds.
     * @param value the value, may be null
     * @param remainingNanos how long it stays fresh, below zero for a stale one, {@link
     *     io.tinyllm.cache.core.port.CacheEntry#NEVER} for ever
     */
    public record Held(@Nullable Object value, long remainingNanos) {}

    /**
     * An entry of the remote tier.
     * @param remainingNanos how long it stays fresh from now on, null for ever
     */
    public record RemoteState(@Nullable Long remainingNanos) {}
}
