package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** The rules of a cache that has none. */
final class NoBypassPolicy implements BypassPolicy {

    static final NoBypassPolicy INSTANCE = new NoBypassPolicy();

    private NoBypassPolicy() {}

    @Override
    public boolean bypassesKey(Object key) {
        return false;
    }

    @Override
    public boolean bypassesValue(Object key, @Nullable Object value) {
        return false;
    }
}
