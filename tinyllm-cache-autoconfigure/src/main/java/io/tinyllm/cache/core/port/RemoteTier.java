package io.tinyllm.cache.core.port;

import io.tinyllm.cache.Outcome;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A tier outside this JVM. No method blocks. Operations on one key take effect in the order in which they were
 * sent, so that a read sent after a write sees it. Futures end within the tier's own deadline; they may fail, and the
 * cache then goes on as if the tier held nothing. Dependents of a future never run on a thread that does the tier's
 * input and output. Implementations are thread-safe.
 */
public interface RemoteTier {

    /** A tier that holds nothing. */
    static RemoteTier none() {
        return Absent.REMOTE;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * Reads a key.
     * @param key the key
     * @return the entry, or null where there is none
     */
    CompletableFuture<@Nullable RemoteEntry> get(Object key);

    /**
     * Encodes a write, which is the costly part, so that the sending is short. A value that cannot be encoded yields a
     * write that removes the key.
     * @param key the key
     * @param value the value, may be null
     * @param ttlNanos how long it stays fresh, or {@link CacheEntry#NEVER}
     * @return the write, to be sent once
     */
    Write prepare(Object key, @Nullable Object value, long ttlNanos);

    /**
     * As {@link #prepare}, for what a load has brought: others hear of it only where it changes what the tier holds.
     * @param key the key
     * @param value the value, may be null
     * @param ttlNanos how long it stays fresh, or {@link CacheEntry#NEVER}
     * @return the write, to be sent once
     */
    default Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        return prepare(key, value, ttlNanos);
    }

    /**
     * Removes a key. Others hear of it, whether the tier held the key or not.
     * @param key the key
     * @return ends once the tier has done so, with TRUE where it is known to have held the key
     */
    CompletableFuture<?> remove(Object key);

    /**
     * As {@link #remove}, for what a load has found out: others hear of it only where the tier held the key.
     * @param key the key
     * @return ends once the tier has done so
     */
    default CompletableFuture<?> removeLoaded(Object key) {
        return remove(key);
    }

    /**
     * Says that this JVM now holds something of a key which the tier was not asked for: news of the key are wanted.
     * @param key the key
     */
    default void heldHere(Object key) {}

    /**
     * Removes every key of this cache, in constant time.
     * @return ends once the tier has done so, with TRUE where it is known to have held something
     */
    CompletableFuture<?> clear();

    /**
     * Says who wants to know of changes that others made. At most one listener; set before the tier is used.
     * @param listener hears of them on a thread of the tier's
     */
    default void onInvalidation(InvalidationListener listener) {}

    /** Returns whether the tier is to be asked at all; it may fail nevertheless. */
    default boolean isUsable() {
        return true;
    }

    /** A write that is encoded and not yet sent. */
    @FunctionalInterface
    interface Write {

        /**
         * Sends the write without blocking.
         * @return ends once the tier has acknowledged it
         */
        CompletableFuture<?> send();

        /**
         * Sends the write without blocking, where nothing is there in its place by then: what another has written since
         * is newer. A tier that cannot tell sends nothing.
         * @return ends once the tier has acknowledged or refused it
         */
        default CompletableFuture<?> sendIfAbsent() {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Hears of changes that others made to the tier. */
    interface InvalidationListener {

        /** Another writer changed or removed a key. What is being loaded of it may be older. */
        void invalidate(Object key);

        /**
         * A key went away at the time when this JVM found it missing, or another has changed it since: which of the two
         * is being asked. Where it was changed, {@link #invalidate} follows.
         * @return to be run where it only went away: what is being loaded of it since is no older
         */
        Runnable doubt(Object key);

        /** Any key may have changed unheard. */
        void invalidateAll();
    }

    /**
     * An entry of the tier.
     * @param value the value, may be null
     * @param remainingNanos how long it stays fresh from now on, or {@link CacheEntry#NEVER}
     * @param source {@link Outcome#REMOTE_HIT} or {@link Outcome#REPLICA_HIT}
     */
    record RemoteEntry(@Nullable Object value, long remainingNanos, Outcome source) {}
}
