package io.tinyllm.cache.write;

/**
 * How keys and values become bytes of the journal and come back. Safe for use by several threads; nothing is null. Two keys
 * are equal if and only if their bytes are. What it throws when encoding makes the write go to the store at once; what it
 * throws when decoding leaves the record in the journal, unread.
 */
public interface JournalCodec {

    byte[] encodeKey(Object key);

    Object decodeKey(byte[] bytes);

    byte[] encodeValue(Object value);

    Object decodeValue(byte[] bytes);
}
