package io.tinyllm.cache.access;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells about how many bytes a key takes, at a glance: of texts, numbers, and objects of a few such parts, as records
 * and Spring's {@code SimpleKey} are. Allocates nothing and takes no longer for long texts, since every recorded hit
 * asks. Thread-safe.
 */
final class LightKeys {

    /** The answer for keys that have to be weighed. */
    static final long UNTOLD = -1;

    /** The characters, and what counts as some, that a light key may have. */
    static final int LENGTH = AccessBytes.LIGHT / 2;

    /** How many characters of a long text are looked at: one that takes two bytes tells that all of them do. */
    private static final int SAMPLED = 32;

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
        long size = size(key);
        return size != UNTOLD && size <= LENGTH;
    }

    /** Returns about how many bytes a key takes, {@link #UNTOLD} where that cannot be told at a glance. */
    static long size(Object key) {
        long own = ofPart(key);
        if (own != UNTOLD) {
            return own;
        }
        Field[] parts = PARTS.get(key.getClass());
        if (parts == UNKNOWN) {
            return UNTOLD;
        }
        long sum = 0;
        try {
            for (Field part : parts) {
                Object value = part.get(key);
                long size = value instanceof Object[] several ? ofParts(several) : ofPart(value);
                if (size == UNTOLD) {
                    return UNTOLD;
                }
                sum += size;
            }
            return sum;
        } catch (IllegalAccessException e) {
            return UNTOLD;
        }
    }

    private static long ofParts(Object[] parts) {
        if (parts.length > MOST_PARTS) {
            return UNTOLD;
        }
        long sum = 0;
        for (Object part : parts) {
            long size = ofPart(part);
            if (size == UNTOLD) {
                return UNTOLD;
            }
            sum += size;
        }
        return sum;
    }

    private static long ofPart(@Nullable Object part) {
        if (part == null) {
            return 0;
        }
        if (part instanceof String text) {
            return text.length() <= LENGTH ? text.length() : ofText(text);
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
                ? PART
                : UNTOLD;
    }

    private static long ofText(String text) {
        int length = text.length();
        for (int i = 0; i < length; i += length / SAMPLED + 1) {
            if (text.charAt(i) > 0xff) {
                return 2L * length;
            }
        }
        return length;
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
