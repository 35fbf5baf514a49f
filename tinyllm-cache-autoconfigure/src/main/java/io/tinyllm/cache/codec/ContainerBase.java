package io.tinyllm.cache.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The container of the JDK that a class of the application extends, with its own methods rather than those that the
 * class puts in their place: what it holds is read and written as it is. Immutable.
 */
final class ContainerBase {

    private static final Set<Class<?>> EXTENSIBLE = Set.of(
            ArrayList.class,
            LinkedList.class,
            ArrayDeque.class,
            Vector.class,
            CopyOnWriteArrayList.class,
            HashSet.class,
            LinkedHashSet.class,
            HashMap.class,
            LinkedHashMap.class,
            ConcurrentHashMap.class);

    private static final MethodType NONE = MethodType.methodType(void.class);

    private final boolean map;
    private final boolean hashed;
    private final MethodHandle add;
    private final MethodHandle parts;
    private final MethodHandle size;
    private final MethodHandle clear;
    private final @Nullable MethodHandle copy;
    private final @Nullable MethodHandle get;

    private ContainerBase(Class<?> base, Class<?> type) throws ReflectiveOperationException {
        MethodHandles.Lookup in = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        map = Map.class.isAssignableFrom(base);
        hashed = map || Set.class.isAssignableFrom(base);
        add = map
                ? in.findSpecial(base, "put", MethodType.genericMethodType(2), type)
                : in.findSpecial(base, "add", MethodType.methodType(boolean.class, Object.class), type);
        parts = map
                ? in.findSpecial(base, "entrySet", MethodType.methodType(Set.class), type)
                : in.findSpecial(base, "iterator", MethodType.methodType(Iterator.class), type);
        size = in.findSpecial(base, "size", MethodType.methodType(int.class), type);
        clear = in.findSpecial(base, "clear", NONE, type);
        boolean linked = base == LinkedHashMap.class;
        copy = linked ? in.findSpecial(base, "clone", MethodType.genericMethodType(0), type) : null;
        get = linked ? in.findSpecial(base, "get", MethodType.genericMethodType(1), type) : null;
    }

    static boolean isExtensible(Class<?> base) {
        return EXTENSIBLE.contains(base);
    }

    /** @throws Refusal if its methods cannot be reached */
    static ContainerBase of(Class<?> base, Class<?> type) {
        try {
            return new ContainerBase(base, type);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new Refusal(type.getName() + " is in a module that does not open its package");
        }
    }

    boolean isMap() {
        return map;
    }

    boolean isHashed() {
        return hashed;
    }

    /** The parts of a collection. */
    Iterator<?> parts(Object container) {
        return (Iterator<?>) call(parts, container);
    }

    /** The pairs of a map. */
    @SuppressWarnings("unchecked")
    Collection<Map.Entry<?, ?>> pairs(Object container) {
        return (Collection<Map.Entry<?, ?>>) call(parts, container);
    }

    void add(Object container, @Nullable Object part) {
        call(add, container, part);
    }

    void put(Object container, @Nullable Object key, @Nullable Object value) {
        call(add, container, key, value);
    }

    int size(Object container) {
        return (int) call(size, container);
    }

    void clear(Object container) {
        call(clear, container);
    }

    /** Returns whether it is a map in the order in which its keys were asked for: a copy of it shows that. */
    boolean isByAccess(Object container) {
        if (copy == null || get == null) {
            return false;
        }
        Object copied = call(copy, container);
        if (size(copied) < 2) {
            clear(copied);
            put(copied, 1, 1);
            put(copied, 2, 2);
        }
        Object first = pairs(copied).iterator().next().getKey();
        call(get, copied, first);
        return pairs(copied).iterator().next().getKey() != first;
    }

    @SuppressWarnings("NullAway")
    private static Object call(MethodHandle method, @Nullable Object... arguments) {
        try {
            return method.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
