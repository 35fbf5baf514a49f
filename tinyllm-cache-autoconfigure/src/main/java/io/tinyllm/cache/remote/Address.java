package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.KeyCodec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a key is stored: under its encoding or, where that is long, a hash of it. Immutable. */
final class Address {

    /** Operations of so many bytes are bounded well enough by their number. */
    private static final int SMALL = 1024;

    private final @Nullable Object key;
    private final byte[] encoded;
    private final byte[] bytes;
    private final String id;

    /** The address of a key, which is in use. */
    Address(byte[] encoded, Object key) {
        this.key = key;
        this.encoded = encoded;
        this.bytes = KeyCodec.shorten(encoded);
        this.id = new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The address of a key that was stored before, to be deleted. */
    Address(String id) {
        this.key = null;
        this.bytes = id.getBytes(StandardCharsets.ISO_8859_1);
        this.encoded = bytes;
        this.id = id;
    }

    /** The key itself, null where it is only to be deleted. */
    @Nullable
    Object key() {
        return key;
    }

    /** The whole encoding of the key. */
    byte[] encoded() {
        return encoded;
    }

    /** The key that it is stored under. */
    byte[] bytes() {
        return bytes;
    }

    /** The same as text. */
    String id() {
        return id;
    }

    /** The bytes that an operation on it takes with so many of a value, 0 for few. */
    long size(int length) {
        long sum = (long) encoded.length + length;
        return sum <= SMALL ? 0 : sum;
    }
}
