package io.tinyllm.cache.write;

import java.nio.charset.StandardCharsets;

/** Strings as UTF-8. A value "unencodable" and a value "undecodable" are what their names say. */
final class StringCodec implements JournalCodec {

    @Override
    public byte[] encodeKey(Object key) {
        return ((String) key).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Object decodeKey(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public byte[] encodeValue(Object value) {
        if (value.equals("unencodable")) {
            throw new IllegalArgumentException("unencodable");
        }
        return ((String) value).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Object decodeValue(byte[] bytes) {
        String value = new String(bytes, StandardCharsets.UTF_8);
        if (value.equals("undecodable")) {
            throw new IllegalArgumentException("undecodable");
        }
        return value;
    }
}
