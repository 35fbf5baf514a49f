package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.List;
import java.util.function.Supplier;

/**
 * The definitions of the caches: the properties, then the customizers. Checks ranges at once, so that the start fails.
 * Thread-safe.
 */
final class CacheDefinitions {

    private static final String DEFAULTS = TinyLlmCacheProperties.PREFIX + ".defaults";

    private final TinyLlmCacheProperties properties;
    private final Supplier<CacheSettings> defaults;
    private final List<CacheCustomizer> customizers;

    CacheDefinitions(
            TinyLlmCacheProperties properties, Supplier<CacheSettings> defaults, List<CacheCustomizer> customizers) {
        this.properties = properties;
        this.defaults = defaults;
        this.customizers = customizers;
        properties.getDefaults().validate(DEFAULTS);
        properties.getCaches().forEach((name, settings) -> settings.validate(path(name)));
    }

    /**
     * Returns the definition of the caches that the properties do not name, as far as it is known before any of them.
     */
    CacheDefinition ofAny() {
        return CacheDefinition.ofAny(DEFAULTS, properties.getDefaults());
    }

    /** Returns the definition of a cache, final. */
    CacheDefinition of(String name) {
        CacheSettings named = properties.getCaches().get(name);
        CacheSettings settings = named == null ? defaults.get() : named;
        customizers.forEach(customizer -> customizer.customize(name, settings));
        settings.validate(path(name));
        settings.freeze();
        return new CacheDefinition(name, path(name), settings);
    }

    static String path(String name) {
        boolean plain = name.chars().allMatch(c -> c == '-' || Character.isLetterOrDigit(c));
        return TinyLlmCacheProperties.PREFIX + ".caches." + (plain ? name : "[" + name + "]");
    }
}
