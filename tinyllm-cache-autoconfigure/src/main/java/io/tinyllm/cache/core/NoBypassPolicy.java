package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** The rules of a cache that has none. */
final class NoBypassPolicy implements BypassPolicy {

    static final NoBypassPolicy INSTANCE = new NoBypassPolicy();

    private NoBypassPolicy() {}

    @Override
    public boolean bypassesRead(Object key) {
        return false;
    }

    @Override
    public boolean bypassesWrite(Object key, @Nullable Object value) {
        return false;
    }
}
