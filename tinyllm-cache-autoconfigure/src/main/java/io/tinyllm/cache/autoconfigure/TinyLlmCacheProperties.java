package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import java.util.LinkedHashMap;
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
}
