package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/**
 * A key by its hash when its load began, and by its identity, so that it is found whatever becomes of the object.
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
