package io.tinyllm.cache.access;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/**
 * The bound of the bytes that the keys of accesses may take while nobody has looked at them, for all caches together.
 * Keys of up to {@value #LIGHT} bytes cost nothing: the number of accesses is bounded as well. Weights are powers of
 * two, so that one fits into a few bits. Thread-safe.
 */
public final class AccessBytes {

    static final int LIGHT = 256;

    /** The weight of a key for which there is no room. */
    static final int NO_ROOM = -1;

    private static final int PART_OF_HEAP = 64;

    private final long maximum;
    private final AtomicLong taken = new AtomicLong();

    /**
     * Creates a bound of which nothing is taken.
     * @param maximum the most bytes
     */
    public AccessBytes(long maximum) {
        this.maximum = maximum;
    }

    /** The bound for this JVM: a sixty-fourth of the heap. */
    public static AccessBytes ofHeap() {
        return new AccessBytes(maximumOfHeap());
    }

    /** The bytes of that bound. */
    public static long maximumOfHeap() {
        return Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    }

    /** Takes the bytes of a key; returns its weight, which gives them back, or {@link #NO_ROOM}. */
    int take(Object key, ToLongFunction<Object> weigher) {
        int weight = weight(key, weigher);
        if (weight > 0 && taken.addAndGet(bytes(weight)) > maximum) {
            give(weight);
            return NO_ROOM;
        }
        return weight;
    }

    void give(int weight) {
        if (weight > 0) {
            taken.addAndGet(-bytes(weight));
        }
    }

    /** The bytes that are taken. */
    long taken() {
        return taken.get();
    }

    /** The binary logarithm of about the bytes of a key, rounded up; 0 for a light one. */
    private static int weight(Object key, ToLongFunction<Object> weigher) {
        long size = LightKeys.size(key);
        if (size != LightKeys.UNTOLD && size <= LightKeys.LENGTH) {
            return 0;
        }
        long bytes = size == LightKeys.UNTOLD ? weigher.applyAsLong(key) : size;
        return bytes <= LIGHT ? 0 : Long.SIZE - Long.numberOfLeadingZeros(bytes - 1);
    }

    /** The bytes that a weight stands for, at least those of the key and less than twice as many; 0 for a light one. */
    static long bytes(int weight) {
        return weight == 0 ? 0 : 1L << Math.min(weight, Long.SIZE - 3);
    }
}
