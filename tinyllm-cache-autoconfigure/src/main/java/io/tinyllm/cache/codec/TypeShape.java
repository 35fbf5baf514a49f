package io.tinyllm.cache.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/** What a static type says about the values that it describes. Stateless. */
final class TypeShape {

    /** The types that are names of JSON members in one way only; maps by other keys are written part by part. */
    private static final Set<Class<?>> PLAIN_KEYS = Set.of(
            String.class,
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            UUID.class,
            LocalDate.class,
            LocalDateTime.class,
            Instant.class);

    private TypeShape() {}

    /** Whether the type alone suffices to read a value back as it was; otherwise the value must name its type. */
    static boolean isClosed(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (type.isArrayType()) {
            return isClosed(type.getContentType());
        }
        if (ValueTypes.isValue(raw) || raw.isEnum() || raw == Class.class) {
            return true;
        }
        if (type.isMapLikeType()) {
            return isJdk(raw) && isPlainKey(type.getKeyType()) && isClosed(type.getContentType());
        }
        if (type.isCollectionLikeType() || type.isReferenceType() || raw == Iterable.class) {
            JavaType content = type.containedTypeOrUnknown(0);
            return isJdk(raw) && isClosed(content);
        }
        if (isPolymorphic(raw)) {
            return true;
        }
        if (isJdk(raw) || raw == Object.class || raw.isInterface() || Modifier.isAbstract(raw.getModifiers())) {
            return false;
        }
        for (JavaType argument : type.getBindings().getTypeParameters()) {
            if (!isClosed(argument)) {
                return false;
            }
        }
        return type.getBindings().size() == raw.getTypeParameters().length;
    }

    /** Whether a closed type describes the value exactly, so that reading it by that type gives an equal value. */
    static boolean describes(JavaType type, @Nullable Object value) {
        if (value == null) {
            return !type.isPrimitive();
        }
        Class<?> raw = type.getRawClass();
        if (value.getClass() == raw && !type.isContainerType() && !type.isReferenceType()) {
            return true; // the common case, before anything that asks the class
        }
        if (!type.isPrimitive() && !raw.isInstance(value)) {
            return false;
        }
        if (type.isArrayType()) {
            return value.getClass() == raw
                    && (!(value instanceof Object[] parts)
                            || describesAll(type.getContentType(), Arrays.asList(parts)));
        }
        if (value instanceof Optional<?> optional) {
            return optional.isEmpty() || describes(type.containedTypeOrUnknown(0), optional.get());
        }
        if (value instanceof Map<?, ?> map && type.isMapLikeType()) {
            return sameContainer(raw, value) && describesAll(type.getKeyType(), type.getContentType(), map);
        }
        if (value instanceof Collection<?> parts) {
            return sameContainer(raw, value) && describesAll(type.containedTypeOrUnknown(0), parts);
        }
        return isPolymorphic(raw) || classOf(value) == boxed(raw);
    }

    /** The class that names the type of a value: that of an enum for its constants, and {@code ZoneId} for regions. */
    static Class<?> classOf(Object value) {
        if (value instanceof Enum<?> constant) {
            return constant.getDeclaringClass();
        }
        return value instanceof ZoneId && !(value instanceof ZoneOffset) ? ZoneId.class : value.getClass();
    }

    static boolean isJdk(Class<?> type) {
        return type.getName().startsWith("java.");
    }

    /** Whether the class itself says how its subclasses are told apart. */
    static boolean isPolymorphic(@Nullable Class<?> type) {
        if (type == null || type == Object.class) {
            return false;
        }
        if (isSealedHierarchy(type) || type.isAnnotationPresent(JsonTypeInfo.class)) {
            return true;
        }
        for (Class<?> parent : type.getInterfaces()) {
            if (parent.isAnnotationPresent(JsonTypeInfo.class)) {
                return true;
            }
        }
        return type.getSuperclass() != null && type.getSuperclass().isAnnotationPresent(JsonTypeInfo.class);
    }

    static boolean isSealedHierarchy(Class<?> type) {
        return type.isSealed() && !Enum.class.isAssignableFrom(type) && !isJdk(type);
    }

    private static boolean describesAll(JavaType key, JavaType content, Map<?, ?> map) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() == null || !describes(key, entry.getKey()) || !describes(content, entry.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean describesAll(JavaType content, Iterable<?> parts) {
        for (Object part : parts) {
            if (!describes(content, part)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameContainer(Class<?> raw, Object value) {
        if (value instanceof SortedSet<?> set && set.comparator() != null
                || value instanceof SortedMap<?, ?> map && map.comparator() != null) {
            return false; // the order would be lost
        }
        if (raw == Collection.class || raw == Iterable.class) {
            return value instanceof List; // which is what comes back
        }
        return raw.isInterface() || raw == value.getClass();
    }

    private static boolean isPlainKey(JavaType type) {
        Class<?> raw = type.getRawClass();
        return raw.isEnum() || PLAIN_KEYS.contains(raw);
    }

    static Class<?> boxed(Class<?> type) {
        return type.isPrimitive() ? MethodType.methodType(type).wrap().returnType() : type;
    }
}
