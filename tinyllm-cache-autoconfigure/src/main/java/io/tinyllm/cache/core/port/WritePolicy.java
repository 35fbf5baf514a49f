package io.tinyllm.cache.core.port;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a cache reads and writes the store under it. Thread-safe. The cache serialises the writes of a key:
 * no two of them are here at once. A null value is a deletion, since a store answers null for what it does not have.
 *
 * <p>A method that throws knows nothing of the store's state: the tiers forget the key, and the caller gets the
 * exception.
 */
public interface WritePolicy {

    /** No store. */
    static WritePolicy none() {
        return Absent.WRITES;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * The last operation on a key that its caller has been told is done and the store has not yet seen. A look-up in
     * memory.
     * @param key the key
     * @return the operation, or null
     */
    @Nullable
    Pending pending(Object key);

    /** Returns whether there is such an operation, without reading its value. */
    default boolean isDirty(Object key) {
        return pending(key) != null;
    }

    /** Shows every key that has such an operation. */
    default void forEachPending(Consumer<Object> visitor) {}

    /**
     * The value of a key in the store. May block.
     * @param key the key
     * @return the value, null if the store has none
     * @throws RuntimeException what the store throws, which reads as a miss
     */
    @Nullable
    Object load(Object key);

    /**
     * Writes a value, or takes over the duty to.
     * @param key the key
     * @param value the value, null to delete
     * @return to be closed once the tiers are up to date
     */
    Write put(Object key, @Nullable Object value);

    /**
     * Deletes a key, or takes over the duty to.
     * @param key the key
     * @return to be closed once the tiers have forgotten the key
     */
    Write evict(Object key);

    /**
     * Clears the store, where it is cleared with the cache.
     * @return to be closed once the tiers are empty
     */
    Write clear();

    /**
     * An operation that waits for the store.
     * @param value null for a deletion
     */
    record Pending(@Nullable Object value) {

        /** Returns whether the key is deleted: no tier below is to be asked for it. */
        public boolean isDeletion() {
            return value == null;
        }
    }

    /** A write that is done, or taken over, while the tiers follow. */
    interface Write extends AutoCloseable {

        /** Returns whether the tiers may hold the written value; if not, they must forget the key. */
        boolean mayPublish();

        @Override
        void close();
    }
}
