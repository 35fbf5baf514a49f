package io.tinyllm.cache.codec;

import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The walk from a declared type to everything that it names and holds: type arguments, elements, superclasses, the
 * types of fields, permitted subclasses. Types of the JDK are gone through, not into. For one thread.
 */
final class HeldTypes {

    /** The most classes that are looked into, however far a library's types lead. */
    private static final int MOST = 10_000;

    private final BiConsumer<String, Class<?>> found;
    private final Set<Type> seen = new HashSet<>();
    private final Deque<Type> pending = new ArrayDeque<>();

    /**
     * @param found takes each class, once, by its binary name
     */
    HeldTypes(BiConsumer<String, Class<?>> found) {
        this.found = found;
    }

    void walk(Type declared) {
        add(declared);
        while (!pending.isEmpty()) {
            look(pending.poll());
        }
    }

    private void add(Type type) {
        if (seen.size() < MOST && seen.add(type)) {
            pending.add(type);
        }
    }

    private void look(Type type) {
        if (type instanceof Class<?> named) {
            lookInto(named);
        } else if (type instanceof ParameterizedType generic) {
            add(generic.getRawType());
            List.of(generic.getActualTypeArguments()).forEach(this::add);
        } else if (type instanceof GenericArrayType array) {
            add(array.getGenericComponentType());
        } else if (type instanceof WildcardType wildcard) {
            List.of(wildcard.getUpperBounds()).forEach(this::add);
            List.of(wildcard.getLowerBounds()).forEach(this::add);
        } else if (type instanceof TypeVariable<?> variable) {
            List.of(variable.getBounds()).forEach(this::add);
        }
    }

    private void lookInto(Class<?> type) {
        if (type.isArray()) {
            add(type.getComponentType());
            return;
        }
        if (type.isPrimitive() || type.getName().startsWith("java.")) {
            return;
        }
        found.accept(type.getName(), type);
        try {
            if (type.getGenericSuperclass() != null) {
                add(type.getGenericSuperclass());
            }
            if (type.isSealed()) {
                List.of(type.getPermittedSubclasses()).forEach(this::add);
            }
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    add(field.getGenericType());
                }
            }
        } catch (LinkageError | TypeNotPresentException | SecurityException partsMissing) {
            // What the class path lacks cannot be read back either.
            return;
        }
    }
}
