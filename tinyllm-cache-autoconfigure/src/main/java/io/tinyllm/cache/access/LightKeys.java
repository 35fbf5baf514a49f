package io.tinyllm.cache.access;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells keys of few bytes without weighing them: short texts, numbers, and objects of a few such parts, as records and
 * Spring's {@code SimpleKey} are. Allocates nothing, since every recorded hit asks. Thread-safe.
 */
final class LightKeys {

    /** The characters, and what counts as some, that a light key may have. */
    private static final int LENGTH = AccessBytes.LIGHT / 2;

    private static final int MOST_PARTS = 8;
    private static final int PART = 4;

    /** Stands for a class whose objects have to be weighed. */
    private static final Field[] UNKNOWN = new Field[0];

    /** The fields of a class that refer to others; none of {@link #UNKNOWN} can be told. */
    private static final ClassValue<Field[]> PARTS = new ClassValue<>() {

        @Override
        protected Field[] computeValue(Class<?> type) {
            return parts(type);
        }
    };

    private LightKeys() {}

    /** Returns whether a key is light; false where that cannot be told at a glance. */
    static boolean isLight(Object key) {
        int left = without(key, LENGTH);
        if (left >= 0) {
            return true;
        }
        if (key instanceof String) {
            return false;
        }
        Field[] parts = PARTS.get(key.getClass());
        if (parts == UNKNOWN) {
            return false;
        }
        left = LENGTH;
        try {
            for (Field part : parts) {
                Object value = part.get(key);
                left = value instanceof Object[] several ? without(several, left) : without(value, left);
                if (left < 0) {
                    return false;
                }
            }
            return true;
        } catch (IllegalAccessException e) {
            return false;
        }
    }

    private static int without(Object[] parts, int left) {
        int rest = parts.length <= MOST_PARTS ? left : -1;
        for (int i = 0; i < parts.length && rest >= 0; i++) {
            rest = without(parts[i], rest);
        }
        return rest;
    }

    /** What is left beside a part, negative where it is not light. */
    private static int without(@Nullable Object part, int left) {
        if (part == null) {
            return left;
        }
        if (part instanceof String text) {
            return left - text.length();
        }
        return part instanceof Long
                        || part instanceof Integer
                        || part instanceof Boolean
                        || part instanceof Character
                        || part instanceof Short
                        || part instanceof Byte
                        || part instanceof Double
                        || part instanceof Float
                        || part instanceof UUID
                        || part instanceof Enum
                        || part instanceof Class
                ? left - PART
                : -1;
    }

    private static Field[] parts(Class<?> type) {
        List<Field> parts = new ArrayList<>();
        try {
            for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
                for (Field field : at.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !field.getType().isPrimitive()) {
                        field.setAccessible(true);
                        parts.add(field);
                    }
                }
            }
        } catch (RuntimeException | LinkageError untold) {
            // Closed to reflection, or of a type that is not there: what weighs it copes with that.
            return UNKNOWN;
        }
        return type.isArray() || parts.size() > MOST_PARTS ? UNKNOWN : parts.toArray(new Field[parts.size()]);
    }
}
