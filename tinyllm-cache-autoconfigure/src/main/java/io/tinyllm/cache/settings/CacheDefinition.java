package io.tinyllm.cache.settings;

import io.tinyllm.cache.CacheSettings;
import org.jspecify.annotations.Nullable;

/**
 * A cache as it is configured: its name, the property path of its settings, and the settings. As safe to share between
 * threads as the settings are.
 *
 * @param name the name of the cache
 * @param path the property path of the settings, such as {@code tinyllm.cache.caches.users}, for messages
 * @param settings the settings, each valid in itself
 */
public record CacheDefinition(String name, String path, CacheSettings settings) {

    /** The name in the definition of the caches that no property names. No cache has it. */
    public static final String ANY = "";

    /**
     * Defines the caches that no property names, which have the default settings.
     * @param path the property path of the defaults
     * @param settings the defaults
     */
    public static CacheDefinition ofAny(String path, CacheSettings settings) {
        return new CacheDefinition(ANY, path, settings);
    }

    /** Returns whether this stands for all caches that no property names, and not for one of them. */
    public boolean isOfAny() {
        return name.equals(ANY);
    }

    /**
     * Returns the exception for a setting that makes no sense, to be thrown.
     * @param property the property, relative to the path
     * @param value its value
     * @param allowed what is allowed, as the end of a sentence that begins with "allowed is"
     * @param action what to do about it, a sentence
     */
    public InvalidCacheSettingException invalid(
            String property, @Nullable Object value, String allowed, String action) {
        return new InvalidCacheSettingException(path + "." + property, value, allowed, action);
    }

    /**
     * Checks that the cache holds entries in memory, which a feature needs.
     * @param feature the group of settings of the feature, such as {@code prefetch}
     * @throws InvalidCacheSettingException if it does not
     */
    public void requireMemory(String feature) {
        if (!settings.getMemory().isEnabled()) {
            throw invalid(
                    feature + ".enabled",
                    true,
                    "true only for a cache that holds entries in memory",
                    "Set " + path + ".memory.enabled to true, or this property to false.");
        }
    }

    /** Returns the most entries that the cache may ever hold in memory. */
    public long largestSize() {
        long size = settings.getMemory().getMaximumSize();
        return settings.getSizeTuner().isEnabled()
                ? Math.max(size, settings.getSizeTuner().getMaximum())
                : size;
    }
}
