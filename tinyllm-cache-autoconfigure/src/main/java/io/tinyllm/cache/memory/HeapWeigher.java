package io.tinyllm.cache.memory;

import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.Buffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An estimate of the heap that values take, with everything that they hold: the fields of the application's objects,
 * and the elements of the JDK's collections, whose fields are not looked at. It is meant to be right within a factor of
 * two. An object that a value holds twice counts once, and one that values share counts for each. What belongs to no
 * value (classes, enum constants, threads, locks, services of frameworks) counts for nothing. Nothing is loaded, and no
 * code of the application runs but for collections of its own that extend the JDK's.
 *
 * <p>The time that a value costs is bounded: of text at most a million characters are read, and at most
 * {@value #MOST_OBJECTS} objects are visited. Of larger arrays and collections some elements stand for all, evenly
 * spread where that is possible; what else a larger graph holds does not count. Thread-safe.
 */
final class HeapWeigher {

    private static final int MOST_OBJECTS = 50_000;
    private static final int MOST_CHARACTERS = 1_000_000;

    /** As many elements of a container are looked at, however little of the value may be. */
    private static final int FEWEST = 4;

    /** How deep the walk goes on the stack of its thread. */
    private static final int DEEPEST = 200;

    private final HeapShapes shapes;

    HeapWeigher() {
        this(Runtime.getRuntime().maxMemory());
    }

    /**
     * @param maximumHeap the bytes that the heap may grow to, which decide how large references are
     */
    HeapWeigher(long maximumHeap) {
        this.shapes = new HeapShapes(maximumHeap);
    }

    /** Estimates the bytes of a value; of null they are none. Never fails, whatever the value does. */
    long weigh(@Nullable Object value) {
        if (value == null || !HeldClasses.isOwned(value.getClass())) {
            return 0;
        }
        if (value instanceof String text) {
            return text(text, MOST_CHARACTERS);
        }
        if (value.getClass().isArray() && value.getClass().getComponentType().isPrimitive()) {
            return shapes.array(value);
        }
        return new Walk().weigh(value);
    }

    /** Text takes a byte for each character, or two for each where one of them is not of ISO 8859-1. */
    private long text(String text, int mostCharacters) {
        int length = text.length();
        int step = length / mostCharacters + 1;
        int bytes = 1;
        for (int i = 0; i < length; i += step) {
            if (text.charAt(i) > 0xff) {
                bytes = 2;
                break;
            }
        }
        return 24 + shapes.array(byte.class, (long) length * bytes);
    }

    /** One value's graph; for one thread. */
    private final class Walk {

        private final Map<Object, Boolean> seen = new IdentityHashMap<>();

        /** Parts too deep for the stack, which are weighed at last. */
        private final Deque<Object> deep = new ArrayDeque<>();

        private double bytes;
        private int characters = MOST_CHARACTERS;

        long weigh(Object value) {
            visit(value, MOST_OBJECTS, 0);
            while (!deep.isEmpty() && seen.size() < MOST_OBJECTS) {
                weighParts(deep.pop(), MOST_OBJECTS - seen.size(), 0);
            }
            return (long) Math.min(bytes, Long.MAX_VALUE >> 1);
        }

        /**
         * Weighs an object and its parts, unless that was done.
         * @param most how many objects may be visited, which is little more than a hint
         */
        private void visit(@Nullable Object object, int most, int depth) {
            if (object == null
                    || !HeldClasses.isOwned(object.getClass())
                    || isCached(object)
                    || seen.size() >= 2 * MOST_OBJECTS
                    || seen.put(object, Boolean.TRUE) != null) {
                return;
            }
            if (depth == DEEPEST) {
                deep.push(object);
            } else {
                weighParts(object, most - 1, depth);
            }
        }

        private void weighParts(Object object, int most, int depth) {
            try {
                weigh(object, most, depth);
            } catch (RuntimeException | LinkageError odd) {
                // A collection that changes meanwhile, or fails, counts with what was seen of it.
                bytes += shapes.of(object.getClass()).bytes();
            }
        }

        /** Small numbers are the same objects everywhere. */
        private boolean isCached(Object object) {
            return (object instanceof Integer
                            || object instanceof Long
                            || object instanceof Short
                            || object instanceof Byte)
                    && ((Number) object).longValue() == ((Number) object).byteValue();
        }

        private void weigh(Object object, int most, int depth) {
            Class<?> type = object.getClass();
            if (type.isArray()) {
                bytes += shapes.array(object);
                if (object instanceof Object[] array) {
                    sample(new Elements(array), most, depth);
                }
            } else if (HeldClasses.isOfTheJdk(type)) {
                weighJdk(object, most, depth);
            } else {
                int before = seen.size();
                weighFields(object, most, depth);
                if (extendsContainer(type)) {
                    weighJdk(object, most - (seen.size() - before), depth);
                }
            }
        }

        private void weighFields(Object object, int most, int depth) {
            HeapShapes.Shape shape = shapes.of(object.getClass());
            bytes += shape.bytes();
            int end = seen.size() + most;
            int left = shape.parts().size();
            for (Field part : shape.parts()) {
                try {
                    visit(part.get(object), (end - seen.size()) / left--, depth + 1);
                } catch (IllegalAccessException denied) {
                    throw new IllegalStateException(denied);
                }
            }
        }

        /** Weighs an object of the JDK without a look at its fields, which the JDK denies. */
        private void weighJdk(Object object, int most, int depth) {
            if (object instanceof String text) {
                int readable = Math.max(1, characters);
                characters -= Math.min(text.length(), readable);
                bytes += text(text, readable);
            } else if (object instanceof Collection<?> collection) {
                bytes += 48 + collection.size() * Containers.bytesOfElement(collection, shapes);
                sample(new Elements(collection), most, depth);
            } else if (object instanceof Map<?, ?> map) {
                bytes += 64 + map.size() * Containers.bytesOfEntry(map, shapes);
                int end = seen.size() + most;
                sample(new Elements(map.keySet()), most / 2, depth);
                sample(new Elements(map.values()), end - seen.size(), depth);
            } else if (object instanceof Map.Entry<?, ?> entry) {
                bytes += 24;
                visit(entry.getKey(), most / 2, depth + 1);
                visit(entry.getValue(), most / 2, depth + 1);
            } else if (object instanceof Optional<?> optional) {
                bytes += 16;
                visit(optional.orElse(null), most, depth + 1);
            } else if (object instanceof AtomicReference<?> holder) {
                bytes += 16;
                visit(holder.get(), most, depth + 1);
            } else {
                bytes += leaf(object);
            }
        }

        private long leaf(Object object) {
            if (object instanceof BigInteger number) {
                return 64 + number.bitLength() / 8;
            }
            if (object instanceof BigDecimal number) {
                return number.precision() <= 18
                        ? 40
                        : 104 + number.unscaledValue().bitLength() / 8;
            }
            if (object instanceof StringBuilder text) {
                return 24 + shapes.array(byte.class, text.capacity());
            }
            if (object instanceof StringBuffer text) {
                return 24 + shapes.array(byte.class, text.capacity());
            }
            if (object instanceof BitSet bits) {
                return 24 + shapes.array(long.class, bits.size() / 64);
            }
            if (object instanceof Buffer buffer) {
                return 56 + (buffer.isDirect() ? 0 : 16 + (long) buffer.capacity() * Containers.bytesOf(buffer));
            }
            if (object instanceof URI uri) {
                return 320 + 2L * uri.toString().length();
            }
            if (object instanceof URL url) {
                return 200 + 2L * (url.getFile().length() + url.getProtocol().length());
            }
            return shapes.of(object.getClass()).bytes();
        }

        /** Weighs the elements of a container; where they are too many, some of them, which stand for all. */
        private void sample(Elements elements, int most, int depth) {
            int size = elements.size();
            int end = seen.size() + most;
            double before = bytes;
            int looked = 0;
            int different = 0;
            Iterator<?> iterator = elements.iterator();
            while (looked < size && iterator.hasNext() && (looked < FEWEST || seen.size() < end)) {
                int known = seen.size();
                visit(iterator.next(), Math.max(FEWEST, (end - known) / 8), depth + 1);
                looked++;
                different += seen.size() > known ? 1 : 0;
            }
            if (looked < size && different > 0) {
                bytes = before + (bytes - before) * distinct(looked, different, size) / different;
            }
        }

        /**
         * How many different objects a number of references lead to, of which a sample was looked at: as many as the
         * same number of draws finds in a pool of which as many draws as the sample has find what the sample found.
         */
        private double distinct(int looked, int different, int size) {
            if (different == looked) {
                return size;
            }
            double low = different;
            double high = (double) size * looked;
            for (int i = 0; i < 60; i++) {
                double pool = (low + high) / 2;
                if (pool * -Math.expm1(-looked / pool) < different) {
                    low = pool;
                } else {
                    high = pool;
                }
            }
            return Math.max(different, Math.min(size, low * -Math.expm1(-size / low)));
        }

        private boolean extendsContainer(Class<?> type) {
            Class<?> parent = type;
            while (parent != null && !HeldClasses.isOfTheJdk(parent)) {
                parent = parent.getSuperclass();
            }
            return parent != null
                    && !parent.getSimpleName().startsWith("Abstract")
                    && (Collection.class.isAssignableFrom(parent) || Map.class.isAssignableFrom(parent));
        }
    }

    /** The elements of an array or a collection, in an order whose beginning is spread evenly, where that can be. */
    private record Elements(Object container) implements Iterable<@Nullable Object> {

        /** Near the golden section, by which steps through a range spread best. */
        private static final double STEP = 0.618;

        int size() {
            return container instanceof Object[] array ? array.length : ((Collection<?>) container).size();
        }

        @Override
        public Iterator<@Nullable Object> iterator() {
            if (container instanceof Object[] array) {
                return spread(index -> array[index]);
            }
            if (container instanceof List<?> list && container instanceof RandomAccess) {
                return spread(list::get);
            }
            @SuppressWarnings("unchecked")
            Collection<@Nullable Object> collection = (Collection<@Nullable Object>) container;
            return collection.iterator();
        }

        private Iterator<@Nullable Object> spread(IntFunction<@Nullable Object> element) {
            int size = size();
            int step = Math.max(1, (int) (STEP * size));
            while (divisor(step, size) > 1) {
                step++;
            }
            long coprime = step;
            return IntStream.range(0, size)
                    .<@Nullable Object>mapToObj(i -> element.apply((int) (i * coprime % size)))
                    .iterator();
        }

        private static int divisor(int a, int b) {
            return b == 0 ? a : divisor(b, a % b);
        }
    }
}
