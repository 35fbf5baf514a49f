package io.tinyllm.cache.remote;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are too long to be stored under themselves, by the hash that stands for them: news of a hash has to be
 * told as news of a key. Those of least use are forgotten when they take too much memory; from then on an unknown
 * hash may stand for any key. Thread-safe.
 */
final class LongKeys {

    private static final long MAXIMUM_BYTES = 16L << 20;

    private volatile boolean forgetful;

    private final Cache<String, Known> keys = Caffeine.newBuilder()
            .maximumWeight(MAXIMUM_BYTES)
            .weigher((String hash, Known known) -> known.size)
            .evictionListener((hash, known, cause) -> forgetful = true)
            .executor(Runnable::run)
            .build();

    void add(String hash, Object key, int size) {
        keys.put(hash, new Known(key, size));
    }

    @Nullable
    Object remove(String hash) {
        Known known = keys.asMap().remove(hash);
        return known == null ? null : known.key;
    }

    /** Returns whether a hash that is not here may stand for a key that was in use. */
    boolean isForgetful() {
        return forgetful;
    }

    /** Forgets every key, none of which is held any more. */
    void clear() {
        forgetful = false;
        keys.invalidateAll();
    }

    private record Known(Object key, int size) {}
}
