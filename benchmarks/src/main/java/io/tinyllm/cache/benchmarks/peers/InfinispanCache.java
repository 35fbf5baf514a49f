package io.tinyllm.cache.benchmarks.peers;

import java.util.concurrent.Callable;
import org.infinispan.Cache;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.support.AbstractValueAdaptingCache;

/**
 * Infinispan's embedded cache behind Spring's interface, as thin as one can be: its own adapter for Spring 7 is not
 * published with the version that Spring Boot names.
 */
final class InfinispanCache extends AbstractValueAdaptingCache {

    private final String name;
    private final Cache<Object, Object> cache;

    InfinispanCache(String name, Cache<Object, Object> cache) {
        super(true);
        this.name = name;
        this.cache = cache;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public Object getNativeCache() {
        return cache;
    }

    @Override
    protected @Nullable Object lookup(Object key) {
        return cache.get(key);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T get(Object key, Callable<T> loader) {
        return (T) fromStoreValue(cache.computeIfAbsent(key, missed -> {
            try {
                return toStoreValue(loader.call());
            } catch (Exception e) {
                throw new ValueRetrievalException(key, loader, e);
            }
        }));
    }

    @Override
    public void put(Object key, @Nullable Object value) {
        cache.put(key, toStoreValue(value));
    }

    @Override
    public void evict(Object key) {
        cache.remove(key);
    }

    @Override
    public void clear() {
        cache.clear();
    }
}
