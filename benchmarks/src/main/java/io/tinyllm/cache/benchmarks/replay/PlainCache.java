package io.tinyllm.cache.benchmarks.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;

/** A bare Caffeine of a bounded size that does its maintenance on the calling thread: the yardstick of the replays. */
final class PlainCache {

    private final Cache<Integer, Boolean> cache;
    private final Policy.Eviction<Integer, Boolean> eviction;

    PlainCache(long maximumSize) {
        cache = Caffeine.newBuilder()
                .maximumSize(maximumSize)
                .executor(Runnable::run)
                .build();
        eviction = cache.policy().eviction().orElseThrow();
    }

    /** Reads a key and adds it when it was absent; true when it was a hit. */
    boolean access(int key) {
        Integer boxed = key;
        if (cache.getIfPresent(boxed) != null) {
            return true;
        }
        cache.put(boxed, Boolean.TRUE);
        return false;
    }

    void resize(long maximumSize) {
        eviction.setMaximum(maximumSize);
    }

    long size() {
        return cache.estimatedSize();
    }
}
