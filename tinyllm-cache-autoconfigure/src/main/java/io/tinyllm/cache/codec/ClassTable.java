package io.tinyllm.cache.codec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A value for every class, made at its first use and kept for as long as both the class and this table live. Of a class
 * that outlives this library (the JDK's, or one of a parent of our class loader) the table itself keeps it, of all
 * others the class does, so that neither a server nor an application keeps the other's class loader. Thread-safe.
 * @param <T> the type of the values
 */
final class ClassTable<T> {

    private final Map<Class<?>, T> ofOlder = new ConcurrentHashMap<>();
    private final Function<Class<?>, T> create;
    private final ClassValue<T> ofOthers = new ClassValue<>() {
        @Override
        protected T computeValue(Class<?> type) {
            return create.apply(type);
        }
    };

    /**
     * Makes an empty table.
     * @param create makes the value of a class; may ask the table for other classes
     */
    ClassTable(Function<Class<?>, T> create) {
        this.create = create;
    }

    T get(Class<?> type) {
        T known = ofOlder.get(type);
        if (known != null) {
            return known;
        }
        if (!outlivesUs(type)) {
            return ofOthers.get(type);
        }
        T created = create.apply(type);
        T before = ofOlder.putIfAbsent(type, created);
        return before == null ? created : before;
    }

    private static boolean outlivesUs(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        if (JdkClasses.isJdk(type)) {
            return true;
        }
        ClassLoader ours = ClassTable.class.getClassLoader();
        for (ClassLoader older = ours == null ? null : ours.getParent(); older != null; older = older.getParent()) {
            if (older == loader) {
                return true;
            }
        }
        return false;
    }
}
