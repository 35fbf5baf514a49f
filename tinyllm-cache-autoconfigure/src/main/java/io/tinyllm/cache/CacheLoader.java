package io.tinyllm.cache;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads keys in the background: prefetch, refresh-ahead and stale-while-revalidate ask a bean of this type in place of
 * invoking the annotated method again. {@code Cache.get(key)} does not read through it. To be thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public interface CacheLoader<K, V> {

    /** The names of the caches it loads for. */
    Set<String> cacheNames();

    /**
     * Loads a key, without the request, the security context and the transaction of any caller.
     * @param key the key
     * @return the value, null where there is none
     * @throws Exception if it cannot be loaded
     */
    @Nullable
    V load(K key) throws Exception;
}
