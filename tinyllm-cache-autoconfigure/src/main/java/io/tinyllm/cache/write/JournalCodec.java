package io.tinyllm.cache.write;

/**
 * Writes keys and values of one cache as bytes of its journal, and reads them back. Safe for use by several threads;
 * nothing is null. Two keys are equal if and only if their bytes are. What it throws when writing makes the write go
 * to the store at once; what it throws when reading makes the operation a dead letter.
 */
interface JournalCodec {

    byte[] encodeKey(Object key);

    Object decodeKey(byte[] bytes);

    /** A value as bytes, and the type to read them by. */
    Encoded encodeValue(Object value);

    Object decodeValue(String type, byte[] bytes);

    /**
     * A value as it is recorded.
     *
     * @param type the type to read it by
     * @param bytes the value
     */
    record Encoded(String type, byte[] bytes) {}
}
