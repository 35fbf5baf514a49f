package io.tinyllm.cache.bypass;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.core.port.BypassPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * Creates the rules.
     * @param cacheName the name of the cache
     * @param keyPatterns patterns of keys, with {@code *} and {@code ?}
     * @param maximumValueSize the largest value stored, in bytes, or {@link Long#MAX_VALUE}
     * @param measure measures values
     * @param rules rules of the application's
     * @param onError runs whenever a rule or a measurement fails
     */
    public BypassRules(
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
        } catch (RuntimeException e) {
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

    private boolean ruled(Object key, @Nullable Object value) {
        for (BypassRule rule : rules) {
            try {
                if (rule.bypass(cacheName, key, value)) {
                    return true;
                }
            } catch (RuntimeException e) {
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
        } catch (RuntimeException e) {
            // What cannot be measured cannot be kept under a bound.
            onError.run();
            return true;
        }
    }

    /** Measures values. */
    @FunctionalInterface
    public interface Measure {

        /**
         * Whether a value is larger than a limit, found without building more of its stored form than that.
         * @param value the value
         * @param limit the limit in bytes
         */
        boolean exceeds(Object value, long limit);
    }
}
