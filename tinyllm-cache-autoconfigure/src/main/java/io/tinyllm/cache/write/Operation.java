package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/**
 * The last thing that happened to a key.
 *
 * @param value null for a deletion; a {@link StoredValue} where the value is on the disk alone
 * @param sequence orders the operations of a key; unique
 * @param size the estimated length of key and value in bytes
 */
record Operation(Object key, @Nullable Object value, long sequence, long size) {

    /** The memory of an operation beside its key and value, in bytes. */
    private static final int OVERHEAD = 256;

    /** A value that is read when it is needed. */
    interface StoredValue {

        /**
         * Reads the value.
         *
         * @throws UnreadableException if it cannot be, now or ever
         */
        Object read();

        /** The type by which it was written. */
        String type();

        /** The length of its key, which is in memory, in bytes. */
        default long keyBytes() {
            return 0;
        }
    }

    boolean isDeletion() {
        return value == null;
    }

    /**
     * The value itself, null for a deletion.
     *
     * @throws UnreadableException if it is on the disk and cannot be read
     */
    @Nullable
    Object load() {
        return value instanceof StoredValue stored ? stored.read() : value;
    }

    /** The estimated bytes of memory that it takes. */
    long held() {
        return OVERHEAD + (value instanceof StoredValue stored ? stored.keyBytes() : size);
    }

    /** The class of the value, or by what type it was written; empty for a deletion. */
    String type() {
        return value == null
                ? ""
                : value instanceof StoredValue stored
                        ? stored.type()
                        : value.getClass().getName();
    }
}
