package io.tinyllm.cache.codec;

/**
 * How keys that are neither values of the JDK nor records are written. Thread-safe. Whoever uses it checks that what
 * is read back equals what was written, so an encoding that loses part of the key is refused rather than trusted.
 */
public interface BeanKeys {

    /** Refuses every key. */
    BeanKeys NONE = new BeanKeys() {
        @Override
        public byte[] write(Object key) {
            throw new UnsupportedKeyException(
                    key.getClass().getName(), "only values of the JDK, enums, records and collections of them can");
        }

        @Override
        public Object read(Class<?> type, byte[] bytes) {
            throw new UnsupportedKeyException(type.getName(), "nothing reads it");
        }
    };

    /**
     * The bytes of a key.
     *
     * @throws UnsupportedKeyException if it has none
     */
    byte[] write(Object key);

    /**
     * The key that these bytes were made of.
     *
     * @throws RuntimeException if they were not made of one
     */
    Object read(Class<?> type, byte[] bytes);
}
