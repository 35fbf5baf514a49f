package io.tinyllm.cache.assembly;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.write.JournalCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The keys and values of one cache in its journal. What could not be read back by the next process is refused. Thread-safe. */
record CodecOfJournal(String cache, KeyCodec keys, ValueCodec values) implements JournalCodec {

    @Override
    public byte[] encodeKey(Object key) {
        return keys.encodeToRead(key);
    }

    @Override
    public Object decodeKey(byte[] bytes) {
        Object key = keys.decode(bytes);
        if (key == null) {
            throw new IllegalArgumentException("A key of a type that may not be read back");
        }
        return key;
    }

    @Override
    public byte[] encodeValue(Object value) {
        ValueCodec.Encoded encoded = values.encode(cache, value);
        byte[] type = encoded.type().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + type.length + encoded.json().length)
                .putInt(type.length)
                .put(type)
                .put(encoded.json())
                .array();
    }

    @Override
    public Object decodeValue(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        byte[] type = new byte[buffer.getInt()];
        buffer.get(type);
        byte[] json = new byte[buffer.remaining()];
        buffer.get(json);
        ValueCodec.Decoded decoded = values.decode(cache, new String(type, StandardCharsets.UTF_8), json);
        Object value = decoded.value();
        if (!decoded.ok() || value == null) {
            throw new IllegalArgumentException("A value that may not be read back: " + decoded.fault());
        }
        return value;
    }
}
