package io.tinyllm.cache.benchmarks.writes;

import io.tinyllm.cache.write.JournalCodec;
import java.nio.charset.StandardCharsets;

/** Text as UTF-8, so that the journal is measured and not a mapper. */
final class TextCodec implements JournalCodec {

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
        return encodeKey(value);
    }

    @Override
    public Object decodeValue(byte[] bytes) {
        return decodeKey(bytes);
    }
}
