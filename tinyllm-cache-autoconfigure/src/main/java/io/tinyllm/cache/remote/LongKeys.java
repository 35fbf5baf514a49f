package io.tinyllm.cache.remote;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are too long to be stored under themselves, by the hash that stands for them: news of a hash has to be
 * told as news of a key. Those used longest ago are forgotten when they take too much memory; from then on an unknown
 * hash may stand for any key. Thread-safe.
 */
final class LongKeys {

    private static final long MAXIMUM_BYTES = 16L << 20;

    private final Map<String, Known> keys = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private boolean forgetful;

    synchronized void add(String hash, Object key, int size) {
        Known before = keys.put(hash, new Known(key, size));
        bytes += size - (before == null ? 0 : before.size);
        var oldest = keys.entrySet().iterator();
        while (bytes > MAXIMUM_BYTES && keys.size() > 1) {
            bytes -= oldest.next().getValue().size;
            oldest.remove();
            forgetful = true;
        }
    }

    synchronized @Nullable Object remove(String hash) {
        Known known = keys.remove(hash);
        if (known == null) {
            return null;
        }
        bytes -= known.size;
        return known.key;
    }

    /** Whether a hash that is not here may stand for a key that was in use. */
    synchronized boolean isForgetful() {
        return forgetful;
    }

    /** Forgets every key, none of which is held any more. */
    synchronized void clear() {
        keys.clear();
        bytes = 0;
        forgetful = false;
    }

    private record Known(Object key, int size) {}
}
