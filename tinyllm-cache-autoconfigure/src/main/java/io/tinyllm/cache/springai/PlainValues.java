package io.tinyllm.cache.springai;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties of an answer that can be stored: values of the JDK, lists and maps of them. Constants become texts.
 */
final class PlainValues {

    private PlainValues() {}

    /** The value as it is stored, null where it cannot be. */
    static @Nullable Object of(@Nullable Object value) {
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof CharSequence || value instanceof Character) {
            return value.toString();
        }
        if (value instanceof Map<?, ?> map) {
            return map(map);
        }
        if (value instanceof Collection<?> collection) {
            return list(collection);
        }
        boolean plain = value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Float
                || value instanceof Short
                || value instanceof Byte
                || value instanceof BigDecimal
                || value instanceof BigInteger
                || value instanceof Duration
                || value instanceof Temporal && value.getClass().getName().startsWith("java.time.");
        return plain ? value : null;
    }

    private static @Nullable Object map(Map<?, ?> map) {
        Map<String, Object> plain = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object value = of(entry.getValue());
            if (value == null || !(entry.getKey() instanceof String name)) {
                return null;
            }
            plain.put(name, value);
        }
        return plain;
    }

    private static @Nullable Object list(Collection<?> collection) {
        List<Object> plain = new ArrayList<>();
        for (Object element : collection) {
            Object value = of(element);
            if (value == null) {
                return null;
            }
            plain.add(value);
        }
        return plain;
    }
}
