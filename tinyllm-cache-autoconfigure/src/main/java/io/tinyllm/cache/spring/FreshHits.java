package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.support.AopUtils;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.cache.interceptor.CacheableOperation;
import org.springframework.cache.interceptor.SimpleCacheResolver;
import org.springframework.util.StringUtils;

/**
 * Answers calls of cacheable methods whose key has a fresh entry in memory, without the contexts that Spring makes for
 * every call. Takes only methods for which the answer can be no other: one {@code @Cacheable} on one cache of ours,
 * without a condition, with a key that {@link CallKey} makes. Whatever else there is to do, and everything that fails
 * here, is left to Spring's way, which then finds nothing done. Thread-safe.
 */
final class FreshHits {

    /** Stands for no answer, since null may be one. */
    static final Object NO_ANSWER = new Object();

    private final CacheAspectSupport aspect;
    private final ConcurrentHashMap<Class<?>, ConcurrentHashMap<Method, Plan>> plans = new ConcurrentHashMap<>();

    /**
     * Creates one that has answered nothing yet.
     * @param aspect says what methods are annotated with, and what stands where an annotation says nothing
     */
    FreshHits(CacheAspectSupport aspect) {
        this.aspect = aspect;
    }

    /** Returns what the method would return, or {@link #NO_ANSWER}. */
    @Nullable
    Object answer(MethodInvocation invocation) {
        Object target = invocation.getThis();
        if (target == null) {
            return NO_ANSWER;
        }
        ConcurrentHashMap<Method, Plan> ofClass = plans.get(target.getClass());
        Plan plan = ofClass == null ? null : ofClass.get(invocation.getMethod());
        if (plan == null) {
            plan = plan(invocation.getMethod(), target.getClass());
        }
        return plan.cache == null ? NO_ANSWER : plan.answer(plan.cache, invocation.getArguments());
    }

    private Plan plan(Method method, Class<?> targetClass) {
        Plan plan = Plan.of(method, targetClass, aspect);
        Plan other = plans.computeIfAbsent(targetClass, type -> new ConcurrentHashMap<>())
                .putIfAbsent(method, plan);
        return other == null ? plan : other;
    }

    /**
     * How calls of one method on one class are answered.
     * @param cache the cache; null where Spring's way is the only one
     * @param key makes the key of a call
     * @param optional whether the method returns an {@link Optional}
     */
    private record Plan(@Nullable TieredCache cache, CallKey key, boolean optional) {

        static Plan of(Method method, Class<?> targetClass, CacheAspectSupport aspect) {
            CacheableOperation operation = onlyOperation(method, targetClass, aspect);
            TieredCache cache = operation == null ? null : onlyCache(operation, aspect);
            CallKey key = operation == null || cache == null
                    ? null
                    : CallKey.of(
                            operation, AopUtils.getMostSpecificMethod(method, targetClass), aspect.getKeyGenerator());
            return key == null
                    ? new Plan(null, CallKey.NONE, false)
                    : new Plan(cache, key, method.getReturnType() == Optional.class);
        }

        private static @Nullable CacheableOperation onlyOperation(
                Method method, Class<?> targetClass, CacheAspectSupport aspect) {
            if (method.isVarArgs()
                    || ReturnKind.of(method) != ReturnKind.VALUE
                    || Proxy.isProxyClass(targetClass)
                    || SpringProxy.class.isAssignableFrom(targetClass)) {
                return null;
            }
            CacheOperationSource source = aspect.getCacheOperationSource();
            Collection<CacheOperation> operations =
                    source == null ? null : source.getCacheOperations(method, targetClass);
            return operations != null
                            && operations.size() == 1
                            && operations.iterator().next() instanceof CacheableOperation operation
                            && operation.getClass() == CacheableOperation.class
                    ? operation
                    : null;
        }

        private static @Nullable TieredCache onlyCache(CacheableOperation operation, CacheAspectSupport aspect) {
            return operation.getCacheNames().size() == 1
                            && !StringUtils.hasText(operation.getCondition())
                            && !(operation.isSync() && StringUtils.hasText(operation.getUnless()))
                            && !StringUtils.hasText(operation.getCacheManager())
                            && !StringUtils.hasText(operation.getCacheResolver())
                            && aspect.getCacheResolver() instanceof SimpleCacheResolver resolver
                            && resolver.getClass() == SimpleCacheResolver.class
                            && resolver.getCacheManager() instanceof TinyLlmCacheManager manager
                            && manager.isOriginal()
                            && manager.getCache(List.copyOf(operation.getCacheNames())
                                            .get(0))
                                    instanceof TinyLlmCache cache
                    ? cache.getNativeCache()
                    : null;
        }

        @Nullable
        Object answer(TieredCache from, @Nullable Object[] arguments) {
            CacheEntry entry;
            try {
                Object called = key.of(arguments);
                entry = called == null ? null : from.getFresh(called);
            } catch (Throwable e) {
                // Spring's way meets it too, and knows what to do.
                return NO_ANSWER;
            }
            if (entry == null) {
                return NO_ANSWER;
            }
            Object value = entry.value();
            return optional && !(value instanceof Optional) ? Optional.ofNullable(value) : value;
        }
    }
}
