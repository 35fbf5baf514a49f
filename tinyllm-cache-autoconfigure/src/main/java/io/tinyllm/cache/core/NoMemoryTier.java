package io.tinyllm.cache.core;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The local tier of a cache that has none. */
final class NoMemoryTier implements MemoryTier {

    static final NoMemoryTier INSTANCE = new NoMemoryTier();

    private NoMemoryTier() {}

    @Override
    public @Nullable CacheEntry get(Object key) {
        return null;
    }

    @Override
    public @Nullable CacheEntry peek(Object key) {
        return null;
    }

    @Override
    public void put(Object key, CacheEntry entry) {}

    @Override
    public @Nullable CacheEntry remove(Object key) {
        return null;
    }

    @Override
    public void expire(Object key, CacheEntry entry) {}

    @Override
    public void clear() {}

    @Override
    public long size() {
        return 0;
    }

    @Override
    public long evictions() {
        return 0;
    }

    @Override
    public long maximumSize() {
        return 0;
    }

    @Override
    public void resize(long maximumSize) {}

    @Override
    public void forEach(BiConsumer<Object, CacheEntry> visitor) {}
}
