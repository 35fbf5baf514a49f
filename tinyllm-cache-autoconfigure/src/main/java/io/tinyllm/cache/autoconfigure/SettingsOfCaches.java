package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import java.util.List;
import java.util.function.Supplier;

/** The settings of each cache: the properties, then the customizers. Checked at once, so that the start fails. */
final class SettingsOfCaches {

    private final TinyLlmCacheProperties properties;
    private final Supplier<CacheSettings> defaults;
    private final List<CacheCustomizer> customizers;

    SettingsOfCaches(
            TinyLlmCacheProperties properties, Supplier<CacheSettings> defaults, List<CacheCustomizer> customizers) {
        this.properties = properties;
        this.defaults = defaults;
        this.customizers = customizers;
        properties.getDefaults().validate(TinyLlmCacheProperties.PREFIX + ".defaults");
        properties.getCaches().forEach((name, settings) -> settings.validate(path(name)));
    }

    /** The settings of a cache, final. */
    CacheSettings of(String name) {
        CacheSettings named = properties.getCaches().get(name);
        CacheSettings settings = named == null ? defaults.get() : named;
        customizers.forEach(customizer -> customizer.customize(name, settings));
        settings.validate(path(name));
        settings.freeze();
        return settings;
    }

    static String path(String name) {
        boolean plain = name.chars().allMatch(c -> c == '-' || Character.isLetterOrDigit(c));
        return TinyLlmCacheProperties.PREFIX + ".caches." + (plain ? name : "[" + name + "]");
    }
}
