package io.tinyllm.cache.bypass;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.StoredForm;
import io.tinyllm.cache.codec.UnsupportedValueException;
import io.tinyllm.cache.codec.ValueSizer;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.settings.BypassSettings;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The bypass rules of one cache: patterns of keys, the size of values, and rules of the application's. Thread-safe.
 *
 * <p>Patterns are matched against the key as text ({@code toString}).
 */
public final class BypassRules implements BypassPolicy {

    private final String cacheName;
    private final KeyPattern[] patterns;
    private final BypassRule[] rules;
    private final long maximumValueSize;
    private final Measure measure;
    private final Runnable onError;

    /**
     * Checks what can be wrong about the settings beyond their ranges.
     * @throws InvalidCacheSettingException if the size of values cannot be measured
     */
    public static void check(CacheDefinition definition, List<StoredForm<?>> forms) {
        measure(definition, forms);
    }

    /**
     * Creates the rules of a cache.
     * @param definition the cache
     * @param rules rules of the application's, asked in their order
     * @param forms of types that have none of their own
     * @param onError runs whenever a rule or a measurement fails
     * @return the rules, {@link BypassPolicy#none()} where there are none
     */
    public static BypassPolicy of(
            CacheDefinition definition, List<BypassRule> rules, List<StoredForm<?>> forms, Runnable onError) {
        BypassSettings settings = definition.settings().getBypass();
        DataSize maximum = settings.getMaximumValueSize();
        if (settings.getKeyPatterns().isEmpty() && maximum == null && rules.isEmpty()) {
            return BypassPolicy.none();
        }
        return new BypassRules(
                definition.name(),
                settings.getKeyPatterns(),
                maximum == null ? Long.MAX_VALUE : maximum.toBytes(),
                measure(definition, forms),
                rules,
                onError);
    }

    /** Returns what measures values as they would be stored, which needs Jackson. */
    private static Measure measure(CacheDefinition definition, List<StoredForm<?>> forms) {
        DataSize maximum = definition.settings().getBypass().getMaximumValueSize();
        if (maximum == null) {
            return (value, limit) -> false;
        }
        try {
            ValueSizer sizer = new ValueSizer(forms);
            return (value, limit) -> {
                try {
                    return sizer.sizeOf(value, limit) > limit;
                } catch (UnsupportedValueException e) {
                    // What has no stored form has no size of one.
                    return false;
                }
            };
        } catch (LinkageError e) {
            throw definition.invalid(
                    "bypass.maximum-value-size",
                    maximum,
                    "a size only with Jackson on the class path",
                    "Add the dependency org.springframework.boot:spring-boot-starter-jackson, or remove the property.");
        }
    }

    /**
     * Creates the rules.
     * @param cacheName the name of the cache
     * @param keyPatterns patterns of keys, with {@code *} and {@code ?}
     * @param maximumValueSize the largest value stored, in bytes, or {@link Long#MAX_VALUE}
     * @param measure measures values
     * @param rules rules of the application's
     * @param onError runs whenever a rule or a measurement fails
     */
    private BypassRules(
            String cacheName,
            List<String> keyPatterns,
            long maximumValueSize,
            Measure measure,
            List<BypassRule> rules,
            Runnable onError) {
        this.cacheName = cacheName;
        this.patterns = keyPatterns.stream().map(KeyPattern::new).toArray(KeyPattern[]::new);
        this.maximumValueSize = maximumValueSize;
        this.measure = measure;
        this.rules = rules.toArray(BypassRule[]::new);
        this.onError = onError;
    }

    @Override
    public boolean bypassesRead(Object key) {
        return matches(key) || ruled(key, null);
    }

    @Override
    public boolean bypassesWrite(Object key, @Nullable Object value) {
        return matches(key) || ruled(key, value) || isTooLarge(value);
    }

    private boolean matches(Object key) {
        if (patterns.length == 0) {
            return false;
        }
        String text;
        try {
            text = String.valueOf(key);
        } catch (Throwable e) {
            onError.run();
            return true;
        }
        for (KeyPattern pattern : patterns) {
            if (pattern.matches(text)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public @Nullable String bypassedBy(Object key) {
        for (KeyPattern pattern : patterns) {
            try {
                if (pattern.matches(String.valueOf(key))) {
                    return pattern.toString();
                }
            } catch (Throwable e) {
                return "a key without a text";
            }
        }
        for (BypassRule rule : rules) {
            try {
                if (rule.bypass(cacheName, key, null)) {
                    return NamedBypassRule.of(rule);
                }
            } catch (Throwable e) {
                return NamedBypassRule.of(rule) + ", which failed";
            }
        }
        return null;
    }

    private boolean ruled(Object key, @Nullable Object value) {
        for (BypassRule rule : rules) {
            try {
                if (rule.bypass(cacheName, key, value)) {
                    return true;
                }
            } catch (Throwable e) {
                onError.run();
                return true;
            }
        }
        return false;
    }

    private boolean isTooLarge(@Nullable Object value) {
        if (value == null || maximumValueSize == Long.MAX_VALUE) {
            return false;
        }
        try {
            return measure.exceeds(value, maximumValueSize);
        } catch (Throwable e) {
            // What cannot be measured cannot be kept under a bound.
            onError.run();
            return true;
        }
    }

    /** Measures values. */
    @FunctionalInterface
    private interface Measure {

        /**
         * Returns whether a value is larger than a limit, found without building more of its stored form than that.
         * @param value the value
         * @param limit the limit in bytes
         */
        boolean exceeds(Object value, long limit);
    }
}
