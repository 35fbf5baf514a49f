package io.tinyllm.cache.memory;

import io.tinyllm.cache.KeyPartitioner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/** Ways to assign keys to partitions. Each is thread-safe and answers the same for equal keys. */
final class Partitioning {

    private Partitioning() {}

    /**
     * Spreads keys evenly, by their hash code.
     * @param count how many partitions
     */
    public static ToIntFunction<Object> byHash(int count) {
        return key -> (int) ((mix(key.hashCode()) & 0xffff_ffffL) * count >>> 32);
    }

    /** The finalizer of MurmurHash3: neighbouring hash codes, as numbers have them, must not fall together. */
    private static int mix(int hash) {
        int h = hash;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }

    /**
     * Gives every prefix a partition, in the order in which they turn up. Prefixes beyond the count, and keys without
     * one, share the last, so that keys cannot create partitions without bound.
     * @param count how many partitions
     * @param separator what ends the prefix of a key's text
     */
    public static ToIntFunction<Object> byPrefix(int count, String separator) {
        int last = count - 1;
        AtomicInteger next = new AtomicInteger();
        ConcurrentHashMap<String, Integer> known = new ConcurrentHashMap<>();
        return key -> {
            String text = key.toString();
            int end = text.indexOf(separator);
            if (end < 0 || last == 0) {
                return last;
            }
            String prefix = text.substring(0, end);
            Integer partition = known.get(prefix);
            if (partition != null) {
                return partition;
            }
            if (next.get() >= last) {
                return last;
            }
            return known.computeIfAbsent(prefix, unknown -> Math.min(next.getAndIncrement(), last));
        };
    }

    /**
     * Asks the application; what is out of range, or fails, goes to the last.
     * @param count how many partitions
     * @param partitioner what to ask
     * @param onError runs whenever it fails
     */
    public static ToIntFunction<Object> by(int count, KeyPartitioner partitioner, Runnable onError) {
        return key -> {
            int partition = -1;
            try {
                partition = partitioner.partition(key, count);
            } catch (Throwable e) {
                onError.run();
                return count - 1;
            }
            if (partition < 0 || partition >= count) {
                onError.run();
                return count - 1;
            }
            return partition;
        };
    }
}
