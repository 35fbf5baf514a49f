package io.tinyllm.cache.codec;

import io.tinyllm.cache.StoredForm;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values as JSON that says everything of them, so that they come back equal, or not at all. A reader makes only objects
 * of classes that {@link ValueTypes} allows. Where a cache has declared types, its values are instances of one of them,
 * so that a record of another release or hand is no ClassCastException in the application. Thread-safe; nulls are
 * values.
 */
public final class ValueCodec {

    private static final String NULL = "null";
    private static final byte[] NULL_JSON = NULL.getBytes(StandardCharsets.US_ASCII);

    private final ValueTypes types;
    private final ValueLimits limits;
    private final ValueGraph graph;

    /**
     * A value as it is stored: the name of its class, for people and meters alone, and its JSON, which says what it is
     * read by.
     */
    public record Encoded(String type, byte[] json) {}

    /** A value that was read, which may be null, or why there is none. */
    public record Decoded(@Nullable Object value, @Nullable Fault fault) {

        public boolean ok() {
            return fault == null;
        }
    }

    /**
     * @param forms of types that have none of their own
     * @throws IllegalArgumentException if two of them are of one type, or one is of a type that has a form of its own
     */
    public ValueCodec(ValueTypes types, ValueLimits limits, List<? extends StoredForm<?>> forms) {
        this.types = types;
        this.limits = limits;
        this.graph = new ValueGraph(limits, forms);
    }

    /**
     * The stored form of a value of a cache.
     *
     * @throws UnsupportedValueException if it could not be read back as it is; it says which part, and why
     */
    public Encoded encode(String cache, @Nullable Object value) {
        if (value == null) {
            return new Encoded(NULL, NULL_JSON);
        }
        if (!types.fits(cache, value.getClass())) {
            throw new UnsupportedValueException(
                    ClassRules.stableName(value.getClass()), "the methods of the cache return other types");
        }
        LimitedOutput out = new LimitedOutput(limits.documentLength());
        graph.write(out, value, types.access(cache));
        return new Encoded(value.getClass().getTypeName(), out.toByteArray());
    }

    /** The value of a stored form, or why there is none; never throws. The type is not looked at. */
    public Decoded decode(String cache, String type, byte[] json) {
        try {
            Object value = graph.read(json, types.access(cache));
            return value == null || types.fits(cache, value.getClass())
                    ? new Decoded(value, null)
                    : new Decoded(null, Fault.TYPE_NOT_ALLOWED);
        } catch (UnreadableException e) {
            return new Decoded(null, e.fault());
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            return new Decoded(null, Fault.UNREADABLE);
        }
    }

    /** Keys of allowed classes that are neither values of the JDK nor records, written field by field. */
    public BeanKeys beanKeys() {
        return new FieldKeys(graph.forms());
    }

    /** Bytes up to a limit. */
    private static final class LimitedOutput extends ByteArrayOutputStream {

        private final int limit;

        LimitedOutput(int limit) {
            super(1024);
            this.limit = limit;
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            if (length > limit - count) {
                throw new Refusal("its JSON is longer than " + limit + " bytes");
            }
            super.write(bytes, offset, length);
        }
    }
}
