package io.tinyllm.cache.spring;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.ReentrantLoadException;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Scope;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationInvocationContext;
import org.springframework.cache.interceptor.CacheOperationInvoker;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.interceptor.CacheableOperation;
import org.springframework.cache.interceptor.SimpleCacheResolver;
import org.springframework.util.ClassUtils;

/**
 * Spring's cache interceptor, which also shows each cacheable method to the caches of this library as the load of the
 * key it is asked for. What the annotations mean stays Spring's business: this class only notes which loads an
 * invocation leads, and ends them by what the method did. Other caches are left alone. Thread-safe.
 */
final class TinyLlmCacheInterceptor extends CacheInterceptor implements CacheableInvocation.Refresher {

    private static final long serialVersionUID = 1L;

    private static final StackWalker CALLER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private static final boolean TRANSACTIONS = ClassUtils.isPresent(
            "org.springframework.transaction.support.TransactionSynchronizationManager",
            TinyLlmCacheInterceptor.class.getClassLoader());

    /** The views of synchronous cacheable methods, where the caches of an operation are always the same. */
    private final transient ConcurrentHashMap<CacheOperation, Collection<Cache>> views = new ConcurrentHashMap<>();

    private final transient @Nullable DeclaredTypes types;

    private final transient FreshHits freshHits = new FreshHits(this);

    private final boolean answersFreshHits;

    /** Whether the application has started as far as Spring's interceptor answers calls from caches. */
    private volatile boolean ready;

    /**
     * Creates an interceptor that is configured as Spring's is.
     * @param types notes what methods declare
     * @param answersFreshHits whether hits take the short way where they can
     */
    TinyLlmCacheInterceptor(@Nullable DeclaredTypes types, boolean answersFreshHits) {
        this.types = types;
        this.answersFreshHits = answersFreshHits;
    }

    @Override
    public void afterSingletonsInstantiated() {
        super.afterSingletonsInstantiated();
        ready = answersFreshHits;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        if (ready) {
            Object answer = freshHits.answer(invocation);
            if (answer != FreshHits.NO_ANSWER) {
                return answer;
            }
        }
        ReturnKind kind = ReturnKind.of(invocation.getMethod());
        if (kind == ReturnKind.FUTURE) {
            return invokeAsynchronous(invocation);
        }
        if (kind.isLazy() && invocation instanceof ProxyMethodInvocation repeatable && isCacheable(invocation)) {
            return new ReactiveCalls(repeatable.invocableClone(), this, this::walk).toPublisher();
        }
        InvocationStack stack = InvocationStack.current();
        stack.enter(invocation, this);
        try {
            return super.invoke(invocation);
        } catch (LoadFailedException e) {
            throw e.failure();
        } finally {
            CacheableInvocation cacheable = stack.exit();
            if (cacheable != null) {
                cacheable.end();
            }
        }
    }

    private @Nullable Object invokeAsynchronous(MethodInvocation invocation) throws Throwable {
        CacheableInvocation cacheable = CacheableInvocation.of(invocation, this);
        Object result = null;
        try {
            result = walk(invocation, cacheable);
        } catch (LoadFailedException e) {
            throw e.failure();
        } finally {
            if (result == null) {
                cacheable.end();
            }
        }
        return result instanceof CompletableFuture<?> future && (cacheable.leads() || cacheable.isLate())
                ? AsynchronousResults.end(cacheable, future)
                : result;
    }

    private boolean isCacheable(MethodInvocation invocation) {
        CacheOperationSource source = getCacheOperationSource();
        Object target = invocation.getThis();
        Collection<CacheOperation> operations = source == null || target == null
                ? null
                : source.getCacheOperations(invocation.getMethod(), AopProxyUtils.ultimateTargetClass(target));
        return operations != null && operations.stream().anyMatch(CacheableOperation.class::isInstance);
    }

    /** Does what Spring does with the caches of an invocation. */
    private @Nullable Object walk(MethodInvocation invocation, CacheableInvocation cacheable) throws Throwable {
        InvocationStack stack = InvocationStack.current();
        stack.enter(cacheable);
        try {
            return super.invoke(invocation);
        } finally {
            stack.exit();
            cacheable.releaseThread();
        }
    }

    /**
     * Runs a cacheable method in the background, to replace what is cached. No cache answers it, and what it puts ends
     * the load.
     * @param pristine the call, not yet proceeded; can be used again
     * @param load the load that it runs
     */
    @Override
    public void refresh(MethodInvocation pristine, Load load) {
        ProxyMethodInvocation repeatable = (ProxyMethodInvocation) pristine;
        CacheableInvocation cacheable = CacheableInvocation.refreshing(pristine, this, load);
        if (cacheable.kind().isLazy()) {
            new ReactiveCalls(repeatable, this, this::walk).run(cacheable);
            return;
        }
        Object result;
        try {
            result = walk(new RepeatedInvocation(repeatable), cacheable);
        } catch (Throwable e) {
            cacheable.failed(e instanceof LoadFailedException failed ? failed.failure() : e);
            return;
        }
        if (result instanceof CompletableFuture<?> future) {
            AsynchronousResults.end(cacheable, future);
        } else {
            cacheable.end();
        }
    }

    /** What was to be evicted before the method runs is evicted once, however often the caches are walked through. */
    @Override
    protected void doEvict(Cache cache, Object key, boolean immediate) {
        if (!immediate || !isRepeated()) {
            super.doEvict(cache, key, immediate);
        }
    }

    @Override
    protected void doClear(Cache cache, boolean immediate) {
        if (!immediate || !isRepeated()) {
            super.doClear(cache, immediate);
        }
    }

