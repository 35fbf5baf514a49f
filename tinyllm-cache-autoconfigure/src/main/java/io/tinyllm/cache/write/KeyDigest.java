package io.tinyllm.cache.write;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The first 128 bits of the SHA-256 of a key's bytes: what stands for a key where keys are too large to be held.
 *
 * @param high the first eight bytes
 * @param low the next eight
 */
record KeyDigest(long high, long low) {

    static final int BYTES = 16;

    static KeyDigest of(byte[] key) {
        try {
            return read(ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(key)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    static KeyDigest read(ByteBuffer bytes) {
        return new KeyDigest(bytes.getLong(), bytes.getLong());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }
}
