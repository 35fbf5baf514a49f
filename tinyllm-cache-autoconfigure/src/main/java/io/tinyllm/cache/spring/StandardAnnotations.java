package io.tinyllm.cache.spring;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/** The annotations of JSR-107, by their names: they are seldom on the class path. */
final class StandardAnnotations {

    static final String RESULT = "javax.cache.annotation.CacheResult";
    static final String PUT = "javax.cache.annotation.CachePut";
    private static final String DEFAULTS = "javax.cache.annotation.CacheDefaults";
    private static final List<String> ALL =
            List.of(RESULT, PUT, "javax.cache.annotation.CacheRemove", "javax.cache.annotation.CacheRemoveAll");

    private StandardAnnotations() {}

    /** Returns whether the application has them. */
    static boolean arePresent() {
        return ClassUtils.isPresent(RESULT, ClassUtils.getDefaultClassLoader());
    }

    /** Returns the names of the caches that a method uses through the default manager. */
    static List<String> cachesOf(Method method, Class<?> target) {
        MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
        List<String> names = new ArrayList<>();
        for (String type : ALL) {
            MergedAnnotation<?> annotation = annotations.get(type);
            if (annotation.isPresent() && hasNoResolver(annotation) && hasNoResolver(defaults(target))) {
                names.add(name(annotation, method, target));
            }
        }
        return names;
    }

    private static boolean hasNoResolver(MergedAnnotation<?> annotation) {
        return !annotation.isPresent()
                || annotation
                        .getClass("cacheResolverFactory")
                        .getName()
                        .equals("javax.cache.annotation.CacheResolverFactory");
    }

    private static MergedAnnotation<?> defaults(Class<?> target) {
        return MergedAnnotations.from(target, SearchStrategy.TYPE_HIERARCHY).get(DEFAULTS);
    }

    /** Returns the name of the cache that an annotation of a method names, or means. */
    static String name(MergedAnnotation<?> annotation, Method method, Class<?> target) {
        String name = annotation.getString("cacheName");
        if (!name.isEmpty()) {
            return name;
        }
        MergedAnnotation<?> defaults = defaults(target);
        String common = defaults.isPresent() ? defaults.getString("cacheName") : "";
        return common.isEmpty()
                ? Stream.of(method.getParameterTypes())
                        .map(Class::getName)
                        .collect(Collectors.joining(
                                ",", method.getDeclaringClass().getName() + "." + method.getName() + "(", ")"))
                : common;
    }
}
