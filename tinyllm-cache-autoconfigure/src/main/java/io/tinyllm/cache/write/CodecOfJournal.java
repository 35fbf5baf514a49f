package io.tinyllm.cache.write;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;

/** The keys and values of one cache as the codecs of everything that leaves the process write them. Thread-safe. */
record CodecOfJournal(String cache, KeyCodec keys, ValueCodec values) implements JournalCodec {

    @Override
    public byte[] encodeKey(Object key) {
        return keys.encodeToRead(key);
    }

    @Override
    public Object decodeKey(byte[] bytes) {
        Object key = keys.decode(bytes);
        if (key == null) {
            throw new UnreadableException("A key of a type that may not be read back", null);
        }
        return key;
    }

    @Override
    public Encoded encodeValue(Object value) {
        ValueCodec.Encoded encoded = values.encode(cache, value);
        return new Encoded(encoded.type(), encoded.json());
    }

    @Override
    public Object decodeValue(String type, byte[] bytes) {
        ValueCodec.Decoded decoded = values.decode(cache, type, bytes);
        Object value = decoded.value();
        if (!decoded.ok() || value == null) {
            throw new UnreadableException("A value of type " + type + " that cannot be read: " + decoded.fault(), null);
        }
        return value;
    }
}
