package io.tinyllm.cache.codec;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The forms of the JDK's small things: optionals, references, entries, plain objects and classes. Stateless. */
final class SmallForms {

    private static final Map<String, Class<?>> PRIMITIVES = Map.of(
            "boolean", boolean.class,
            "byte", byte.class,
            "short", short.class,
            "char", char.class,
            "int", int.class,
            "long", long.class,
            "float", float.class,
            "double", double.class,
            "void", void.class);

    private SmallForms() {}

    static void addTo(JdkKinds.Table table) {
        table.add(new OptionalForm(), "Optional");
        table.add(new ReferenceForm(), "concurrent.atomic.AtomicReference");
        Form entry = new Entry("SimpleEntry", AbstractMap.SimpleEntry::new);
        table.add(entry, "AbstractMap$SimpleEntry");
        table.view(
                entry, "HashMap$Node", "HashMap$TreeNode", "LinkedHashMap$Entry", "TreeMap$Entry", "Hashtable$Entry");
        table.view(entry, "concurrent.ConcurrentHashMap$MapEntry", "EnumMap$EntryIterator$Entry");
        Form fixed = new Entry("SimpleImmutableEntry", AbstractMap.SimpleImmutableEntry::new);
        table.add(fixed, "AbstractMap$SimpleImmutableEntry");
        table.view(fixed, "Collections$UnmodifiableMap$UnmodifiableEntrySet$UnmodifiableEntry");
        table.add(new Entry("entry", SmallForms::entry), "KeyValueHolder");
        table.addClass(table.add(new PlainObject()), "java.lang.Object");
        table.addClass(table.add(new ClassForm()), "java.lang.Class");
    }

    private static Map.Entry<?, ?> entry(@Nullable Object key, @Nullable Object value) {
        if (key == null || value == null) {
            throw new UnreadableException("null where there is none");
        }
        return Map.entry(key, value);
    }

    /** The class of this name: a primitive type, one of the JDK that has a stored form, an array, or an allowed one. */
    static Class<?> classOf(GraphReader in, String name) {
        if (name.endsWith("[]")) {
            if (name.length() - name.indexOf("[]") > 2 * ObjectArrays.MOST_DIMENSIONS) {
                throw new UnreadableException("an array of too many dimensions");
            }
            return classOf(in, name.substring(0, name.length() - 2)).arrayType();
        }
        Class<?> known = PRIMITIVES.get(name);
        if (known == null) {
            known = JdkTypes.of(name);
        }
        return known != null ? known : in.resolve(name);
    }

    /** Notes that a class is named in a value. */
    static void occurs(GraphWriter out, Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        if (!element.isPrimitive() && JdkTypes.of(element.getName()) != element) {
            ClassRules.requireName(element);
            out.occurs(element);
        }
    }

    /** An optional, which is a value and so not counted. */
    private static final class OptionalForm extends Form {

        OptionalForm() {
            super("Optional");
        }

        @Override
        boolean isCounted() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Optional<?> optional = (Optional<?>) value;
            out.json().writeStartArray();
            if (optional.isPresent()) {
                out.value(optional.get(), place.first());
            }
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            if (in.json().nextToken() == JsonToken.END_ARRAY) {
                return Optional.empty();
            }
            Object value = in.present(place.first());
            in.endOfArray();
            return Optional.of(value);
        }
    }

    private static final class ReferenceForm extends Form {

        ReferenceForm() {
            super("AtomicReference");
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeStartArray();
            out.value(((AtomicReference<?>) value).get(), place.first());
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            AtomicReference<@Nullable Object> reference = new AtomicReference<>();
            in.made(number, reference);
            in.array();
            in.json().nextToken();
            reference.set(in.value(place.first()));
            in.endOfArray();
            return reference;
        }
    }

    private static final class Entry extends Form {

        private final BiFunction<@Nullable Object, @Nullable Object, Map.Entry<?, ?>> of;

        Entry(String tag, BiFunction<@Nullable Object, @Nullable Object, Map.Entry<?, ?>> of) {
            super(tag);
            this.of = of;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Map.Entry<?, ?> entry = (Map.Entry<?, ?>) value;
            out.json().writeStartArray();
            out.value(entry.getKey(), place.first());
            out.value(entry.getValue(), place.second());
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            Object key = in.value(place.first());
            in.json().nextToken();
            Object value = in.value(place.second());
            in.endOfArray();
            return of.apply(key, value);
        }
    }

    /** An object that is nothing but itself, such as a monitor. */
    private static final class PlainObject extends Form {

        PlainObject() {
            super("Object");
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeNull();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return new Object();
        }
    }

    private static final class ClassForm extends Form {

        ClassForm() {
            super("class");
        }

        @Override
        boolean isCounted() {
            return false;
        }

        @Override
        boolean isPlainValue() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Class<?> type = (Class<?>) value;
            occurs(out, type);
            out.json().writeString(type.getTypeName());
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return classOf(in, in.text());
        }
    }
}
