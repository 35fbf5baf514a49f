package io.tinyllm.cache.spring;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.util.ClassUtils;

/** When a method has its result. */
enum ReturnKind {
    /** When it returns. */
    VALUE,
    /** When the future that it returns ends. */
    FUTURE,
    /** When the publisher that it returns ends, which runs anew for whoever subscribes to it. */
    PUBLISHER,
    /** When it ends: a suspending function of Kotlin, which proxies of Spring turn into a publisher. */
    SUSPENDING;

    private static final boolean REACTIVE =
            ClassUtils.isPresent("reactor.core.publisher.Mono", ReturnKind.class.getClassLoader());

    private static final String FLOW = "kotlinx.coroutines.flow.Flow";

    private static final ReturnKind[] KINDS = values();

    /**
     * Positions, since a type of the JDK's keeps what it is given here for good: an object of ours would keep the class
     * loader of an application that is gone.
     */
    private static final ClassValue<Integer> BY_TYPE = new ClassValue<>() {

        @Override
        protected Integer computeValue(Class<?> type) {
            if (CompletableFuture.class.isAssignableFrom(type)) {
                return FUTURE.ordinal();
            }
            return (REACTIVE && ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null
                            ? PUBLISHER
                            : VALUE)
                    .ordinal();
        }
    };

    /** Of the methods of a class that return any object: whether they suspend. */
    private static final ClassValue<ConcurrentHashMap<Method, Boolean>> SUSPENDS = new ClassValue<>() {

        @Override
        protected ConcurrentHashMap<Method, Boolean> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    static ReturnKind of(Method method) {
        Class<?> type = method.getReturnType();
        if (type == Object.class && REACTIVE && KotlinDetector.isKotlinReflectPresent()) {
            Map<Method, Boolean> ofClass = SUSPENDS.get(method.getDeclaringClass());
            return ofClass.computeIfAbsent(method, KotlinDetector::isSuspendingFunction) ? SUSPENDING : VALUE;
        }
        return KINDS[BY_TYPE.get(type)];
    }

    /** Returns whether the method does nothing before somebody subscribes. */
    boolean isLazy() {
        return this == PUBLISHER || this == SUSPENDING;
    }

    /** Returns whether a suspending function returns a flow. */
    static boolean suspendsBeforeFlow(Method suspending) {
        return FLOW.equals(
                new MethodParameter(suspending, -1).getParameterType().getName());
    }
}
