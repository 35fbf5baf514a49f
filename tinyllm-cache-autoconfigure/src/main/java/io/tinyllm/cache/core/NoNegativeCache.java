package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** The negative cache of a cache that has none. */
final class NoNegativeCache implements NegativeCache {

    static final NoNegativeCache INSTANCE = new NoNegativeCache();

    private NoNegativeCache() {}

    @Override
    public @Nullable Negative get(Object key) {
        return null;
    }

    @Override
    public boolean handlesNull() {
        return false;
    }

    @Override
    public void rememberNull(Object key) {}

    @Override
    public void rememberFailure(Object key, Throwable failure) {}

    @Override
    public void remove(Object key) {}

    @Override
    public void clear() {}

    @Override
    public long size() {
        return 0;
    }
}
