package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.KeyCodec;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The keys that this JVM may hold something of, by what they are stored under: news of a stored key has to be told as
 * news of a key of the application's, and most keys cannot, or should not, be made from bytes that others may have
 * written. Text, whole numbers and UUIDs can, and are not kept here. Those used longest ago are given up when they take
 * too much memory, once what is held of them has been dropped. Thread-safe.
 */
final class KnownKeys {

    private static final int OVERHEAD = 200;
    private static final byte HASHED = '#';

    private Map<String, Known> keys = empty();
    private final long maximumBytes;
    private long bytes;

    KnownKeys(long maximumBytes) {
        this.maximumBytes = maximumBytes;
    }

    /** Notes that a key is in use, and answers whether there are too many of them. */
    boolean add(String id, Object key, int encodedLength) {
        if (isPlain(key) && encodedLength <= KeyCodec.SHORT) {
            return false;
        }
        Known known = new Known(id, key, encodedLength + OVERHEAD);
        synchronized (this) {
            Known before = keys.put(id, known);
            bytes += known.size - (before == null ? 0 : before.size);
            return isTooMuch();
        }
    }

    /** The key that is stored under some bytes, null if this JVM cannot hold anything of it. */
    @Nullable
    Object find(byte[] stored, KeyCodec codec) {
        if (isPlain(stored)) {
            return codec.decode(stored);
        }
        synchronized (this) {
            Known known = keys.get(new String(stored, StandardCharsets.ISO_8859_1));
            return known == null ? null : known.key;
        }
    }

    /** The key that was used longest ago where there are too many, else null. */
    synchronized @Nullable Known excess() {
        return isTooMuch() ? keys.values().iterator().next() : null;
    }

    /** Gives a key up, unless it was used since. */
    synchronized void remove(Known known) {
        if (keys.remove(known.id, known)) {
            bytes -= known.size;
        }
    }

    private static Map<String, Known> empty() {
        return new LinkedHashMap<>(16, 0.75f, true);
    }

    /** Forgets every key, and leaves them to the garbage collector: whoever catches up does not wait for that. */
    synchronized void clear() {
        keys = empty();
        bytes = 0;
    }

    private boolean isTooMuch() {
        return bytes > maximumBytes && keys.size() > 1;
    }

    private static boolean isPlain(Object key) {
        return key instanceof String || key instanceof Long || key instanceof Integer || key instanceof UUID;
    }

    private static boolean isPlain(byte[] stored) {
        if (stored.length == 0 || stored.length > KeyCodec.SHORT || stored[0] == HASHED) {
            return false;
        }
        byte first = stored[0];
        if (first == 'u') {
            return true; // text that is not well-formed, and UUIDs
        }
        return (first == 's' || first == 'l' || first == 'i') && stored.length > 1 && stored[1] < 'A';
    }

    /** A key in use. Compared by identity. */
    static final class Known {

        private final String id;
        private final Object key;
        private final int size;

        private Known(String id, Object key, int size) {
            this.id = id;
            this.key = key;
            this.size = size;
        }

        Object key() {
            return key;
        }
    }
}
