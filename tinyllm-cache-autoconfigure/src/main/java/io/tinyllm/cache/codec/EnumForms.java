package io.tinyllm.cache.codec;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The forms of enum constants, by name, and of the JDK's containers of them. Stateless. */
@SuppressWarnings({"rawtypes", "unchecked"})
final class EnumForms {

    static final String CONSTANT = "enum ";
    static final String SET = "EnumSet ";
    static final String MAP = "EnumMap ";

    private EnumForms() {}

    static void addTo(JdkKinds.Table table) {
        table.add(new Containers("EnumSet", EnumForms::setForm), "RegularEnumSet", "JumboEnumSet");
        table.add(new Containers("EnumMap", EnumForms::mapForm), "EnumMap");
    }

    /** The form of an enum class. */
    static Form of(Class<?> type, int id) {
        return new Constant(type, id);
    }

    /** The form that a tag with the name of an enum class says; null if it says none. */
    static @Nullable Form ofTag(String tag, GraphReader in) {
        if (tag.startsWith(CONSTANT)) {
            return in.form(enumClass(in, tag.substring(CONSTANT.length())));
        }
        if (tag.startsWith(SET)) {
            return new SetOf(enumClass(in, tag.substring(SET.length())));
        }
        if (tag.startsWith(MAP)) {
            return new MapOf(enumClass(in, tag.substring(MAP.length())));
        }
        return null;
    }

    private static Class<?> enumClass(GraphReader in, String name) {
        Class<?> type = JdkEnums.of(name);
        if (type == null) {
            type = in.resolve(ClassRules.nameOf(name));
        }
        if (!type.isEnum()) {
            throw new UnreadableException(Fault.CLASS_CHANGED, "no enum");
        }
        return type;
    }

    private static void occurs(GraphWriter out, Class<?> type) {
        if (JdkEnums.of(type.getName()) != type) {
            ClassRules.requireName(type);
            out.occurs(type);
        }
    }

    static Object constant(Class<?> type, String name) {
        try {
            return Enum.valueOf((Class) type, name);
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(Fault.CLASS_CHANGED, "no such constant");
        }
    }

    private static Form setForm(Object value) {
        EnumSet<?> set = (EnumSet<?>) value;
        EnumSet<?> others = set.isEmpty() ? EnumSet.complementOf((EnumSet) set) : set;
        if (others.isEmpty()) {
            throw new Refusal("a set of an enum without constants");
        }
        return new SetOf(others.iterator().next().getDeclaringClass());
    }

    private static Form mapForm(Object value) {
        Map<?, ?> map = (Map<?, ?>) value;
        Class<?> type = map.isEmpty()
                ? SerialParts.enumClass(value)
                : ((Enum<?>) map.keySet().iterator().next()).getDeclaringClass();
        if (type == null) {
            throw new Refusal("an empty EnumMap whose class of keys cannot be seen");
        }
        return new MapOf(type);
    }

    /** The constants of one enum class. */
    private static final class Constant extends Form {

        private final Class<?> type;
        private final int id;
        private final boolean known;

        Constant(Class<?> type, int id) {
            super(CONSTANT + ClassRules.tagOf(type));
            this.type = type;
            this.id = id;
            this.known = JdkEnums.of(type.getName()) == type;
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
            if (!known) {
                out.name(id, type);
            }
            out.json().writeString(((Enum<?>) value).name());
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            if (!known) {
                in.require(id, type);
            }
            return constant(type, in.text());
        }
    }

    /** Sets and maps, whose tag names the class of their keys. */
    private static final class Containers extends Form {

        private final java.util.function.Function<Object, Form> exact;

        Containers(String tag, java.util.function.Function<Object, Form> exact) {
            super(tag);
            this.exact = exact;
        }

        @Override
        Form exact(Object value) {
            return exact.apply(value);
        }

        @Override
        boolean isNamedByPlaces() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            throw new IllegalStateException("The exact form writes it");
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            throw new UnreadableException("a container of no enum");
        }
    }

    private static final class SetOf extends Form {

        private final Class<?> type;

        SetOf(Class<?> type) {
            super(SET + ClassRules.tagOf(type));
            this.type = type;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            occurs(out, type);
            out.json().writeStartArray();
            for (Enum<?> constant : (EnumSet<?>) value) {
                out.json().writeString(constant.name());
            }
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            EnumSet set = EnumSet.noneOf((Class) type);
            in.array();
            while (in.json().nextToken() != JsonToken.END_ARRAY) {
                if (!set.add(constant(type, in.text()))) {
                    throw new UnreadableException("parts that are equal");
                }
            }
            return set;
        }
    }

    private static final class MapOf extends Form {

        private final Class<?> type;

        MapOf(Class<?> type) {
            super(MAP + ClassRules.tagOf(type));
            this.type = type;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            occurs(out, type);
            List<Map.Entry<?, ?>> entries = new ArrayList<>(((Map<?, ?>) value).entrySet());
            out.json().writeStartArray();
            for (Map.Entry<?, ?> entry : entries) {
                out.json().writeString(((Enum<?>) entry.getKey()).name());
                out.value(entry.getValue(), place.second());
            }
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            EnumMap map = new EnumMap(type);
            in.made(number, map);
            in.array();
            while (in.json().nextToken() != JsonToken.END_ARRAY) {
                Object key = constant(type, in.text());
                in.json().nextToken();
                if (map.containsKey(key)) {
                    throw new UnreadableException("parts that are equal");
                }
                map.put(key, in.value(place.second()));
            }
            return map;
        }
    }
}
