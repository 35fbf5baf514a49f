package io.tinyllm.cache.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How keys that are neither values of the JDK nor records are taken apart into keys. Thread-safe. Whoever uses it
 * checks that what is joined again equals what was split, so a key that loses a part is refused rather than trusted.
 */
public interface BeanKeys {

    /** Refuses every key. */
    BeanKeys NONE = new BeanKeys() {
        @Override
        public String shape(Class<?> type) {
            throw refused(type);
        }

        @Override
        public List<@Nullable Object> split(Object key) {
            throw refused(key.getClass());
        }

        @Override
        public Object join(Class<?> type, List<@Nullable Object> parts) {
            throw refused(type);
        }

        private UnsupportedKeyException refused(Class<?> type) {
            return new UnsupportedKeyException(
                    type.getName(), "only values of the JDK, enums, records and collections of them can");
        }
    };

    /**
     * A text that is another as soon as the class has other parts.
     *
     * @throws UnsupportedKeyException if its objects are no keys
     */
    String shape(Class<?> type);

    /**
     * The parts of a key.
     *
     * @throws UnsupportedKeyException if it has none
     */
    List<@Nullable Object> split(Object key);

    /**
     * A key with these parts.
     *
     * @throws RuntimeException if there is none
     */
    Object join(Class<?> type, List<@Nullable Object> parts);
}
