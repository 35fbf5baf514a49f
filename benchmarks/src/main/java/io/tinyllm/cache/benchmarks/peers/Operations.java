package io.tinyllm.cache.benchmarks.peers;

import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;

/** What is measured of a cache. Thread-safe. */
sealed interface Operations {

    /** The value of a key, or null. */
    @Nullable
    Object get(String key);

    /** The value of a key, loaded where there is none. */
    @Nullable
    Object load(String key, Object loaded);

    /** Writes a value. */
    void put(String key, Object value);

    /** Through Spring's interface. */
    record OfSpring(Cache cache) implements Operations {

        @Override
        public @Nullable Object get(String key) {
            Cache.ValueWrapper wrapper = cache.get(key);
            return wrapper == null ? null : wrapper.get();
        }

        @Override
        public @Nullable Object load(String key, Object loaded) {
            return cache.get(key, () -> loaded);
        }

        @Override
        public void put(String key, Object value) {
            cache.put(key, value);
        }
    }

    /** Caffeine itself. */
    record OfCaffeine(com.github.benmanes.caffeine.cache.Cache<Object, Object> cache) implements Operations {

        @Override
        public @Nullable Object get(String key) {
            return cache.getIfPresent(key);
        }

        @Override
        public @Nullable Object load(String key, Object loaded) {
            return cache.get(key, missed -> loaded);
        }

        @Override
        public void put(String key, Object value) {
            cache.put(key, value);
        }
    }
}
