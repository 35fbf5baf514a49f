package io.tinyllm.cache.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Finds settings of Spring Boot's own caches, which have no effect while this library's serve the application. */
final class IgnoredSettings {

    private static final String DEFAULTS = TinyLlmCacheProperties.PREFIX + ".defaults";

    private static final String CAFFEINE =
            "use " + DEFAULTS + ".memory.maximum-size and " + DEFAULTS + ".time-to-live, or the same of one cache";

    /** The advice in place of a property, or of all below it. */
    private static final Map<String, String> PROPERTIES = new LinkedHashMap<>();

    /** The advice in place of a bean. */
    private static final Map<String, String> BEANS = new LinkedHashMap<>();

    static {
        PROPERTIES.put("caffeine", CAFFEINE);
        PROPERTIES.put("redis.time-to-live", "use " + DEFAULTS + ".time-to-live, or redis.time-to-live beside it");
        PROPERTIES.put("redis.key-prefix", "use " + TinyLlmCacheProperties.PREFIX + ".redis.key-prefix");
        PROPERTIES.put("redis.cache-null-values", "use " + DEFAULTS + ".negative.cache-null with negative.enabled");
        PROPERTIES.put("redis", "use " + DEFAULTS + ".redis.*, with redis.enabled=true");
        PROPERTIES.put("jcache", "use " + DEFAULTS + ".*");
        PROPERTIES.put("infinispan", "use " + DEFAULTS + ".*");
        PROPERTIES.put("couchbase", "use " + DEFAULTS + ".*");
        BEANS.put("com.github.benmanes.caffeine.cache.Caffeine", CAFFEINE);
        BEANS.put("com.github.benmanes.caffeine.cache.CaffeineSpec", CAFFEINE);
        BEANS.put("com.github.benmanes.caffeine.cache.CacheLoader", "use a bean io.tinyllm.cache.CacheLoader");
        BEANS.put("org.springframework.data.redis.cache.RedisCacheConfiguration", "use " + DEFAULTS + ".redis.*");
        BEANS.put(
                "org.springframework.boot.cache.autoconfigure.RedisCacheManagerBuilderCustomizer",
                "use a bean io.tinyllm.cache.CacheCustomizer");
    }

    private IgnoredSettings() {}

    /** The settings, each with what to use instead. Makes no bean. */
    static List<String> find(Environment environment, ListableBeanFactory beans) {
        List<String> found = new ArrayList<>();
        for (String name : settings(Binder.get(environment))) {
            String group = name.substring(0, Math.max(0, name.indexOf('.')));
            if (PROPERTIES.containsKey(group)) {
                found.add("spring.cache." + name + " (" + PROPERTIES.getOrDefault(name, PROPERTIES.get(group)) + ")");
            }
        }
        ClassLoader loader = IgnoredSettings.class.getClassLoader();
        BEANS.forEach((type, instead) -> {
            if (ClassUtils.isPresent(type, loader)) {
                for (String bean : beans.getBeanNamesForType(ClassUtils.resolveClassName(type, loader), true, false)) {
                    found.add("bean '" + bean + "', a " + ClassUtils.getShortName(type) + " (" + instead + ")");
                }
            }
        });
        return found;
    }

    private static Set<String> settings(Binder binder) {
        return binder.bind("spring.cache", Bindable.mapOf(String.class, String.class))
                .map(Map::keySet)
                .<Set<String>>map(TreeSet::new)
                .orElseGet(Set::of);
    }
}
