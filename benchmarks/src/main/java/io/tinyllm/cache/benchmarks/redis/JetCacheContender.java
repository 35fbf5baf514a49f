package io.tinyllm.cache.benchmarks.redis;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheGetResult;
import com.alicp.jetcache.CacheResult;
import org.jspecify.annotations.Nullable;

/** A cache of JetCache, by the methods that tell failures. */
record JetCacheContender(String name, Cache<String, String> cache) implements Contender {

    @Override
    public @Nullable Object get(String key) {
        CacheGetResult<String> found = cache.GET(key);
        return found.isSuccess() ? found.getValue() : null;
    }

    @Override
    public void put(String key, String value) {
        CacheResult written = cache.PUT(key, value);
        if (!written.isSuccess()) {
            throw new IllegalStateException(written.getMessage());
        }
    }
}
