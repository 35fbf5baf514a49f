package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.port.CacheEntry;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;

/** An entry that is the answer Spring wants, so that a hit allocates nothing. */
final class WrappedEntry extends CacheEntry implements Cache.ValueWrapper {

    WrappedEntry(@Nullable Object value, long createdNanos, long ttlNanos, CacheEntry.Policy policy) {
        super(value, createdNanos, ttlNanos, policy);
    }

    @Override
    public @Nullable Object get() {
        return value();
    }
}
