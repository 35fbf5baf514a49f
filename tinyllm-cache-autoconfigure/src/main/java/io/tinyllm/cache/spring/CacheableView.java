package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.CacheOperationInvoker.ThrowableWrapper;

/**
 * A cache as the cacheable method that is being invoked sees it. Spring asks it for a key, runs the method on a miss,
 * and puts the result; here the miss makes the invocation lead the load of the key, and the put ends that load.
 * Thread-safe.
 *
 * <p>The view of a synchronous method finds its invocation through the calling thread, and so is one for all calls.
 * That of an asynchronous method belongs to one invocation, because its parts run on any thread.
 */
final class CacheableView implements Cache {

    private final TinyLlmCache target;
    private final TieredCache cache;
    private final @Nullable CacheableInvocation bound;
    private final boolean transactional;

    CacheableView(TinyLlmCache target) {
        this(target, null, false);
    }

    private CacheableView(TinyLlmCache target, @Nullable CacheableInvocation bound, boolean transactional) {
        this.target = target;
        this.cache = target.getNativeCache();
        this.bound = bound;
        this.transactional = transactional;
    }

    /** The view that belongs to one invocation. */
    CacheableView of(CacheableInvocation invocation) {
        return new CacheableView(target, invocation, transactional);
    }

    /** The view of the same cache whose writes wait for the end of the transaction. */
    CacheableView transactional() {
        return new CacheableView(target, bound, true);
    }

    private Leader caller() {
        Leader caller = bound != null ? bound : InvocationStack.current();
        return transactional ? new AfterCommit(caller) : caller;
    }

    /** Returns whether the invocation leads the load of a key that is its own, which a put ends. */
    boolean leadsOwn(Object key) {
        CacheableInvocation invocation =
                bound != null ? bound : InvocationStack.current().top();
        Load load = invocation == null ? null : invocation.load(cache, key);
        return load != null && load.isPrivate();
    }

    @Override
    public String getName() {
        return target.getName();
    }

    @Override
    public Object getNativeCache() {
        return cache;
    }

    @Override
    public @Nullable ValueWrapper get(Object key) {
        if (bound == null) {
            return (ValueWrapper) cache.getOrLead(key, caller());
        }
        return (ValueWrapper) bound.find(cache, key, caller());
    }

    @Override
    public <T> @Nullable T get(Object key, @Nullable Class<T> type) {
        return target.get(key, type);
    }

    @Override
    @SuppressWarnings("unchecked") // the method's own type
    public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
        if (bound != null && bound.isRefreshing()) {
            return refreshed(bound, key, valueLoader);
        }
        try {
            return (T) cache.getFor(
                    key,
                    () -> {
                        try {
                            return valueLoader.call();
                        } catch (ThrowableWrapper e) {
                            throw Sneaky.rethrow(e.getOriginal());
                        }
                    },
                    caller());
        } catch (LoadFailedException e) {
            throw new ValueRetrievalException(key, valueLoader, new ThrowableWrapper(e.failure()));
        }
    }

    private <T> @Nullable T refreshed(CacheableInvocation refreshing, Object key, Callable<T> valueLoader) {
        refreshing.find(cache, key, refreshing);
        try {
            T value = valueLoader.call();
            put(key, value);
            return value;
        } catch (Exception e) {
            throw new ValueRetrievalException(key, valueLoader, e);
        }
    }

    @Override
    public @Nullable CompletableFuture<?> retrieve(Object key) {
        if (bound == null) {
            return target.retrieve(key);
        }
        if (bound.isRefreshing() || bound.kind().isLazy()) {
            CacheEntry entry = bound.find(cache, key, caller());
            return entry == null ? null : CompletableFuture.completedFuture(entry);
        }
        CompletableFuture<?> found = cache.getOrLeadAsync(key, caller());
        if (found != null && (!found.isDone() || found.isCompletedExceptionally())) {
            bound.markLate();
        }
        return found;
    }

    @Override
    @SuppressWarnings("unchecked") // the method's own type
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
        if (bound != null && bound.isRefreshing()) {
            bound.find(cache, key, caller());
            return valueLoader.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    put(key, value);
                }
            });
        }
        if (bound != null) {
            bound.markLate();
        }
        return (CompletableFuture<T>) cache.getAsyncFor(
                key,
                () -> {
                    try {
                        return valueLoader.get();
                    } catch (ThrowableWrapper e) {
                        return CompletableFuture.failedFuture(e.getOriginal());
                    }
                },
                caller());
    }

    /** Ends the load that the invocation leads; a put like any other where it leads none. */
    @Override
    public void put(Object key, @Nullable Object value) {
        CacheableInvocation invocation =
                bound != null ? bound : InvocationStack.current().top();
        Load load = invocation == null ? null : invocation.load(cache, key);
        if (load != null) {
            load.publish(value);
        } else if (invocation == null || !invocation.isRefreshing()) {
            target.put(key, value);
        }
    }

    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        return target.putIfAbsent(key, value);
    }

    @Override
    public void evict(Object key) {
        target.evict(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        return target.evictIfPresent(key);
    }

    @Override
    public void clear() {
        target.clear();
    }

    @Override
    public boolean invalidate() {
        return target.invalidate();
    }
}
