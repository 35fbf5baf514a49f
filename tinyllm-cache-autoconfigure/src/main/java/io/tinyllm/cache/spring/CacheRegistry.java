package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.TieredCache;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.transaction.TransactionAwareCacheDecorator;

/**
 * The caches of an application, by name. Endpoints and meters ask it, not the manager, which an application may wrap,
 * spy on or replace. Thread-safe.
 */
public final class CacheRegistry {

    private final Function<String, TieredCache> assembler;
    private final boolean open;
    private final Map<String, Managed> caches = new ConcurrentHashMap<>();
    private final Map<String, Cache> foreign = new ConcurrentHashMap<>();
    private final List<Consumer<TinyLlmCache>> creationListeners = new CopyOnWriteArrayList<>();
    private volatile boolean transactionAware;
    private volatile boolean managed;

    /**
     * Creates a registry without caches.
     * @param assembler makes the cache of a name
     * @param open whether names unknown so far get a cache when they are first asked for
     */
    public CacheRegistry(Function<String, TieredCache> assembler, boolean open) {
        this.assembler = assembler;
        this.open = open;
    }

    /** Returns whether names unknown so far get a cache when they are first asked for. */
    public boolean isOpen() {
        return open;
    }

    /**
     * Makes sure that caches exist.
     * @param names their names
     */
    public void create(Collection<String> names) {
        for (String name : names) {
            if (!foreign.containsKey(name)) {
                managed(name);
            }
        }
    }

    /**
     * Lets a cache that is not of this library serve its name.
     * @param cache the cache
     * @return whether it does from now on, and did not before
     */
    public boolean serve(Cache cache) {
        return foreign.put(cache.getName(), cache) != cache;
    }

    /** Returns whether a manager of this library uses the registry; none does where the application has replaced it. */
    public boolean isManaged() {
        return managed;
    }

    /** Returns the names of all caches, those that are not of this library too. */
    public Set<String> names() {
        if (foreign.isEmpty()) {
            return Collections.unmodifiableSet(caches.keySet());
        }
        Set<String> names = new LinkedHashSet<>(caches.keySet());
        names.addAll(foreign.keySet());
        return Collections.unmodifiableSet(names);
    }

    /** Returns the names of the caches of this library. */
    public Set<String> ownNames() {
        return Collections.unmodifiableSet(caches.keySet());
    }

    /**
     * The cache of this library that has a name, if it exists.
     * @param name the name
     * @return the cache, or null
     */
    public @Nullable TieredCache find(String name) {
        Managed managed = caches.get(name);
        return managed == null ? null : managed.cache().getNativeCache();
    }

    /**
     * Returns whether a cache is one of this library's, or Spring's transaction-aware decorator of one.
     * @param cache the cache
     */
    public static boolean isOwn(Cache cache) {
        return cache instanceof TinyLlmCache
                || cache instanceof TransactionAwareCacheDecorator decorator
                        && decorator.getTargetCache() instanceof TinyLlmCache;
    }

    /**
     * Calls a listener with every cache made from now on, on the thread that asked for it.
     * @param listener the listener
     */
    public void onCreation(Consumer<TinyLlmCache> listener) {
        creationListeners.add(listener);
    }

    /** Calls an action with every cache of this library, those that are made later too. */
    public void forEach(Consumer<TinyLlmCache> action) {
        onCreation(action);
        caches.values().forEach(managed -> action.accept(managed.cache()));
    }

    /** The cache of a name, null only where the names are a closed list. */
    @Nullable
    Cache get(String name) {
        Managed managed = caches.get(name);
        if (!foreign.isEmpty()) {
            Cache other = foreign.get(name);
            if (other != null) {
                return other;
            }
        }
        if (managed == null) {
            if (!open) {
                return null;
            }
            managed = managed(name);
        }
        return managed.visible();
    }

    void manage() {
        managed = true;
    }

    void setTransactionAware(boolean transactionAware) {
        this.transactionAware = transactionAware;
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
