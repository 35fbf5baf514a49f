package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** Properties of the cache stack. An unknown name below the prefix stops the start. */
@ConfigurationProperties(prefix = TinyLlmCacheProperties.PREFIX, ignoreUnknownFields = false)
public class TinyLlmCacheProperties {

    static final String PREFIX = "tinyllm.cache";

    /**
     * Whether the cache stack is used at all. Where it is not, Spring Boot's own caches are.
     */
    private boolean enabled = true;

    /**
     * Settings of every cache.
     */
    @NestedConfigurationProperty
    private final CacheSettings defaults = new CacheSettings();

    /**
     * Settings of caches by name, laid over the defaults property by property.
     */
    private final Map<String, CacheSettings> caches = new LinkedHashMap<>();

    /**
     * Settings of the shared tier, common to all caches.
     */
    private final Redis redis = new Redis();

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public CacheSettings getDefaults() {
        return defaults;
    }

    public Map<String, CacheSettings> getCaches() {
        return caches;
    }

    public Redis getRedis() {
        return redis;
    }

    /** Settings of the shared tier, common to all caches. */
    public static class Redis {

        /**
         * Text that every Redis key of the caches begins with.
         */
        private String keyPrefix = "tinyllm:";

        /**
         * Packages (ending in a dot) and classes that a stored value may be read back into, besides the return types of
         * cached methods and the JDK's value types and collections.
         */
        private List<String> allowedTypes = new ArrayList<>();

        public String getKeyPrefix() {
            return keyPrefix;
        }

        public void setKeyPrefix(String keyPrefix) {
            this.keyPrefix = keyPrefix;
        }

        public List<String> getAllowedTypes() {
            return allowedTypes;
        }

        public void setAllowedTypes(List<String> allowedTypes) {
            this.allowedTypes = allowedTypes;
        }
    }
}
