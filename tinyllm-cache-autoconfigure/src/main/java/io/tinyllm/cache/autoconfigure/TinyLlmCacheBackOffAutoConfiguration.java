package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.spring.TinyLlmCacheManager;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.core.env.Environment;

/** Says once, and does nothing else, that the cache stack is not in use and why. */
@AutoConfiguration(after = TinyLlmCacheAutoConfiguration.class)
@ConditionalOnMissingBean(TinyLlmCacheManager.class)
public final class TinyLlmCacheBackOffAutoConfiguration {

    private static final Log logger = LogFactory.getLog(TinyLlmCacheBackOffAutoConfiguration.class);

    TinyLlmCacheBackOffAutoConfiguration(Environment environment) {
        logger.info("tinyllm-cache backs off: " + reason(environment));
    }

    private static String reason(Environment environment) {
        String enabled = TinyLlmCacheProperties.PREFIX + ".enabled";
        if (!environment.getProperty(enabled, boolean.class, true)) {
            return enabled + " is false";
        }
        if (environment.containsProperty(OnSpringCacheType.PROPERTY)) {
            return OnSpringCacheType.PROPERTY + " is set";
        }
        return "the application has a CacheManager bean of its own";
    }
}
