package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.TieredCache;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.transaction.TransactionAwareCacheDecorator;

/**
 * The cache manager of this library. Caches named in the properties exist from the start; others are made from the
 * defaults when they are first asked for, unless the names are a closed list. Thread-safe.
 */
public final class TinyLlmCacheManager implements CacheManager {

    private final Function<String, TieredCache> assembler;
    private final boolean open;
    private final Map<String, Managed> caches = new ConcurrentHashMap<>();
    private final List<Consumer<TinyLlmCache>> creationListeners = new CopyOnWriteArrayList<>();
    private volatile boolean transactionAware;

    /**
     * Creates a manager without caches.
     * @param assembler makes the cache of a name
     * @param open whether names unknown so far get a cache when they are first asked for
     */
    public TinyLlmCacheManager(Function<String, TieredCache> assembler, boolean open) {
        this.assembler = assembler;
        this.open = open;
    }

    /**
     * Makes sure that caches exist.
     * @param names their names
     */
    public void create(Collection<String> names) {
        names.forEach(this::managed);
    }

    /** The cache of a name, null only where the names are a closed list. */
    @Override
    public @Nullable Cache getCache(String name) {
        Managed managed = caches.get(name);
        if (managed == null) {
            if (!open) {
                return null;
            }
            managed = managed(name);
        }
        return managed.visible();
    }

    @Override
    public Collection<String> getCacheNames() {
        return Collections.unmodifiableSet(caches.keySet());
    }

    /**
     * The cache of a name, if it exists.
     * @param name the name
     * @return the cache, or null
     */
    public @Nullable TieredCache find(String name) {
        Managed managed = caches.get(name);
        return managed == null ? null : managed.cache().getNativeCache();
    }

    /**
     * Sets whether writes made within a Spring-managed transaction wait for it to commit. Off unless set, and to be set
     * before the first cache is used, in a {@code CacheManagerCustomizer}.
     * @param transactionAware whether they do
     */
    public void setTransactionAware(boolean transactionAware) {
        this.transactionAware = transactionAware;
    }

    /**
     * Calls a listener with every cache made from now on, on the thread that asked for it.
     * @param listener the listener
     */
    public void onCreation(Consumer<TinyLlmCache> listener) {
        creationListeners.add(listener);
    }

    private Managed managed(String name) {
        Managed known = caches.get(name);
        if (known != null) {
            return known;
        }
        boolean[] created = new boolean[1];
        Managed managed = caches.computeIfAbsent(name, unknown -> {
            created[0] = true;
            TinyLlmCache cache = new TinyLlmCache(assembler.apply(unknown));
            return new Managed(cache, transactionAware ? new TransactionAwareCacheDecorator(cache) : cache);
        });
        if (created[0]) {
            creationListeners.forEach(listener -> listener.accept(managed.cache()));
        }
        return managed;
    }

    /**
     * A cache and what the application sees of it.
     * @param cache the cache
     * @param visible the same, or Spring's transaction-aware decorator around it
     */
    private record Managed(TinyLlmCache cache, Cache visible) {}
}
