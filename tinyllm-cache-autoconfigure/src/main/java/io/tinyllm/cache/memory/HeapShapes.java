package io.tinyllm.cache.memory;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The layouts of classes in the heap, as HotSpot lays them out. What it learns of a class it keeps for its own
 * lifetime, and so no longer than the cache whose values it weighs. Thread-safe.
 */
final class HeapShapes {

    /** From this size of the heap on references are not compressed. */
    private static final long LARGE_HEAP = 32L << 30;

    /** More classes than any sane value has; beyond them each is looked at anew. */
    private static final int MOST_CLASSES = 10_000;

    /** How deep a class of the JDK is judged by the declared types of its fields. */
    private static final int DEPTH = 3;

    private static final int SHORT_TEXT = 56;
    private static final int SHORT_ARRAY = 40;
    private static final int UNKNOWN = 16;

    private final ConcurrentHashMap<Class<?>, Shape> shapes = new ConcurrentHashMap<>();
    private final int reference;
    private final int header;

    HeapShapes(long maximumHeap) {
        this.reference = maximumHeap < LARGE_HEAP ? 4 : 8;
        this.header = maximumHeap < LARGE_HEAP ? 12 : 16;
    }

    /**
     * The size of an object of a class.
     *
     * @param bytes its own bytes, and those that are only guessed, of parts that may not be looked at
     * @param parts the fields whose objects are to be weighed as well
     */
    record Shape(long bytes, List<Field> parts) {}

    /** The bytes of a reference. */
    int reference() {
        return reference;
    }

    /** Rounds up as objects are. */
    static long aligned(long bytes) {
        return bytes + 7 & ~7L;
    }

    /** The bytes of an array of a number of elements, without what its references lead to. */
    long array(Class<?> element, long length) {
        return aligned(header + 4 + length * bytesOf(element));
    }

    long array(Object array) {
        return array(array.getClass().getComponentType(), Array.getLength(array));
    }

    Shape of(Class<?> type) {
        Shape known = shapes.get(type);
        if (known == null) {
            known = look(type);
            if (shapes.size() < MOST_CLASSES) {
                shapes.put(type, known);
            }
        }
        return known;
    }

    private Shape look(Class<?> type) {
        List<Field> parts = new ArrayList<>();
        long own = header;
        long guessed = 0;
        for (Class<?> k = type; k != null; k = k.getSuperclass()) {
            for (Field field : fields(k)) {
                own += bytesOf(field.getType());
                if (field.getType().isPrimitive()) {
                    continue;
                }
                if (isReadable(field)) {
                    parts.add(field);
                } else {
                    guessed += guess(field.getType(), DEPTH);
                }
            }
        }
        return new Shape(aligned(own) + guessed, List.copyOf(parts));
    }

    private static boolean isReadable(Field field) {
        try {
            return !HeldClasses.isOfTheJdk(field.getDeclaringClass()) && field.trySetAccessible();
        } catch (RuntimeException denied) {
            return false;
        }
    }

    /** The size of an object of a declared type, guessed by the type alone. */
    private long guess(Class<?> declared, int depth) {
        if (declared.isPrimitive() || !HeldClasses.isOwned(declared)) {
            return 0;
        }
        if (declared == String.class) {
            return SHORT_TEXT;
        }
        if (declared.isArray()) {
            return SHORT_ARRAY;
        }
        if (depth == 0 || !Modifier.isFinal(declared.getModifiers())) {
            return UNKNOWN;
        }
        long own = header;
        long held = 0;
        for (Class<?> k = declared; k != null; k = k.getSuperclass()) {
            for (Field field : fields(k)) {
                own += bytesOf(field.getType());
                held += guess(field.getType(), depth - 1);
            }
        }
        return aligned(own) + held;
    }

    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        try {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.add(field);
                }
            }
        } catch (LinkageError | RuntimeException partsMissing) {
            // A class whose fields cannot be told counts as one without.
            return List.of();
        }
        return fields;
    }

    private int bytesOf(Class<?> type) {
        if (!type.isPrimitive()) {
            return reference;
        }
        if (type == long.class || type == double.class) {
            return 8;
        }
        if (type == int.class || type == float.class) {
            return 4;
        }
        return type == char.class || type == short.class ? 2 : 1;
    }
}
