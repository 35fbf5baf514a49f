package io.tinyllm.cache.write;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens between a cache and the store under it.
 *
 * <p>Safe for use by several threads. Keys are never null; a null value is a deletion, since a store answers null for what
 * it does not have.
 *
 * <p>The walk of a cache uses it as follows. A <b>get</b> that misses the memory asks {@link #pending}, a lookup in memory,
 * and later {@link #load}. A <b>put</b> is
 *
 * <pre>{@code
 * try (WritePolicy.Write write = policy.put(key, value)) {
 *     lock(key, () -> { if (write.mayPublish()) publish(key, value); else forget(key); });
 *     if (write.mayPublish()) remote.put(key, value);
 *     if (!write.mayPublish()) { remote.remove(key); lock(key, () -> forget(key)); }
 * }
 * }</pre>
 *
 * where {@code lock} is what publications of loads take as well, and {@code forget} supersedes a load under way. When
 * {@code put} throws, nothing is known about the store: the tiers forget the key, and the exception reaches the caller.
 * <b>evict</b> and <b>clear</b> are the same, and never publish.
 */
public interface WritePolicy {

    /** No store: nothing is pending, nothing is loaded, every write may publish. */
    static WritePolicy none() {
        return NoWritePolicy.INSTANCE;
    }

    /**
     * The last operation on a key that the caller of it has been told is done and the store has not yet seen.
     *
     * @return null when there is none
     */
    @Nullable
    Pending pending(Object key);

    /**
     * The value of a key in the store.
     *
     * @return null if the store has none
     * @throws RuntimeException what the store throws; it is counted here, and a miss to the walk
     */
    @Nullable
    Object load(Object key);

    /** What the store has of several keys, for prefetch and warm-up. A key whose load fails is left out and counted. */
    Map<Object, Object> loadAll(Collection<?> keys);

    /**
     * Writes a value, or buffers it.
     *
     * @return to be closed once the tiers are up to date
     * @throws RuntimeException what the store throws: the tiers must forget the key
     */
    Write put(Object key, @Nullable Object value);

    /**
     * Deletes a key, or buffers its deletion.
     *
     * @return to be closed once the tiers have forgotten the key
     * @throws RuntimeException what the store throws: the tiers must forget the key
     */
    Write evict(Object key);

    /**
     * Clears the store, if it overrides {@code clear}, after what is pending.
     *
     * @return to be closed once the tiers are empty
     * @throws RuntimeException what the store throws: the tiers must be cleared nevertheless
     */
    Write clear();

    /** Tries once more what was given up on. Returns how many that are. */
    int retryDeadLetters();

    /** What the policy has done, and what is left to do. */
    WriteStatistics statistics();

    /**
     * Writes what is pending, for at most this long. What is left stays in the journal; writes that come later go to the
     * store at once. May be called twice.
     */
    void close(Duration timeout);

    /**
     * An operation that waits for the store.
     *
     * @param value null for a deletion
     */
    record Pending(@Nullable Object value) {

        /** Whether the key is deleted: neither the store nor a remote tier is to be asked for it. */
        public boolean isDeletion() {
            return value == null;
        }
    }

    /** A write that the store, or the journal, has accepted, while the tiers take it over. */
    interface Write extends AutoCloseable {

        /**
         * Whether the tiers may hold the written value; if not, they must forget the key. Turns from true to false when
         * another write of the key begins before this one is closed, since nobody knows which of them was the last to
         * reach the store. To be asked under the lock of the key.
         */
        boolean mayPublish();

        @Override
        void close();
    }
}
