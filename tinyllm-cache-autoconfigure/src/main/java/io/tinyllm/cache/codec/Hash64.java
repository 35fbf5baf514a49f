package io.tinyllm.cache.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A 64-bit hash that is the same in every process. Each step is a bijection of the state, so a change within one
 * 8-byte word always changes the result; any other change goes unseen once in 2^64. Not a defence against forgery.
 * The constants are those of the SplitMix64 and Murmur3 finalisers. Stateless.
 */
final class Hash64 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEED = 0x9E3779B97F4A7C15L;
    private static final long PRIME = 0xBF58476D1CE4E5B9L;

    private Hash64() {}

    static long of(byte[] bytes, int offset, int length) {
        long hash = SEED ^ length;
        int end = offset + length;
        int i = offset;
        for (; i + 8 <= end; i += 8) {
            hash = step(hash, (long) LONGS.get(bytes, i));
        }
        if (i < end) {
            long tail = 0;
            for (int shift = 0; i < end; i++, shift += 8) {
                tail |= (bytes[i] & 0xFFL) << shift;
            }
            hash = step(hash, tail);
        }
        return finish(hash);
    }

    static long of(String text) {
        int length = text.length();
        long hash = ~SEED ^ length;
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            hash = step(
                    hash,
                    text.charAt(i)
                            | (long) text.charAt(i + 1) << 16
                            | (long) text.charAt(i + 2) << 32
                            | (long) text.charAt(i + 3) << 48);
        }
        if (i < length) {
            long tail = 0;
            for (int shift = 0; i < length; i++, shift += 16) {
                tail |= (long) text.charAt(i) << shift;
            }
            hash = step(hash, tail);
        }
        return finish(hash);
    }

    static long of(long value, int kind) {
        return finish(step(SEED + kind, value));
    }

    private static long step(long hash, long word) {
        long h = (hash ^ word) * PRIME;
        return h ^ (h >>> 32);
    }

    private static long finish(long hash) {
        long h = hash;
        h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return h ^ (h >>> 33);
    }
}
