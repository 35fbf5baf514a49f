package io.tinyllm.cache.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of an application that does without the cache stack: caching stays switched on, so that its own
 * cache manager or Spring Boot's caches serve the same annotations, and one line says why.
 */
@AutoConfiguration(
        after = TinyLlmCacheAutoConfiguration.class,
        beforeName = "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration")
@ConditionalOnMissingBean(name = TinyLlmCacheAutoConfiguration.REGISTRY)
public final class TinyLlmCacheBackOffAutoConfiguration {

    private static final Log logger = LogFactory.getLog(TinyLlmCacheBackOffAutoConfiguration.class);

    TinyLlmCacheBackOffAutoConfiguration(Environment environment) {
        logger.info("tinyllm-cache backs off: " + reason(environment));
    }

    private static String reason(Environment environment) {
        String enabled = TinyLlmCacheProperties.PREFIX + ".enabled";
        if (!environment.getProperty(enabled, boolean.class, true)) {
            return enabled + " is false; Spring Boot's caches or the application's serve its cached methods";
        }
        if (environment.containsProperty(OnSpringCacheType.PROPERTY)) {
            return OnSpringCacheType.PROPERTY + " is set (" + environment.getProperty(OnSpringCacheType.PROPERTY)
                    + "); Spring Boot's caches serve the application's cached methods";
        }
        return "the application has a CacheManager bean of its own, which serves its cached methods";
    }

    /** Switches caching on where the application has not done so, and there is no doubt by which manager. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    @ConditionalOnMissingBean(CacheAspectSupport.class)
    @Conditional(NotSeveralManagers.class)
    static class EnableCachingConfiguration {}

    /** Matches unless there are several cache managers of equal rank. */
    static final class NotSeveralManagers extends AnyNestedCondition {

        NotSeveralManagers() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnMissingBean(CacheManager.class)
        static class None {}

        @ConditionalOnSingleCandidate(CacheManager.class)
        static class One {}
    }
}
