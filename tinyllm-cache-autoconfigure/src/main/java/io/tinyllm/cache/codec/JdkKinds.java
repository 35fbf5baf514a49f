package io.tinyllm.cache.codec;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The closed table of the JDK's classes that have a stored form: by class name for writing, by tag for reading.
 * Immutable.
 */
final class JdkKinds {

    private static final Table TABLE = new Table();

    static {
        Lists.addTo(TABLE);
        HashedForms.addTo(TABLE);
        SortedForms.addTo(TABLE);
        Wrappers.addTo(TABLE);
        SmallForms.addTo(TABLE);
        EnumForms.addTo(TABLE);
        PrimitiveArrays.addTo(TABLE);
        JdkLeaves.byTag().values().forEach(TABLE::add);
    }

    private JdkKinds() {}

    /** The form of a class of the JDK; null if it has none. */
    static @Nullable Form of(Class<?> type) {
        Form leaf = JdkLeaves.of(type);
        return leaf != null ? leaf : TABLE.byClass.get(type.getName());
    }

    /** The form that is marked with this tag, which names no class; null if there is none. */
    static @Nullable Form ofTag(String tag) {
        return TABLE.byTag.get(tag);
    }

    /** The table while it is built. */
    static final class Table {

        private final Map<String, Form> byClass = new HashMap<>();
        private final Map<String, Form> byTag = new HashMap<>();

        /** Adds a form, and the classes of {@code java.util} that it is of. */
        Form add(Form form, String... classes) {
            if (byTag.put(form.tag(), form) != null || form.isDotted()) {
                throw new IllegalStateException(form.tag());
            }
            view(form, classes);
            return form;
        }

        /** Adds classes of {@code java.util} whose objects come back as those of another class, with equal contents. */
        void view(Form form, String... classes) {
            for (String name : classes) {
                addClass(form, "java.util." + name);
            }
        }

        /** Adds a class by its whole name. */
        void addClass(Form form, String name) {
            if (byClass.put(name, form) != null) {
                throw new IllegalStateException(name);
            }
        }
    }
}
