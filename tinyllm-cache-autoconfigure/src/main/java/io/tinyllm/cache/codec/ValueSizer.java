package io.tinyllm.cache.codec;

import io.tinyllm.cache.StoredForm;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The size of a value's stored form; of text, its bytes in UTF-8. Nothing is built: the bytes are counted, and no more
 * of them than the limit asks for. Thread-safe.
 */
public final class ValueSizer {

    private static final int NULL = 4;
    private static final ClassAccess ANY = new ClassAccess() {
        @Override
        public @Nullable Class<?> resolve(String className) {
            return null;
        }

        @Override
        public void written(Class<?> type) {
            // it is not
        }
    };

    private final ValueGraph graph;

    /** Of values without stored forms given by the application. */
    public ValueSizer() {
        this(List.of());
    }

    /**
     * @param forms of types that have none of their own
     */
    public ValueSizer(List<? extends StoredForm<?>> forms) {
        this.graph = new ValueGraph(ValueLimits.DEFAULT, forms);
    }

    /**
     * The size of a value in bytes; any answer above the limit only says that it is larger.
     *
     * @throws UnsupportedValueException if it has no stored form
     */
    public long sizeOf(@Nullable Object value, long limit) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof CharSequence text) {
            return Utf8.length(text, limit);
        }
        Counter counter = new Counter(limit);
        try {
            graph.write(counter, value, ANY);
        } catch (UnsupportedValueException e) {
            if (counter.count <= limit) {
                throw e;
            }
        }
        return counter.count;
    }

    /** The limit is passed. */
    private static final class EnoughException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        EnoughException() {
            super(null, null, false, false);
        }
    }

    private static final class Counter extends OutputStream {

        private final long limit;
        private long count;

        Counter(long limit) {
            this.limit = limit;
        }

        @Override
        public void write(int b) {
            add(1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            add(length);
        }

        private void add(int length) {
            count += length;
            if (count > limit) {
                throw new EnoughException();
            }
        }
    }
}
