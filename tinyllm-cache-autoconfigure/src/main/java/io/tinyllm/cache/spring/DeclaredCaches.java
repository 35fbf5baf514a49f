package io.tinyllm.cache.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.core.MethodIntrospector;
import org.springframework.util.ClassUtils;

/** Finds the caches that the annotations of an application name. */
public final class DeclaredCaches {

    /** The beans by which AspectJ weaves caching into classes, in place of proxies of Spring. */
    private static final String ASPECT = "org.springframework.cache.config.internalCacheAspect";

    private static final String STANDARD_ASPECT = "org.springframework.cache.config.internalJCacheAspect";

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
        boolean proxies = !beans.containsBean(ASPECT) && !beans.containsBean(STANDARD_ASPECT);
        for (String bean : beans.getBeanDefinitionNames()) {
            if (proxies && isPlain(beans, bean)) {
                continue;
            }
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

    /** Returns whether a bean is there already and no proxy, of Spring or another: no cache serves its methods. */
    private static boolean isPlain(ListableBeanFactory beans, String name) {
        Object bean = beans instanceof SingletonBeanRegistry singletons ? singletons.getSingleton(name) : null;
        return bean != null
                && !(bean instanceof FactoryBean)
                && !AopUtils.isAopProxy(bean)
                && !Proxy.isProxyClass(bean.getClass());
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
