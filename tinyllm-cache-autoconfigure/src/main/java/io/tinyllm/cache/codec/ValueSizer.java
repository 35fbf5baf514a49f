package io.tinyllm.cache.codec;

import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The size of a value as JSON, as an ordinary mapper would write it; of text, its bytes in UTF-8. Nothing is built: the
 * bytes are counted, and no more of them than the limit asks for. Thread-safe.
 */
public final class ValueSizer {

    private static final int NULL = 4;

    private final JsonMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            .maxNestingDepth(500)
                            .build())
                    .build())
            .build();

    /**
     * The size of a value in bytes; any answer above the limit only says that it is larger.
     *
     * @throws UnsupportedValueException if there is no JSON of it
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
            mapper.writeValue(counter, value);
        } catch (JacksonException | EnoughException | StackOverflowError e) {
            if (counter.count <= limit) {
                throw new UnsupportedValueException(
                        value.getClass().getName(), "writing it as JSON fails with " + e.getClass());
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
