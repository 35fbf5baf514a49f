package io.tinyllm.cache.codec;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The parts that Hibernate loads late, told by the names of its interfaces: proxies of entities, collections, and
 * attributes of entities whose code was enhanced. What is not loaded is refused, and nothing is ever loaded here.
 * Immutable.
 */
final class Lazy {

    private static final String PROXY = "org.hibernate.proxy.HibernateProxy";
    private static final String COLLECTION = "org.hibernate.collection.spi.PersistentCollection";
    private static final String ENHANCED = "org.hibernate.engine.spi.PersistentAttributeInterceptable";
    private static final String LAZY_ATTRIBUTES =
            "org.hibernate.bytecode.enhance.spi.interceptor.BytecodeLazyAttributeInterceptor";

    private static final Lazy NOT_LAZY = new Lazy(null);

    private final @Nullable Method interceptor;

    private Lazy(@Nullable Method interceptor) {
        this.interceptor = interceptor;
    }

    /** How it is told that an entity of this class is loaded. */
    static Lazy of(Class<?> type) {
        Class<?> enhanced = named(type, ENHANCED);
        return enhanced == null ? NOT_LAZY : new Lazy(method(enhanced, "$$_hibernate_getInterceptor"));
    }

    /** Refuses an entity with attributes that are not loaded. */
    void requireLoaded(Object entity) {
        if (interceptor == null) {
            return;
        }
        Object loader = call(interceptor, entity);
        Class<?> lazy = loader == null ? null : named(loader.getClass(), LAZY_ATTRIBUTES);
        if (lazy != null && Boolean.TRUE.equals(call(method(lazy, "hasAnyUninitializedAttributes"), loader))) {
            throw new Refusal("an entity of Hibernate with attributes that are not loaded");
        }
    }

    /** The form of a class of Hibernate whose objects stand for others; null for any other class. */
    static @Nullable Form form(Class<?> type) {
        Class<?> proxy = named(type, PROXY);
        if (proxy != null) {
            return new Proxy(method(proxy, "getHibernateLazyInitializer"));
        }
        Class<?> collection = named(type, COLLECTION);
        return collection == null ? null : new PersistentCollection(method(collection, "wasInitialized"));
    }

    /** Returns whether a class implements an interface, itself or by what it extends. */
    static boolean implementsNamed(Class<?> type, String name) {
        return named(type, name) != null;
    }

    private static @Nullable Class<?> named(Class<?> type, String name) {
        for (Class<?> k = type; k != null; k = k.getSuperclass()) {
            if (k.getName().equals(name)) {
                return k;
            }
            for (Class<?> parent : k.getInterfaces()) {
                Class<?> found = named(parent, name);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static Method method(Class<?> type, String name) {
        try {
            return type.getMethod(name);
        } catch (NoSuchMethodException e) {
            throw new Refusal("a class of a Hibernate that is not known: " + type.getName() + " has no " + name);
        }
    }

    private static @Nullable Object call(Method method, @Nullable Object target) {
        try {
            return method.invoke(target);
        } catch (InvocationTargetException | IllegalAccessException e) {
            throw new Refusal("Hibernate does not answer " + method.getName());
        }
    }

    /** A proxy that is loaded stands for its entity. */
    private static final class Proxy extends StandIn {

        private final Method initializer;

        Proxy(Method initializer) {
            super("HibernateProxy");
            this.initializer = initializer;
        }

        @Override
        Object standsFor(Object value) {
            Class<?> type = initializer.getReturnType();
            Object initializing = call(initializer, value);
            if (Boolean.TRUE.equals(call(method(type, "isUninitialized"), initializing))) {
                throw new Refusal("a proxy of Hibernate that is not loaded, of "
                        + call(method(type, "getEntityName"), initializing));
            }
            Object entity = call(method(type, "getImplementation"), initializing);
            if (entity == null) {
                throw new Refusal("a proxy of Hibernate without its entity");
            }
            return entity;
        }
    }

    /** A collection that is loaded is written as the JDK's collection that it stands for. */
    private static final class PersistentCollection extends Form {

        private final Method initialized;

        PersistentCollection(Method initialized) {
            super("PersistentCollection");
            this.initialized = initialized;
        }

        @Override
        boolean isNamedByPlaces() {
            return false;
        }

        @Override
        Form exact(Object value) {
            if (!Boolean.TRUE.equals(call(initialized, value))) {
                throw new Refusal("a collection of Hibernate that is not loaded");
            }
            if (value instanceof SortedMap) {
                return SortedForms.TREE_MAP;
            }
            if (value instanceof SortedSet) {
                return SortedForms.TREE_SET;
            }
            if (value instanceof Map) {
                return HashedForms.LINKED_HASH_MAP;
            }
            if (value instanceof Set) {
                return HashedForms.LINKED_HASH_SET;
            }
            if (value instanceof Collection) {
                return Lists.ARRAY_LIST;
            }
            throw new Refusal(value.getClass().getName() + " has no stored form");
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            throw new IllegalStateException("The exact form writes it");
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            throw new UnreadableException("no such form");
        }
    }
}
