package io.tinyllm.cache;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The system of record under one or more caches, which a write policy reads and writes.
 *
 * <p>Implementations are safe for use by several threads. Keys and values are never null. Every write may come more
 * than once (after a failure, or after a restart of a write-back cache), so writing and deleting must be idempotent;
 * the operations on one key always come in order, one at a time in write-back. What a method throws in write-through
 * and write-around reaches the caller of the cache; in write-back it is retried.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public interface BackingStore<K, V> {

    /** The names of the caches that this store lies under. */
    Set<String> cacheNames();

    /**
     * The value of a key.
     *
     * @return the value, or null if the store has none
     */
    @Nullable
    V load(K key);

    /**
     * Writes every entry: inserts the new, replaces the old. Either all are written, or it throws; a call that has
     * thrown may have written some.
     */
    void writeAll(Map<K, V> entries);

    /** Deletes every key; one that is not there is no error. */
    void deleteAll(Collection<K> keys);

    /** Deletes everything, when the cache is cleared. Does nothing unless the store overrides it. */
    default void clear() {}
}
