package io.tinyllm.cache;

/**
 * Assigns keys to partitions. A bean of this type is used by the caches whose {@code memory.partitions.by} is its name.
 * Called on every access, on the caller's thread: to be thread-safe, fast, and the same for equal keys.
 */
@FunctionalInterface
public interface KeyPartitioner {

    /**
     * The partition of a key.
     * @param key the key
     * @param partitions how many partitions there are
     * @return from 0 to {@code partitions - 1}; any other answer, and an exception, means the last partition
     */
    int partition(Object key, int partitions);
}
