package io.tinyllm.cache.spring;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.core.MethodIntrospector;
import org.springframework.util.ClassUtils;

/** Finds the caches that the annotations of an application name. */
public final class DeclaredCaches {

    private DeclaredCaches() {}

    /**
     * The names of the caches that the default cache manager serves to annotated methods. Makes no bean.
     * @param beans the application's beans
     * @param source knows the operations of methods
     * @return the names, sorted
     */
    public static Set<String> names(ListableBeanFactory beans, CacheOperationSource source) {
        Set<String> names = new TreeSet<>();
        boolean standard = StandardAnnotations.arePresent();
        for (String bean : beans.getBeanDefinitionNames()) {
            Class<?> type = beans.getType(bean, false);
            if (type == null) {
                continue;
            }
            Class<?> target = ClassUtils.getUserClass(type);
            if (target.getName().startsWith("org.springframework.boot.")) {
                // Spring Boot's own beans are many, and declare no caches.
                continue;
            }
            if (standard) {
                names.addAll(standardNames(target));
            }
            if (source.isCandidateClass(target)) {
                operations(source, target)
                        .values()
                        .forEach(operations -> operations.forEach(operation -> {
                            if (operation.getCacheManager().isEmpty()
                                    && operation.getCacheResolver().isEmpty()) {
                                names.addAll(operation.getCacheNames());
                            }
                        }));
            }
        }
        return names;
    }

    private static Set<String> standardNames(Class<?> target) {
        Set<String> names = new TreeSet<>();
        MethodIntrospector.selectMethods(target, (Method method) -> StandardAnnotations.cachesOf(method, target))
                .values()
                .forEach(names::addAll);
        return names;
    }

    private static Map<Method, Collection<CacheOperation>> operations(CacheOperationSource source, Class<?> target) {
        return MethodIntrospector.selectMethods(
                target,
                (Method method) ->
                        source.hasCacheOperations(method, target) ? source.getCacheOperations(method, target) : null);
    }
}