    private static boolean isRepeated() {
        CacheableInvocation cacheable = InvocationStack.current().top();
        return cacheable != null && cacheable.isRepeated();
    }

    /** Binds an asynchronous method to its invocation, since Spring may run it on another thread. */
    @Override
    protected @Nullable Object execute(
            CacheOperationInvoker invoker, Object target, Method method, @Nullable Object[] args) {
        CacheableInvocation asynchronous = InvocationStack.current().top();
        return super.execute(
                asynchronous == null ? invoker : new BoundInvoker(invoker, asynchronous), target, method, args);
    }

    /** Notes what a synchronous method returned or threw, for the loads that its invocation leads. */
    @Override
    protected @Nullable Object invokeOperation(CacheOperationInvoker invoker) {
        if (invoker instanceof BoundInvoker) {
            return invoker.invoke();
        }
        CacheableInvocation cacheable = InvocationStack.current().top();
        if (cacheable == null) {
            return invoker.invoke();
        }
        Object result;
        try (Scope scope = cacheable.enter()) {
            result = invoker.invoke();
        } catch (CacheOperationInvoker.ThrowableWrapper e) {
            CacheEntry stale = cacheable.failed(e.getOriginal());
            if (stale == null) {
                throw e;
            }
            return cacheable.returnType() == Optional.class ? Optional.ofNullable(stale.value()) : stale.value();
        }
        cacheable.returned(result instanceof Optional<?> optional ? optional.orElse(null) : result);
        return result;
    }

    /** An asynchronous method together with its invocation. */
    private record BoundInvoker(CacheOperationInvoker delegate, CacheableInvocation cacheable)
            implements CacheOperationInvoker {

        @Override
        public @Nullable Object invoke() {
            boolean lazy = cacheable.kind().isLazy();
            try (Scope scope = cacheable.enter()) {
                Object result = delegate.invoke();
                return lazy && result != null ? cacheable.lazily(result) : result;
            } catch (ThrowableWrapper e) {
                CacheEntry stale = lazy ? null : cacheable.failed(e.getOriginal());
                if (stale == null) {
                    throw e;
                }
                return CompletableFuture.completedFuture(stale.value());
            }
        }
    }

    @Override
    protected Collection<? extends Cache> getCaches(
            CacheOperationInvocationContext<CacheOperation> context, CacheResolver cacheResolver) {
        CacheOperation operation = context.getOperation();
        if (!(operation instanceof CacheableOperation)) {
            declare(context);
            return super.getCaches(context, cacheResolver);
        }
        CacheableInvocation asynchronous = InvocationStack.current().top();
        if (asynchronous != null) {
            declare(context);
            return views(super.getCaches(context, cacheResolver), asynchronous);
        }
        Collection<Cache> known = views.get(operation);
        if (known != null) {
            return known;
        }
        Collection<Cache> views = views(super.getCaches(context, cacheResolver), null);
        if (cacheResolver.getClass() == SimpleCacheResolver.class
                && ((SimpleCacheResolver) cacheResolver).getCacheManager() instanceof TinyLlmCacheManager manager
                && manager.isOriginal()) {
            this.views.put(operation, views);
        }
        declare(context);
        return views;
    }

    private void declare(CacheOperationInvocationContext<CacheOperation> context) {
        CacheOperationSource source = getCacheOperationSource();
        if (types != null && source != null) {
            types.declare(
                    context.getOperation(),
                    context.getMethod(),
                    AopProxyUtils.ultimateTargetClass(context.getTarget()),
                    source);
        }
    }

    private static List<Cache> views(Collection<? extends Cache> caches, @Nullable CacheableInvocation asynchronous) {
        List<Cache> views = new ArrayList<>(caches.size());
        for (Cache cache : caches) {
            views.add(view(cache, asynchronous));
        }
        return views;
    }

    private static Cache view(Cache cache, @Nullable CacheableInvocation asynchronous) {
        if (cache instanceof TinyLlmCache ours) {
            CacheableView view = new CacheableView(ours);
            return asynchronous == null ? view : view.of(asynchronous);
        }
        if (TRANSACTIONS && TransactionalView.isTransactional(cache)) {
            return TransactionalView.of(cache, asynchronous);
        }
        return cache;
    }

    /**
     * The application's handler as it stands. Spring, which hands it what a cache throws, gets it with a guard that
     * keeps what is not a fault of a cache but the outcome of a load away from it.
     */
    @Override
    public CacheErrorHandler getErrorHandler() {
        CacheErrorHandler handler = super.getErrorHandler();
        boolean spring = CALLER.getCallerClass().getPackageName().equals(CacheInterceptor.class.getPackageName());
        return spring ? new OutcomeRethrowingErrorHandler(handler) : handler;
    }

    private record OutcomeRethrowingErrorHandler(CacheErrorHandler delegate) implements CacheErrorHandler {

        @Override
        public void handleCacheGetError(RuntimeException exception, Cache cache, Object key) {
            if (exception instanceof AnswerToCome
                    || exception instanceof LoadFailedException
                    || exception instanceof LoadTimeoutException
                    || exception instanceof ReentrantLoadException) {
                throw exception;
            }
            delegate.handleCacheGetError(exception, cache, key);
        }

        @Override
        public void handleCachePutError(RuntimeException exception, Cache cache, Object key, @Nullable Object value) {
            delegate.handleCachePutError(exception, cache, key, value);
        }

        @Override
        public void handleCacheEvictError(RuntimeException exception, Cache cache, Object key) {
            delegate.handleCacheEvictError(exception, cache, key);
        }

        @Override
        public void handleCacheClearError(RuntimeException exception, Cache cache) {
            delegate.handleCacheClearError(exception, cache);
        }
    }
}
