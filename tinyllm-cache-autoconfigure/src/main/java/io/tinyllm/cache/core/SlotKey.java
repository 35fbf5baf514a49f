package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/**
 * A key with the hash that it had when its load began. By this very object the load finds its slot again, even where
 * the key was changed since.
 */
final class SlotKey {

    final Object key;
    private final int hash;

    SlotKey(Object key) {
        this.key = key;
        this.hash = key.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof SlotKey that && hash == that.hash && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
