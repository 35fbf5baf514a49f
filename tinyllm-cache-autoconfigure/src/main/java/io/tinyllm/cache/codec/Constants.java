package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one class that are static final fields of it or of a class that it extends, such as Kotlin's objects
 * and type-safe enums. They are told apart by identity, and so written by name. Immutable.
 */
final class Constants {

    private static final String CONSTANT = "constant ";
    private static final Constants NONE = new Constants(List.of());

    private final List<Constant> constants;

    private Constants(List<Constant> constants) {
        this.constants = constants;
    }

    static Constants of(Class<?> type) {
        List<Constant> found = new ArrayList<>(0);
        for (Class<?> k = type; k != null && !JdkClasses.isJdk(k); k = k.getSuperclass()) {
            for (Field field : k.getDeclaredFields()) {
                int modifiers = field.getModifiers();
                Class<?> declared = field.getType();
                if (Modifier.isStatic(modifiers)
                        && Modifier.isFinal(modifiers)
                        && declared != Object.class
                        && declared.isAssignableFrom(type)
                        && !JdkClasses.isJdk(declared)) {
                    add(type, field, found);
                }
            }
        }
        return found.isEmpty() ? NONE : new Constants(List.copyOf(found));
    }

    private static void add(Class<?> type, Field field, List<Constant> found) {
        Object object;
        try {
            field.setAccessible(true);
            object = field.get(null);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notThere) {
            return;
        }
        if (object != null
                && object.getClass() == type
                && found.stream().noneMatch(constant -> constant.object == object)) {
            String name = field.getDeclaringClass() == type
                    ? field.getName()
                    : field.getDeclaringClass().getName() + "/" + field.getName();
            found.add(new Constant(type, name, object));
        }
    }

    /** The form of an object that is such a constant; null if it is not. */
    @Nullable
    Form form(Object value) {
        for (int i = 0; i < constants.size(); i++) {
            if (constants.get(i).object == value) {
                return constants.get(i);
            }
        }
        return null;
    }

    /** The form that a tag with the name of a class says; null if it says none. */
    static @Nullable Form ofTag(String tag, GraphReader in) {
        if (!tag.startsWith(CONSTANT)) {
            return null;
        }
        Form form = in.form(in.resolve(ClassRules.nameOf(tag.substring(CONSTANT.length()))));
        if (form instanceof FieldsForm fields) {
            return new AnyConstant(tag, fields.constants());
        }
        throw new UnreadableException(Fault.CLASS_CHANGED, "no class with constants");
    }

    private Object named(String name) {
        for (Constant constant : constants) {
            if (constant.name.equals(name)) {
                return constant.object;
            }
        }
        throw new UnreadableException(Fault.CLASS_CHANGED, "no such constant");
    }

    /** One constant, to be written. */
    private static final class Constant extends Form {

        private final Class<?> type;
        private final String name;
        private final Object object;

        Constant(Class<?> type, String name, Object object) {
            super(CONSTANT + ClassRules.tagOf(type));
            this.type = type;
            this.name = name;
            this.object = object;
        }

        @Override
        boolean isCounted() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.occurs(type);
            out.json().writeString(name);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            throw new UnreadableException("no such form");
        }
    }

    /** Any constant of a class, to be read. */
    private static final class AnyConstant extends Form {

        private final Constants constants;

        AnyConstant(String tag, Constants constants) {
            super(tag);
            this.constants = constants;
        }

        @Override
        boolean isCounted() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            throw new IllegalStateException("A constant writes itself");
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return constants.named(in.text());
        }
    }
}
