package io.tinyllm.cache.benchmarks.hit;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Whose caches are measured. All hold 10,000 entries for 10 minutes: our defaults. */
public enum Contender {

    /** This library, as it configures itself. */
    TINYLLM(true),

    /** Spring's own adapter of Caffeine. */
    CAFFEINE(false),

    /** This library with every feature off, analytics too. */
    BARE(true, "analytics.enabled", "false"),

    /** Analytics on, as by default, and somebody who reads them a hundred times a second. */
    ANALYTICS_READ(true),

    /** Bypass rules that match nothing. */
    BYPASS(true, "analytics.enabled", "false", "bypass.key-patterns", "private:*"),

    /** Negative caching on. */
    NEGATIVE(true, "analytics.enabled", "false", "negative.enabled", "true"),

    /** Four partitions. */
    PARTITIONS(true, "analytics.enabled", "false", "memory.partitions.enabled", "true"),

    /** Stale answers and refresh-ahead on. */
    STALE(
            true,
            "analytics.enabled",
            "false",
            "stale-if-error",
            "1h",
            "stale-while-revalidate",
            "1h",
            "refresh-ahead",
            "0.9"),

    /** The size tuner. */
    SIZE_TUNER(true, "analytics.enabled", "false", "size-tuner.enabled", "true"),

    /** The TTL optimizer. */
    TTL_OPTIMIZER(true, "analytics.enabled", "false", "ttl-optimizer.enabled", "true"),

    /** Both tuners, and analytics. */
    TUNED(true, "size-tuner.enabled", "true", "ttl-optimizer.enabled", "true");

    private final boolean ours;
    private final String[] settings;

    Contender(boolean ours, String... settings) {
        this.ours = ours;
        this.settings = settings;
    }

    /** The configuration class of an application context with these caches. */
    Class<?> configuration() {
        return ours ? TinyLlmCacheAutoConfiguration.class : SpringsCaffeine.class;
    }

    /** Its properties. */
    Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            properties.put("tinyllm.cache.defaults." + settings[i], settings[i + 1]);
        }
        return properties;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class SpringsCaffeine {

        @Bean
        CacheManager cacheManager() {
            CaffeineCacheManager manager = new CaffeineCacheManager();
            manager.setCaffeine(Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(10)));
            return manager;
        }
    }
}
