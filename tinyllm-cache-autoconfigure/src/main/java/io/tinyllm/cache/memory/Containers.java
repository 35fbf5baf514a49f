package io.tinyllm.cache.memory;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Collection;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** The bytes that containers of the JDK need for each element, without the element. */
final class Containers {

    private Containers() {}

    /** The bytes that a collection needs for an element. */
    static double bytesOfElement(Collection<?> collection, HeapShapes shapes) {
        int reference = shapes.reference();
        String name = collection.getClass().getName();
        if (name.startsWith("java.util.ImmutableCollections$")) {
            return collection instanceof Set ? 2 * reference : reference;
        }
        if (collection instanceof Set) {
            // A map behind it, whose values are all the same.
            return name.contains("Enum") ? 0 : 24 + 5.0 * reference;
        }
        boolean linked = name.contains("Linked") || name.endsWith("KeySetView") || name.contains("SkipList");
        if (linked) {
            return 12 + 3.0 * reference;
        }
        return collection instanceof List ? 1.2 * reference : 1.5 * reference;
    }

    /** The bytes that a map needs for an entry. */
    static double bytesOfEntry(Map<?, ?> map, HeapShapes shapes) {
        int reference = shapes.reference();
        if (map.getClass().getName().startsWith("java.util.ImmutableCollections$")) {
            return 4.0 * reference;
        }
        if (map instanceof EnumMap || map instanceof IdentityHashMap) {
            return 3.0 * reference;
        }
        boolean ordered = map instanceof SortedMap || map instanceof LinkedHashMap;
        return (ordered ? 32 : 24) + 4.0 * reference;
    }

    /** The bytes of an element of a buffer. */
    static int bytesOf(Buffer buffer) {
        if (buffer instanceof ByteBuffer) {
            return 1;
        }
        if (buffer instanceof CharBuffer || buffer instanceof ShortBuffer) {
            return 2;
        }
        return buffer instanceof LongBuffer || buffer instanceof DoubleBuffer ? 8 : 4;
    }
}
