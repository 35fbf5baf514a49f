package io.tinyllm.cache.llm;

import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The readable properties of the beans of a class: what its getters give, and fields that have no getter, so that
 * nothing of the state is overlooked. A class that hides much of its state behind methods of other names is read by its
 * fields alone, since its getters then say something else. Immutable.
 */
final class BeanShape {

    /** Of classes that live at least as long as this one, and would keep its class loader if they kept their shape. */
    private static final Map<Class<?>, BeanShape> OF_OLDER = new ConcurrentHashMap<>();

    private static final ClassValue<BeanShape> SHAPES = new ClassValue<>() {

        @Override
        protected BeanShape computeValue(Class<?> type) {
            return of(type);
        }
    };

    private final List<Property> properties;
    private final boolean complete;

    private BeanShape(List<Property> properties, boolean complete) {
        this.properties = properties;
        this.complete = complete;
    }

    static BeanShape get(Class<?> type) {
        return livesAsLongAsWe(type) ? OF_OLDER.computeIfAbsent(type, BeanShape::of) : SHAPES.get(type);
    }

    private static boolean livesAsLongAsWe(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        ClassLoader older = BeanShape.class.getClassLoader();
        while (older != null && older != loader) {
            older = older.getParent();
        }
        return older == loader;
    }

    /** The properties by name. */
    List<Property> properties() {
        return properties;
    }

    /** Returns whether the properties are all of the state. */
    boolean isComplete() {
        return complete;
    }

    private static BeanShape of(Class<?> type) {
        if (type.isRecord()) {
            return record(type);
        }
        Map<String, Property> getters = getters(type);
        Map<String, Property> all = new TreeMap<>(getters);
        boolean complete = true;
        int covered = 0;
        Map<String, Property> hidden = new TreeMap<>();
        Map<String, Property> fields = new TreeMap<>();
        for (Class<?> level = type; level != null && level != Object.class; level = level.getSuperclass()) {
            if (level.getName().startsWith("java.")) {
                complete = false;
                break;
            }
            for (Field field : level.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())
                        || field.isSynthetic()
                        || field.getName().contains("$")) {
                    continue;
                }
                String name = level == type ? field.getName() : field.getName() + "@" + level.getSimpleName();
                Property property = open(name, field);
                if (property == null) {
                    complete &= getter(getters, field) != null;
                    continue;
                }
                fields.put(name, property);
                if (getter(getters, field) == null) {
                    hidden.put(name, property);
                } else {
                    covered++;
                }
            }
        }
        if (hidden.size() > covered && complete) {
            return new BeanShape(List.copyOf(fields.values()), true);
        }
        if (!hidden.containsKey("outputSchema") && !fields.isEmpty() && !fields.containsKey("outputSchema")) {
            // Spring AI derives it from other properties, in an order of its keys that differs between processes.
            all.remove("outputSchema");
        }
        all.putAll(hidden);
        return new BeanShape(List.copyOf(all.values()), complete);
    }

    private static BeanShape record(Class<?> type) {
        List<Property> components = new ArrayList<>();
        boolean complete = true;
        for (RecordComponent component : type.getRecordComponents()) {
            Method accessor = component.getAccessor();
            if (accessor.trySetAccessible()) {
                components.add(new Property(component.getName(), accessor, null));
            } else {
                complete = false;
            }
        }
        return new BeanShape(components, complete);
    }

    private static Map<String, Property> getters(Class<?> type) {
        Map<String, Property> getters = new HashMap<>();
        Method[] methods = type.getMethods();
        Arrays.sort(
                methods,
                Comparator.comparing(Method::getName)
                        .thenComparing(m -> m.getReturnType().getName()));
        for (Method method : methods) {
            String name = property(method);
            if (name == null || method.isBridge() || Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            // A class that is not public may have public getters that only reflection with leave may call.
            if (method.trySetAccessible()) {
                Property known = getters.get(name);
                if (known == null
                        || known.method() != null
                                && known.method().getReturnType().isAssignableFrom(method.getReturnType())) {
                    getters.put(name, new Property(name, method, null));
                }
            }
        }
        return getters;
    }

    private static @Nullable String property(Method method) {
        if (method.getParameterCount() > 0 || method.getDeclaringClass() == Object.class) {
            return null;
        }
        String name = method.getName();
        Class<?> type = method.getReturnType();
        if (name.startsWith("get") && name.length() > 3 && type != void.class) {
            return decapitalized(name.substring(3));
        }
        if (name.startsWith("is") && name.length() > 2 && (type == boolean.class || type == Boolean.class)) {
            return decapitalized(name.substring(2));
        }
        return null;
    }

    private static String decapitalized(String name) {
        boolean acronym = name.length() > 1 && Character.isUpperCase(name.charAt(1));
        return acronym ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** The getter that gives what a field holds, or null. */
    private static @Nullable Property getter(Map<String, Property> getters, Field field) {
        for (Property getter : getters.values()) {
            Method method = getter.method();
            if (method != null
                    && (getter.name().equalsIgnoreCase(field.getName())
                            || method.getName().equals(field.getName()))
                    && gives(method.getReturnType(), field.getType())) {
                return getter;
            }
        }
        return null;
    }

    private static boolean gives(Class<?> returned, Class<?> held) {
        return returned.isAssignableFrom(held)
                || held.isAssignableFrom(returned)
                || returned == Optional.class
                || boxed(returned) == boxed(held);
    }

    private static Class<?> boxed(Class<?> type) {
        return type.isPrimitive() ? MethodType.methodType(type).wrap().returnType() : type;
    }

    private static @Nullable Property open(String name, Field field) {
        try {
            return field.trySetAccessible() ? new Property(name, null, field) : null;
        } catch (InaccessibleObjectException | SecurityException e) {
            return null;
        }
    }

    /**
     * Something to read of a bean.
     * @param name its name
     * @param method what reads it, or null
     * @param field where it is, or null
     */
    record Property(
            String name, @Nullable Method method, @Nullable Field field) {

        /** The value that a bean has there. */
        @Nullable
        Object read(Object bean) throws ReflectiveOperationException {
            if (method != null) {
                return method.invoke(bean);
            }
            return field == null ? null : field.get(bean);
        }

        /** The type that is declared. */
        Class<?> type() {
            return method != null ? method.getReturnType() : field != null ? field.getType() : Object.class;
        }
    }
}
