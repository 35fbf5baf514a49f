package io.tinyllm.cache.bypass;

import io.tinyllm.cache.BypassRule;
import org.jspecify.annotations.Nullable;

/**
 * A rule of the application's with the name it has there.
 * @param name the name
 * @param rule the rule
 */
public record NamedBypassRule(String name, BypassRule rule) implements BypassRule {

    /** Returns the name of a rule, that of its class where it has none. */
    static String of(BypassRule rule) {
        return rule instanceof NamedBypassRule named
                ? named.name
                : rule.getClass().getName();
    }

    @Override
    public boolean bypass(String cacheName, Object key, @Nullable Object value) {
        return rule.bypass(cacheName, key, value);
    }
}
