package io.tinyllm.cache.spring;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.transaction.TransactionAwareCacheDecorator;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The view of a cache whose writes wait for the end of the transaction: reads go to the cacheable view, writes within a
 * transaction to Spring's decorator. Thread-safe.
 *
 * @param decorator Spring's decorator of the cache
 * @param view how a cacheable method sees the cache that it decorates
 */
record TransactionalView(TransactionAwareCacheDecorator decorator, CacheableView view) implements Cache {

    static boolean isTransactional(Cache cache) {
        return cache instanceof TransactionAwareCacheDecorator decorator
                && decorator.getTargetCache() instanceof TinyLlmCache;
    }

    static Cache of(Cache cache, @Nullable CacheableInvocation invocation) {
        TransactionAwareCacheDecorator decorator = (TransactionAwareCacheDecorator) cache;
        CacheableView view = new CacheableView((TinyLlmCache) decorator.getTargetCache()).transactional();
        return new TransactionalView(decorator, invocation == null ? view : view.of(invocation));
    }

    private Cache forWrites() {
        return TransactionSynchronizationManager.isSynchronizationActive() ? decorator : view;
    }

    @Override
    public String getName() {
        return view.getName();
    }

    @Override
    public Object getNativeCache() {
        return view.getNativeCache();
    }

    @Override
    public @Nullable ValueWrapper get(Object key) {
        return view.get(key);
    }

    @Override
    public <T> @Nullable T get(Object key, @Nullable Class<T> type) {
        return view.get(key, type);
    }

    @Override
    public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
        return view.get(key, valueLoader);
    }

    @Override
    public @Nullable CompletableFuture<?> retrieve(Object key) {
        return view.retrieve(key);
    }

    @Override
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
        return view.retrieve(key, valueLoader);
    }

    @Override
    public void put(Object key, @Nullable Object value) {
        CacheableInvocation invocation = InvocationStack.current().top();
        if (invocation != null && invocation.stale() != null) {
            // What the method answered is the stale value itself: not to be stored as a fresh one after the commit.
            return;
        }
        if (view.leadsOwn(key)) {
            // Ends that load, after the commit, and only where nothing newer has happened by then.
            view.put(key, value);
        } else {
            forWrites().put(key, value);
        }
    }

    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        return forWrites().putIfAbsent(key, value);
    }

    @Override
    public void evict(Object key) {
        forWrites().evict(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        return forWrites().evictIfPresent(key);
    }

    @Override
    public void clear() {
        forWrites().clear();
    }

    @Override
    public boolean invalidate() {
        return forWrites().invalidate();
    }
}
