package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import java.util.Locale;

/**
 * A hash of what a class is made of: its name, what it extends and, the superclass first, the name and the generic type
 * of each field. A stored object is read only by a class of the same hash. Not thread-safe.
 */
final class ShapeHash {

    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private long hash = OFFSET;

    ShapeHash add(String part) {
        for (int i = 0; i < part.length(); i++) {
            mix(part.charAt(i));
        }
        mix(';');
        return this;
    }

    ShapeHash add(String name, Field field) {
        return add(name).add(field.getGenericType().getTypeName());
    }

    private void mix(char c) {
        hash = (hash ^ c) * PRIME;
        hash ^= hash >>> 29;
    }

    /** Eight letters and digits. */
    String text() {
        String digits = Long.toString(hash >>> 23, 36).toLowerCase(Locale.ROOT);
        return "0".repeat(Math.max(0, 8 - digits.length())) + digits;
    }
}
