package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.TieredCache;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;

/**
 * The cache manager of this library. Caches named in the properties exist from the start; others are made from the
 * defaults when they are first asked for, unless the names are a closed list. Thread-safe.
 */
public final class TinyLlmCacheManager implements CacheManager {

    private final CacheRegistry caches;

    /** Copied with the other fields where the manager is spied on. */
    private final TinyLlmCacheManager original = this;

    /**
     * Creates a manager without caches.
     * @param assembler makes the cache of a name
     * @param open whether names unknown so far get a cache when they are first asked for
     */
    public TinyLlmCacheManager(Function<String, TieredCache> assembler, boolean open) {
        this(new CacheRegistry(assembler, open));
    }

    /**
     * Creates a manager of the caches in a registry.
     * @param caches the registry
     */
    public TinyLlmCacheManager(CacheRegistry caches) {
        this.caches = caches;
        caches.manage();
    }

    /**
     * Makes sure that caches exist.
     * @param names their names
     */
    public void create(Collection<String> names) {
        caches.create(names);
    }

    /** The cache of a name, null only where the names are a closed list. */
    @Override
    public @Nullable Cache getCache(String name) {
        return caches.get(name);
    }

    @Override
    public Collection<String> getCacheNames() {
        return caches.names();
    }

    /**
     * The cache of a name, if it exists.
     * @param name the name
     * @return the cache, or null
     */
    public @Nullable TieredCache find(String name) {
        return caches.find(name);
    }

    /**
     * Sets whether writes made within a Spring-managed transaction wait for it to commit. Off unless set, and to be set
     * before the first cache is used, by {@code tinyllm.cache.transaction-aware} or in a {@code
     * CacheManagerCustomizer}.
     * @param transactionAware whether they do
     */
    public void setTransactionAware(boolean transactionAware) {
        caches.setTransactionAware(transactionAware);
    }

    /** Returns whether this is no spy, whose answers may be stubbed at any time. */
    boolean isOriginal() {
        return original == this;
    }
}
