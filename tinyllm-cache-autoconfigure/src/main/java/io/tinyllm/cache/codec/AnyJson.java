package io.tinyllm.cache.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Values where no static type says enough. Text, {@code Boolean}, {@code Integer}, {@code Double}, null and lists are
 * plain JSON; anything else is an object of one member, whose name is the value's type, looked up among the allowed.
 */
final class AnyJson {

    private static final String SET = "set";
    private static final String SORTED_SET = "sortedSet";
    private static final String MAP = "map";
    private static final String SORTED_MAP = "sortedMap";
    private static final String OPTIONAL = "optional";
    private static final String ARRAY = "array";

    private AnyJson() {}

    /** A type was named that is not allowed. */
    static final class NotAllowedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotAllowedException() {
            super("not an allowed type", null, false, false);
        }
    }

    static final class Writer extends StdSerializer<Object> {

        private final ValueTypes types;

        Writer(ValueTypes types) {
            super(Object.class);
            this.types = types;
        }

        @Override
        public void serializeWithType(
                Object value, JsonGenerator out, SerializationContext context, TypeSerializer unused) {
            serialize(value, out, context);
        }

        @Override
        public void serialize(@Nullable Object value, JsonGenerator out, SerializationContext context) {
            if (value == null) {
                out.writeNull();
            } else if (value instanceof String text) {
                out.writeString(text);
            } else if (value instanceof Boolean bool) {
                out.writeBoolean(bool);
            } else if (value instanceof Integer number) {
                out.writeNumber(number);
            } else if (value instanceof Double number && Double.isFinite(number)) {
                out.writeNumber(number);
            } else if (value instanceof List<?> list && TypeShape.isJdk(value.getClass())) {
                parts(list, out, context);
            } else {
                out.writeStartObject();
                named(value, out, context);
                out.writeEndObject();
            }
        }

        private void named(Object value, JsonGenerator out, SerializationContext context) {
            boolean jdk = TypeShape.isJdk(value.getClass());
            if (jdk && value instanceof Set<?> set) {
                boolean sorted = value instanceof SortedSet<?> s && natural(value, s.comparator());
                out.writeName(sorted ? SORTED_SET : SET);
                parts(set, out, context);
            } else if (jdk && value instanceof Map<?, ?> map) {
                boolean sorted = value instanceof SortedMap<?, ?> s && natural(value, s.comparator());
                out.writeName(sorted ? SORTED_MAP : MAP);
                List<@Nullable Object> flat = new ArrayList<>(2 * map.size());
                map.forEach((key, part) -> {
                    flat.add(key);
                    flat.add(part);
                });
                parts(flat, out, context);
            } else if (value instanceof Optional<?> optional) {
                out.writeName(OPTIONAL);
                parts(optional.map(List::of).orElseGet(List::of), out, context);
            } else if (value.getClass() == Object[].class) {
                out.writeName(ARRAY);
                parts(Arrays.asList((Object[]) value), out, context);
            } else {
                leaf(value, out, context);
            }
        }

        private void leaf(Object value, JsonGenerator out, SerializationContext context) {
            Class<?> type = TypeShape.classOf(value);
            if (!types.allows(type)) {
                throw new UnsupportedValueException(
                        type.getTypeName(), "add it to tinyllm.cache.redis.allowed-types, or declare it");
            }
            JavaType javaType = context.constructType(type);
            if (type.isArray() && !(TypeShape.isClosed(javaType) && TypeShape.describes(javaType, value))) {
                throw new UnsupportedValueException(type.getTypeName(), "its elements are of other types");
            }
            out.writeName(type.getTypeName());
            context.findTypedValueSerializer(javaType, true).serialize(value, out, context);
        }

        private void parts(Collection<?> parts, JsonGenerator out, SerializationContext context) {
            out.writeStartArray();
            for (Object part : parts) {
                serialize(part, out, context);
            }
            out.writeEndArray();
        }

        private static boolean natural(Object value, @Nullable Comparator<?> order) {
            if (order != null) {
                throw new UnsupportedValueException(value.getClass().getName(), "its comparator would be lost");
            }
            return true;
        }
    }

    static final class Reader extends StdDeserializer<Object> {

        private final ValueTypes types;

        Reader(ValueTypes types) {
            super(Object.class);
            this.types = types;
        }

        @Override
        public @Nullable Object deserializeWithType(
                JsonParser in, DeserializationContext context, TypeDeserializer unused) {
            return deserialize(in, context);
        }

        @Override
        @SuppressWarnings("NullAway") // null is a value here
        public @Nullable Object deserialize(JsonParser in, DeserializationContext context) {
            return switch (in.currentToken()) {
                case VALUE_NULL -> null;
                case VALUE_STRING -> in.getString();
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_NUMBER_INT -> in.getIntValue();
                case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
                case START_ARRAY -> parts(in, context);
                case START_OBJECT -> named(in, context);
                default -> context.reportInputMismatch(this, "no value");
            };
        }

        private @Nullable Object named(JsonParser in, DeserializationContext context) {
            String name = in.nextName();
            if (name == null) {
                return context.reportInputMismatch(this, "no type");
            }
            JsonToken start = in.nextToken();
            Object value = switch (name) {
                case SET -> new LinkedHashSet<>(parts(in, context));
                case SORTED_SET -> new TreeSet<>(parts(in, context));
                case MAP -> map(parts(in, context), new LinkedHashMap<>());
                case SORTED_MAP -> map(parts(in, context), new TreeMap<>());
                case OPTIONAL -> parts(in, context).stream().findFirst();
                case ARRAY -> parts(in, context).toArray();
                default -> leaf(name, start, in, context);
            };
            if (in.nextToken() != JsonToken.END_OBJECT) {
                return context.reportInputMismatch(this, "more than one type");
            }
            return value;
        }

        private Object leaf(String name, JsonToken start, JsonParser in, DeserializationContext context) {
            Class<?> type = types.resolve(name);
            if (type == null) {
                throw new NotAllowedException();
            }
            return start == JsonToken.VALUE_NULL
                    ? context.reportInputMismatch(this, "null under a type")
                    : context.readValue(in, context.constructType(type));
        }

        private List<@Nullable Object> parts(JsonParser in, DeserializationContext context) {
            if (!in.isExpectedStartArrayToken()) {
                return context.reportInputMismatch(this, "no array");
            }
            List<@Nullable Object> parts = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                parts.add(deserialize(in, context));
            }
            return parts;
        }

        private Map<@Nullable Object, @Nullable Object> map(
                List<@Nullable Object> flat, Map<@Nullable Object, @Nullable Object> map) {
            for (int i = 0; i < flat.size(); i += 2) {
                map.put(flat.get(i), flat.get(i + 1));
            }
            return map;
        }
    }
}
