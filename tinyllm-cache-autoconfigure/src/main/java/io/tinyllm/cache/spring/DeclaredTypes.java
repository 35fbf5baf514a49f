package io.tinyllm.cache.spring;

import io.tinyllm.cache.codec.ValueTypes;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.cache.interceptor.CachePutOperation;
import org.springframework.cache.interceptor.CacheableOperation;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Tells the codecs what annotated methods put into caches: their generic return types, and the types of their parameters,
 * which keys are made of. Thread-safe.
 */
public final class DeclaredTypes {

    private final ValueTypes types;
    private final Set<CacheOperation> declared = ConcurrentHashMap.newKeySet();

    /**
     * Creates it.
     * @param types what to tell
     */
    public DeclaredTypes(ValueTypes types) {
        this.types = types;
    }

    /**
     * Declares what one operation on a method puts into its caches; again does no harm.
     * @param operation the operation
     * @param method the method it is declared on
     */
    void declare(CacheOperation operation, Method method) {
        if (!declared.add(operation)) {
            return;
        }
        if (operation instanceof CacheableOperation || operation instanceof CachePutOperation) {
            operation.getCacheNames().forEach(name -> types.declare(name, method.getGenericReturnType()));
        }
        for (Type parameter : method.getGenericParameterTypes()) {
            types.allow(parameter);
        }
    }

    /**
     * Declares what the beans of an application put into caches, so that entries can be read back before the first call.
     * Makes no bean.
     * @param beans the application's beans
     * @param source knows the operations of methods, and keeps what it has found for Spring's own use
     */
    public void declareAll(ListableBeanFactory beans, CacheOperationSource source) {
        for (String name : beans.getBeanDefinitionNames()) {
            Class<?> type = beans.getType(name, false);
            if (type == null) {
                continue;
            }
            Class<?> target = ClassUtils.getUserClass(type);
            if (!source.isCandidateClass(target) || target.getName().startsWith("org.springframework.")) {
                continue;
            }
            for (Method method : ReflectionUtils.getUniqueDeclaredMethods(target)) {
                Collection<CacheOperation> operations = source.getCacheOperations(method, target);
                if (operations != null) {
                    operations.forEach(operation -> declare(operation, method));
                }
            }
        }
    }
}
