package io.tinyllm.cache.redis;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The names of Redis keys: {@code <prefix><cache>:<generation>:<key>} for entries, with {@code :} and {@code %} in the
 * name of the cache escaped so that no two caches can share a Redis key, {@code <prefix><cache>:generation},
 * {@code <prefix><cache>:lease:<key>}, and {@code <prefix><cache>:retracted:<key>}, which exists for a moment only.
 * Immutable.
 */
final class RedisKeys {

    static final String GENERATION = "generation";
    static final String LEASE = "lease";
    static final String RETRACTED = "retracted";

    private static final byte SEPARATOR = ':';

    private final String keyPrefix;

    RedisKeys(String keyPrefix) {
        this.keyPrefix = keyPrefix;
    }

    /** The name of a cache as it stands in a key. */
    static String escape(String cacheName) {
        return cacheName.replace("%", "%25").replace(":", "%3A");
    }

    byte[] generation(String escapedName) {
        return bytes(keyPrefix + escapedName + ":" + GENERATION);
    }

    /** The prefix of the keys of the entries of a generation, or of leases. */
    byte[] section(String escapedName, String section) {
        return bytes(keyPrefix + escapedName + ":" + section + ":");
    }

    byte[] channel(String escapedName) {
        return bytes(keyPrefix + escapedName + ":invalidations");
    }

    static byte[] join(byte[] section, byte[] key) {
        byte[] joined = new byte[section.length + key.length];
        System.arraycopy(section, 0, joined, 0, section.length);
        System.arraycopy(key, 0, joined, section.length, key.length);
        return joined;
    }

    /** Takes a Redis key apart; null if it is none of ours. */
    @Nullable
    Parsed parse(byte[] redisKey) {
        int start = bytes(keyPrefix).length;
        int first = indexOf(redisKey, start);
        if (first < 0) {
            return null;
        }
        String cache = text(redisKey, start, first);
        int second = indexOf(redisKey, first + 1);
        if (second < 0) {
            return new Parsed(cache, text(redisKey, first + 1, redisKey.length), new byte[0]);
        }
        byte[] key = new byte[redisKey.length - second - 1];
        System.arraycopy(redisKey, second + 1, key, 0, key.length);
        return new Parsed(cache, text(redisKey, first + 1, second), key);
    }

    private static int indexOf(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == SEPARATOR) {
                return i;
            }
        }
        return -1;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The parts of a Redis key.
     * @param cache the escaped name of the cache
     * @param section the generation of an entry, {@link #LEASE}, {@link #RETRACTED}, or {@link #GENERATION}
     * @param key what follows, empty where nothing does
     */
    record Parsed(String cache, String section, byte[] key) {}
}
