package io.tinyllm.cache.llm;

import io.tinyllm.cache.llm.BeanShape.Property;
import java.io.File;
import java.lang.reflect.Array;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The form in which values become part of a digest: equal values have the same, different ones have not. Sets and maps
 * have no order. Beans count by what can be read of them; functions and services that they hold are left out.
 * Stateless.
 */
final class ValueForm {

    private static final int DEEPEST = 32;

    private static final int NULL = 0;
    private static final int TEXT = 1;
    private static final int NUMBER = 2;
    private static final int TRUE = 3;
    private static final int FALSE = 4;
    private static final int BYTES = 5;
    private static final int LIST = 6;
    private static final int SET = 7;
    private static final int MAP = 8;
    private static final int BEAN = 9;
    private static final int ENUM = 10;
    private static final int VALUE = 11;
    private static final int OPTIONAL = 12;

    /** Classes of the JDK whose text is their value. */
    private static final Set<Class<?>> TEXTUAL = Set.of(
            Character.class,
            UUID.class,
            URI.class,
            URL.class,
            Locale.class,
            Currency.class,
            OptionalInt.class,
            OptionalLong.class,
            OptionalDouble.class);

    private static final List<Class<?>> FUNCTIONS =
            List.of(Runnable.class, Callable.class, Comparator.class, Executor.class, ClassLoader.class, Thread.class);

    /** Packages whose objects do something and hold nothing that a model sees. */
    private static final List<String> SERVICES = List.of(
            "java.util.function.",
            "java.util.concurrent.locks.",
            "java.net.http.",
            "io.micrometer.",
            "org.slf4j.",
            "org.apache.commons.logging.",
            "org.springframework.beans.",
            "org.springframework.context.",
            "org.springframework.core.retry.",
            "org.springframework.retry.",
            "org.springframework.web.client.",
            "org.springframework.web.reactive.",
            "tools.jackson.databind.ObjectMapper",
            "tools.jackson.databind.json.JsonMapper",
            "com.fasterxml.jackson.databind.ObjectMapper");

    private ValueForm() {}

    /**
     * Writes a value.
     * @param part the name of what it is part of, for messages
     * @throws NoStableTextException if it has no stable form
     */
    static void write(Bytes target, String part, @Nullable Object value) {
        write(target, part, value, 0);
    }

    /**
     * Writes the properties of a bean.
     * @param selection says which of them count
     */
    static void writeBean(Bytes target, String part, Object bean, Selection selection) {
        writeBean(target, part, bean, selection, 0);
    }

    private static void write(Bytes target, String part, @Nullable Object value, int depth) {
        if (depth > DEEPEST && value != null) {
            throw new NoStableTextException(part, value.getClass());
        }
        if (value == null) {
            target.writeTag(NULL);
        } else if (value instanceof CharSequence text) {
            target.writeTag(TEXT);
            target.writeText(text.toString());
        } else if (value instanceof Boolean truth) {
            target.writeTag(truth ? TRUE : FALSE);
        } else if (value instanceof Number number) {
            writeNumber(target, part, number);
        } else if (value instanceof Enum<?> constant) {
            target.writeTag(ENUM);
            target.writeText(constant.getDeclaringClass().getName());
            target.writeText(constant.name());
        } else if (value instanceof byte[] bytes) {
            target.writeTag(BYTES);
            target.writeBytes(bytes);
        } else if (value instanceof Map<?, ?> map) {
            writeMap(target, part, map, depth);
        } else if (value instanceof Collection<?> collection) {
            writeCollection(target, part, collection, depth);
        } else if (value instanceof Optional<?> optional) {
            target.writeTag(OPTIONAL);
            write(target, part, optional.orElse(null), depth + 1);
        } else if (value.getClass().isArray()) {
            writeArray(target, part, value, depth);
        } else if (isTextual(value)) {
            target.writeTag(VALUE);
            target.writeText(value.getClass().getName());
            target.writeText(text(value));
        } else {
            writeBean(target, part, value, Selection.ALL, depth);
        }
    }

    private static void writeNumber(Bytes target, String part, Number number) {
        if (!(number instanceof Integer
                || number instanceof Long
                || number instanceof Double
                || number instanceof Float
                || number instanceof Short
                || number instanceof Byte
                || number instanceof BigDecimal
                || number instanceof BigInteger)) {
            throw new NoStableTextException(part, number.getClass());
        }
        target.writeTag(NUMBER);
        boolean whole = number instanceof Long || number instanceof Short || number instanceof Byte;
        target.writeText(whole ? "java.lang.Integer" : number.getClass().getName());
        target.writeText(number.toString());
    }

