package io.tinyllm.cache.spring;

import java.lang.reflect.Method;
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

    private static final ClassValue<ReturnKind> BY_TYPE = new ClassValue<>() {

        @Override
        protected ReturnKind computeValue(Class<?> type) {
            if (CompletableFuture.class.isAssignableFrom(type)) {
                return FUTURE;
            }
            return REACTIVE && ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null ? PUBLISHER : VALUE;
        }
    };

    /** Of the methods of a class that return any object: whether they suspend. */
    private static final ClassValue<ConcurrentHashMap<Method, ReturnKind>> OF_OBJECTS = new ClassValue<>() {

        @Override
        protected ConcurrentHashMap<Method, ReturnKind> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    static ReturnKind of(Method method) {
        Class<?> type = method.getReturnType();
        if (type == Object.class && REACTIVE && KotlinDetector.isKotlinReflectPresent()) {
            return OF_OBJECTS
                    .get(method.getDeclaringClass())
                    .computeIfAbsent(method, of -> KotlinDetector.isSuspendingFunction(of) ? SUSPENDING : VALUE);
        }
        return BY_TYPE.get(type);
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
