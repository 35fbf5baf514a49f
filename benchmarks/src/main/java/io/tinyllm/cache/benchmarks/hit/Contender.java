package io.tinyllm.cache.benchmarks.hit;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.time.Duration;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Whose caches are measured. Both hold 10,000 entries for 10 minutes: our defaults. */
public enum Contender {

    /** This library, as it configures itself. */
    TINYLLM(TinyLlmCacheAutoConfiguration.class),

    /** Spring's own adapter of Caffeine. */
    CAFFEINE(SpringsCaffeine.class);

    private final Class<?> configuration;

    Contender(Class<?> configuration) {
        this.configuration = configuration;
    }

    /** The configuration class of an application context with these caches. */
    Class<?> configuration() {
        return configuration;
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
