package io.tinyllm.cache;

import org.jspecify.annotations.Nullable;

/**
 * Decides that an access stays away from a cache. Beans of this type are asked for every cache, on the caller's thread,
 * on every read and write; they are to be thread-safe and fast. A rule that throws bypasses, and is counted as an
 * error.
 */
@FunctionalInterface
public interface BypassRule {

    /**
     * Decides about one access.
     * @param cacheName the name of the cache
     * @param key the key
     * @param value the value about to be stored; null for a read, and for a null about to be stored
     * @return whether the access stays away from the cache
     */
    boolean bypass(String cacheName, Object key, @Nullable Object value);
}
