package io.tinyllm.cache.write;

import java.nio.charset.StandardCharsets;

/** Strings as UTF-8. "unencodable" and "undecodable" are what their names say, until they are well. */
final class StringCodec implements JournalCodec {

    volatile boolean keysAreWell;
    volatile boolean valuesAreWell;

    @Override
    public byte[] encodeKey(Object key) {
        return ((String) key).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Object decodeKey(byte[] bytes) {
        String key = new String(bytes, StandardCharsets.UTF_8);
        if (key.equals("undecodable") && !keysAreWell) {
            throw new IllegalArgumentException("undecodable");
        }
        return key;
    }

    @Override
    public Encoded encodeValue(Object value) {
        if (value.equals("unencodable")) {
            throw new IllegalArgumentException("unencodable");
        }
        return new Encoded("text", ((String) value).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Object decodeValue(String type, byte[] bytes) {
        String value = new String(bytes, StandardCharsets.UTF_8);
        if (value.equals("undecodable") && !valuesAreWell) {
            throw new IllegalArgumentException("undecodable");
        }
        return value;
    }
}