    private static boolean isTextual(Object value) {
        return TEXTUAL.contains(value.getClass())
                || (value instanceof TemporalAccessor || value instanceof TemporalAmount || value instanceof ZoneId)
                        && value.getClass().getName().startsWith("java.time.")
                || value instanceof Path
                || value.getClass() == File.class
                || value instanceof Charset
                || value.getClass() == Date.class
                || value instanceof Class<?>;
    }

    private static String text(Object value) {
        return value instanceof Date date
                ? Long.toString(date.getTime())
                : value instanceof Class<?> type ? type.getName() : value.toString();
    }

    private static void writeCollection(Bytes target, String part, Collection<?> collection, int depth) {
        if (!(collection instanceof Set<?>)) {
            target.writeTag(LIST);
            target.writeInt(collection.size());
            for (Object element : collection) {
                write(target, part, element, depth + 1);
            }
            return;
        }
        byte[][] elements = new byte[collection.size()][];
        int at = 0;
        for (Object element : collection) {
            Bytes form = new Bytes();
            write(form, part, element, depth + 1);
            elements[at++] = form.toByteArray();
        }
        target.writeTag(SET);
        writeSorted(target, elements);
    }

    private static void writeMap(Bytes target, String part, Map<?, ?> map, int depth) {
        byte[][] entries = new byte[map.size()][];
        int at = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Bytes form = new Bytes();
            write(form, part, entry.getKey(), depth + 1);
            String inner = entry.getKey() instanceof String name ? part + "." + name : part;
            write(form, inner, entry.getValue(), depth + 1);
            entries[at++] = form.toByteArray();
        }
        target.writeTag(MAP);
        writeSorted(target, entries);
    }

    /** Writes what has no order in the order of its bytes. */
    static void writeSorted(Bytes target, byte[][] forms) {
        Arrays.sort(forms, Arrays::compare);
        target.writeInt(forms.length);
        for (byte[] form : forms) {
            target.writeBytes(form);
        }
    }

    private static void writeArray(Bytes target, String part, Object array, int depth) {
        int length = Array.getLength(array);
        target.writeTag(LIST);
        target.writeInt(length);
        for (int i = 0; i < length; i++) {
            write(target, part, Array.get(array, i), depth + 1);
        }
    }

    private static void writeBean(Bytes target, String part, Object bean, Selection selection, int depth) {
        Class<?> type = bean.getClass();
        if (isFunction(bean) || type.getName().startsWith("java.") || Proxy.isProxyClass(type)) {
            throw new NoStableTextException(part, type);
        }
        BeanShape shape = BeanShape.get(type);
        if (!shape.isComplete() || shape.properties().isEmpty() && !type.isRecord()) {
            throw new NoStableTextException(part, type);
        }
        target.writeTag(BEAN);
        target.writeText(type.getName());
        for (Property property : shape.properties()) {
            if (!selection.counts(property.name())) {
                continue;
            }
            String inner = part + "." + property.name();
            Object held = read(bean, property, inner);
            Object value = held == null ? null : selection.counted(property.name(), held);
            if (value == null || isFunction(value) || isService(property.type()) || isService(value.getClass())) {
                continue;
            }
            target.writeText(property.name());
            write(target, inner, value, depth + 1);
        }
    }

    private static @Nullable Object read(Object bean, Property property, String part) {
        try {
            return property.read(bean);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new NoStableTextException(part, property.type());
        }
    }

    private static boolean isFunction(Object value) {
        Class<?> type = value.getClass();
        if (type.isHidden() || type.isSynthetic()) {
            return true;
        }
        for (Class<?> function : FUNCTIONS) {
            if (function.isInstance(value)) {
                return true;
            }
        }
        return isFunction(type);
    }

    private static boolean isFunction(Class<?> type) {
        for (Class<?> level = type; level != null; level = level.getSuperclass()) {
            for (Class<?> contract : level.getInterfaces()) {
                if (contract.getPackageName().equals("java.util.function") || isFunction(contract)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isService(Class<?> type) {
        String name = type.getName();
        for (String service : SERVICES) {
            if (name.startsWith(service)) {
                return true;
            }
        }
        return false;
    }
}
