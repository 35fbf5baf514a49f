package io.tinyllm.cache.springai;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The caches that answers are stored in, and what each keeps of them. Takes note of the settings of every cache, as the
 * last of the customizers. Thread-safe.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
public final class AnswerCaches implements CacheCustomizer {

    private final Supplier<CacheManager> manager;
    private final Map<String, CacheSettings> settings = new ConcurrentHashMap<>();
    private final Map<String, AnswerPolicy> policies = new ConcurrentHashMap<>();

    /**
     * Creates it.
     * @param manager finds the manager when a cache is first asked for
     */
    public AnswerCaches(Supplier<CacheManager> manager) {
        this.manager = manager;
    }

    @Override
    public void customize(String cacheName, CacheSettings own) {
        settings.put(cacheName, own);
    }

    /**
     * The cache of a name.
     * @throws IllegalArgumentException if there is none, and the names are a closed list
     */
    Cache cache(String name) {
        Cache cache = manager.get().getCache(name);
        if (cache == null) {
            throw new IllegalArgumentException("There is no cache '" + name + "'");
        }
        return cache;
    }

    /** The rules by which a cache keeps answers. The cache exists. */
    AnswerPolicy policy(String name) {
        AnswerPolicy policy = policies.get(name);
        return policy != null
                ? policy
                : policies.computeIfAbsent(
                        name, own -> AnswerPolicy.of(settings.getOrDefault(own, new CacheSettings())));
    }
}
