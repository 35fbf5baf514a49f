package io.tinyllm.cache.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;

/**
 * Jackson's annotations, and three rules more: no property is left out, sealed hierarchies tell their subclasses apart
 * by a closed set of names, and members whose type says too little name their values' types.
 */
final class CacheIntrospector extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1L;

    private final transient AnyJson.Writer writer;
    private final transient AnyJson.Reader reader;

    CacheIntrospector(AnyJson.Writer writer, AnyJson.Reader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public JsonInclude.Value findPropertyInclusion(MapperConfig<?> config, Annotated annotated) {
        return JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS);
    }

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        JsonTypeInfo.Value own = super.findPolymorphicTypeInfo(config, annotated);
        if (own == null && annotated instanceof AnnotatedClass && TypeShape.isSealedHierarchy(annotated.getRawType())) {
            return JsonTypeInfo.Value.construct(
                    JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, "@type", null, false, true);
        }
        return own;
    }

    @Override
    public @Nullable Object findSerializer(MapperConfig<?> config, Annotated annotated) {
        Object own = super.findSerializer(config, annotated);
        return own == null && isOpen(config, annotated) ? writer : own;
    }

    @Override
    public @Nullable Object findDeserializer(MapperConfig<?> config, Annotated annotated) {
        Object own = super.findDeserializer(config, annotated);
        return own == null && isOpen(config, annotated) ? reader : own;
    }

    private boolean isOpen(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedMember
                && annotated.getType() != null
                && super.findPolymorphicTypeInfo(config, annotated) == null
                && !TypeShape.isClosed(annotated.getType());
    }
}
