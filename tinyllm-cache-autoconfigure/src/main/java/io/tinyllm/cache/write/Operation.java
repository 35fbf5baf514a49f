package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/**
 * The last thing that happened to a key.
 *
 * @param value null for a deletion
 * @param sequence orders the operations of a key; unique
 */
record Operation(Object key, @Nullable Object value, long sequence) {

    boolean isDeletion() {
        return value == null;
    }
}
