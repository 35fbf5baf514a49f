package io.tinyllm.cache.benchmarks.redis;

import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;

/** A cache behind Spring's interface: ours, and Spring's own. */
record SpringContender(String name, Cache cache, boolean acknowledges) implements Contender {

    @Override
    public @Nullable Object get(String key) {
        Cache.ValueWrapper found = cache.get(key);
        return found == null ? null : found.get();
    }

    @Override
    public void put(String key, String value) {
        cache.put(key, value);
    }
}
