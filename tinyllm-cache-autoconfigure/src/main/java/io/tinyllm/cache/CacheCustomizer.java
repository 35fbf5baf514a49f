package io.tinyllm.cache;

/**
 * Changes the settings of a cache in code, after the properties and before the cache exists. Beans of this type are
 * applied in their order. Called once a cache, possibly on the thread of its first caller.
 */
@FunctionalInterface
public interface CacheCustomizer {

    /**
     * Changes the settings of one cache.
     * @param cacheName the name of the cache
     * @param settings its settings, to be changed in place
     */
    void customize(String cacheName, CacheSettings settings);
}
