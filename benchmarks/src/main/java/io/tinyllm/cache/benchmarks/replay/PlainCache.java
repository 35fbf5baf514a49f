package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;

/**
 * A bare Caffeine of a bounded size that does its maintenance on the calling thread: the yardstick of the replays. It
 * is resized as the product does it.
 */
final class PlainCache {

    private static final CacheEntry PRESENT =
            CacheEntry.Factory.PLAIN.create(null, 0, CacheEntry.NEVER, CacheEntry.Policy.NONE);

    private final CaffeineMemoryTier cache;

    PlainCache(long maximumSize) {
        cache = CaffeineMemoryTier.keeping(maximumSize, () -> 0, Runnable::run, CacheEntry.NEVER);
    }

    /** Reads a key and adds it when it was absent; true when it was a hit. */
    boolean access(int key) {
        Integer boxed = key;
        if (cache.get(boxed) != null) {
            return true;
        }
        cache.put(boxed, PRESENT);
        return false;
    }

    void resize(long maximumSize) {
        cache.resize(maximumSize);
    }

    /** How many entries were evicted since the beginning. */
    long evictions() {
        return cache.evictions();
    }

    long size() {
        return cache.size();
    }
}
