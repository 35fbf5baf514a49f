package io.tinyllm.cache.codec;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as JSON together with the type to read them by. A value is written by the first type declared for its cache
 * that describes it exactly, else by its class where that is allowed, else part by part with the types of the parts. A
 * reader resolves only what {@link ValueTypes} allows. Where a cache has declared types, its values are instances of
 * one of them, so that a record of another release or hand is no ClassCastException in the application. Thread-safe;
 * nulls are values.
 */
public final class ValueCodec {

    private static final String NULL = "null";
    private static final String ANY = "?";
    private static final byte[] NULL_JSON = NULL.getBytes(StandardCharsets.US_ASCII);

    private final ValueTypes types;
    private final ValueLimits limits;
    private final JsonMapper mapper;
    private final Map<Type, Form> forms = new ConcurrentHashMap<>();
    private final Set<String> proven = ConcurrentHashMap.newKeySet();

    /** A value as it is stored: its type id, which is text of at most some hundred characters, and its JSON. */
    public record Encoded(String type, byte[] json) {}

    /** A value that was read, which may be null, or why there is none. */
    public record Decoded(@Nullable Object value, @Nullable Fault fault) {

        public boolean ok() {
            return fault == null;
        }
    }

    /**
     * @param modules of Jackson, for types of the application that it does not know
     */
    public ValueCodec(ValueTypes types, ValueLimits limits, List<? extends JacksonModule> modules) {
        this.types = types;
        this.limits = limits;
        this.mapper = CacheMapper.create(types, limits, modules);
    }

    /**
     * The stored form of a value of a cache.
     *
     * @throws UnsupportedValueException if it could not be read back as it is
     */
    public Encoded encode(String cache, @Nullable Object value) {
        if (value == null) {
            return new Encoded(NULL, NULL_JSON);
        }
        if (!fits(cache, value)) {
            throw new UnsupportedValueException(
                    value.getClass().getName(), "the methods of the cache return other types");
        }
        RuntimeException refusal = null;
        for (Form form : forms(cache, value)) {
            try {
                return encode(cache, form, form.id().equals(ANY) ? new AnyValue(value) : value);
            } catch (JacksonException | UnsupportedValueException e) {
                refusal = refusal == null ? e : refusal; // the next type may still do
            } catch (StackOverflowError e) {
                throw unsupported(value, e);
            }
        }
        throw unsupported(value, refusal);
    }

    /** What the value may be written as, best first. */
    private List<Form> forms(String cache, Object value) {
        List<Form> candidates = new ArrayList<>(2);
        for (Type declared : types.declared(cache)) {
            Form form = form(declared);
            if (form.closed() && TypeShape.describes(form.type(), value)) {
                candidates.add(form);
            }
        }
        if (candidates.isEmpty()) {
            Class<?> named = TypeShape.classOf(value);
            boolean exact = types.allows(named)
                    && form(named).closed()
                    && TypeShape.describes(form(named).type(), value);
            candidates.add(exact ? form(named) : form(AnyValue.class));
        }
        return candidates;
    }

    /** The value of a stored form, or why there is none; never throws. */
    public Decoded decode(String cache, String type, byte[] json) {
        if (type.equals(NULL)) {
            return Arrays.equals(json, NULL_JSON) ? new Decoded(null, null) : new Decoded(null, Fault.UNREADABLE);
        }
        Form form = resolve(cache, type);
        if (form == null) {
            return new Decoded(null, Fault.TYPE_NOT_ALLOWED);
        }
        try {
            Object value = read(form, json);
            if (value == null) {
                return new Decoded(null, Fault.UNREADABLE);
            }
            return fits(cache, value) ? new Decoded(value, null) : new Decoded(null, Fault.TYPE_NOT_ALLOWED);
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            return new Decoded(null, isNotAllowed(e) ? Fault.TYPE_NOT_ALLOWED : Fault.UNREADABLE);
        }
    }

    /** Keys of allowed classes that are neither values of the JDK nor records, written as JSON. */
    public BeanKeys beanKeys() {
        return new BeanKeys() {
            @Override
            public byte[] write(Object key) {
                return mapper.writerFor(key.getClass()).writeValueAsBytes(key);
            }

            @Override
            public Object read(Class<?> type, byte[] bytes) {
                return mapper.readerFor(type).readValue(bytes);
            }
        };
    }

    private Encoded encode(String cache, Form form, Object value) {
        LimitedOutput out = new LimitedOutput(limits.documentLength());
        form.writer().writeValue(out, value);
        byte[] json = out.toByteArray();
        // a type that can be written but not read shows itself at the first value which is not empty
        String proof = form.id().equals(ANY) ? ANY + cache : form.id();
        if (json.length > NULL.length() && !proven.contains(proof)) {
            read(form, json);
            proven.add(proof);
        }
        return new Encoded(form.id(), json);
    }

    private static @Nullable Object read(Form form, byte[] json) {
        Object value = form.reader().readValue(json);
        return value instanceof AnyValue any ? any.value() : value;
    }

    private @Nullable Form resolve(String cache, String id) {
        if (id.equals(ANY)) {
            return form(AnyValue.class);
        }
        for (Type declared : types.declared(cache)) {
            Form form = form(declared);
            if (form.id().equals(id)) {
                return form;
            }
        }
        Class<?> named = types.resolve(id);
        return named == null ? null : form(named);
    }

    private boolean fits(String cache, Object value) {
        List<Type> declared = types.declared(cache);
        for (Type type : declared) {
            if (TypeShape.boxed(form(type).type().getRawClass()).isInstance(value)) {
                return true;
            }
        }
        return declared.isEmpty();
    }

    private Form form(Type type) {
        Form known = forms.get(type);
        return known != null ? known : forms.computeIfAbsent(type, this::newForm);
    }

    private Form newForm(Type type) {
        JavaType javaType = mapper.constructType(type);
        String id = type == AnyValue.class
                ? ANY
                : type instanceof Class<?> named ? named.getTypeName() : javaType.toCanonical();
        return new Form(
                id, javaType, TypeShape.isClosed(javaType), mapper.writerFor(javaType), mapper.readerFor(javaType));
    }

    /** What is known of a type: its id, whether it suffices to read a value, and how its values are written and read. */
    private record Form(String id, JavaType type, boolean closed, ObjectWriter writer, ObjectReader reader) {}

    private static boolean isNotAllowed(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof AnyJson.NotAllowedException) {
                return true;
            }
        }
        return false;
    }

    private static UnsupportedValueException unsupported(Object value, @Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof UnsupportedValueException known) {
                return known;
            }
        }
        String name = failure == null ? "" : failure.getClass().getName(); // its message may quote the value
        return new UnsupportedValueException(
                value.getClass().getName(), "writing it as JSON and reading it back fails with " + name);
    }

    /** Whatever value, to be written with its type. */
    record AnyValue(Object value) {}

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
                throw new UnsupportedValueException("unknown", "its JSON is longer than " + limit + " bytes");
            }
            super.write(bytes, offset, length);
        }
    }
}
