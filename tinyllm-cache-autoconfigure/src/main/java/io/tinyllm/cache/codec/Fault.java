package io.tinyllm.cache.codec;

/** Why stored bytes are not an answer. Every one of them is a miss; the name, in lower case, tags a counter. */
public enum Fault {
    /** Not one of our records at all. */
    BAD_MAGIC,
    /** A record of another version of the format. */
    VERSION,
    /** Shorter than it says. */
    TRUNCATED,
    /** Some byte is not what was written. */
    CHECKSUM,
    /** The record of another key with the same short key. */
    KEY_MISMATCH,
    /** The value's type may not be read back here. */
    TYPE_NOT_ALLOWED,
    /** A class of which the value is made has other fields or constants by now, or is none any more. */
    CLASS_CHANGED,
    /** The value's bytes do not make a value. */
    UNREADABLE
}
