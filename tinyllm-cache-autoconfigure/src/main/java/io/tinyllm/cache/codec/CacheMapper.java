package io.tinyllm.cache.codec;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * The JSON of stored values: the state of an object, which is its fields, complete and by name. It is not the JSON of an
 * application's interface, where computed properties are welcome and missing ones are forgiven.
 */
final class CacheMapper {

    private CacheMapper() {}

    static JsonMapper create(ValueTypes types, ValueLimits limits, List<? extends JacksonModule> modules) {
        AnyJson.Writer writer = new AnyJson.Writer(types);
        AnyJson.Reader reader = new AnyJson.Reader(types);
        SimpleModule own = new SimpleModule("tinyllm-cache")
                .addSerializer(ValueCodec.AnyValue.class, new AnyValueWriter(writer))
                .addDeserializer(ValueCodec.AnyValue.class, new AnyValueReader(reader))
                .addDeserializer(Object.class, reader)
                .addDeserializer(Class.class, new ClassReader(types))
                .addAbstractTypeMapping(Set.class, LinkedHashSet.class)
                .setSerializerModifier(new StrictProperties());
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(limits.depth())
                        .maxStringLength(limits.textLength())
                        .maxDocumentLength(limits.documentLength())
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(limits.depth())
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .addModules(List.copyOf(modules))
                .addModule(own)
                .annotationIntrospector(new CacheIntrospector(writer, reader))
                .polymorphicTypeValidator(new AllowedSubtypes(types))
                .changeDefaultVisibility(visibility -> visibility
                        .withFieldVisibility(Visibility.ANY)
                        .withGetterVisibility(Visibility.NONE)
                        .withIsGetterVisibility(Visibility.NONE)
                        .withSetterVisibility(Visibility.NONE))
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(
                        DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
                        DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS,
                        DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
                        DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID)
                .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
                .build();
    }

    private static final class AnyValueWriter extends StdSerializer<ValueCodec.AnyValue> {

        private final AnyJson.Writer writer;

        AnyValueWriter(AnyJson.Writer writer) {
            super(ValueCodec.AnyValue.class);
            this.writer = writer;
        }

        @Override
        public void serialize(ValueCodec.AnyValue any, JsonGenerator out, SerializationContext context) {
            writer.serialize(any.value(), out, context);
        }
    }

    private static final class AnyValueReader extends StdDeserializer<ValueCodec.AnyValue> {

        private final AnyJson.Reader reader;

        AnyValueReader(AnyJson.Reader reader) {
            super(ValueCodec.AnyValue.class);
            this.reader = reader;
        }

        @Override
        public ValueCodec.AnyValue deserialize(JsonParser in, DeserializationContext context) {
            Object value = reader.deserialize(in, context);
            return value == null ? context.reportInputMismatch(this, "null") : new ValueCodec.AnyValue(value);
        }
    }

    /** Reads classes as values without loading any. */
    @SuppressWarnings("rawtypes")
    private static final class ClassReader extends StdDeserializer<Class> {

        private final ValueTypes types;

        ClassReader(ValueTypes types) {
            super(Class.class);
            this.types = types;
        }

        @Override
        public Class<?> deserialize(JsonParser in, DeserializationContext context) {
            Class<?> type = types.resolve(in.getString());
            if (type == null) {
                throw new AnyJson.NotAllowedException();
            }
            return type;
        }
    }

    /** Keeps an application's own annotations with class names to the allowed types. */
    private static final class AllowedSubtypes extends PolymorphicTypeValidator {

        private static final long serialVersionUID = 1L;

        private final transient ValueTypes types;

        AllowedSubtypes(ValueTypes types) {
            this.types = types;
        }

        @Override
        public Validity validateBaseType(DatabindContext context, JavaType base) {
            return Validity.INDETERMINATE;
        }

        @Override
        public Validity validateSubClassName(DatabindContext context, JavaType base, String name) {
            return types.resolve(name) == null ? Validity.DENIED : Validity.ALLOWED;
        }

        @Override
        public Validity validateSubType(DatabindContext context, JavaType base, JavaType subtype) {
            return types.allows(subtype.getRawClass()) ? Validity.ALLOWED : Validity.DENIED;
        }
    }
}
