package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The plan for one class of an application or a library: its fields, those of superclasses first, the hash of its
 * shape, and how an object of it is made without running its code. Immutable.
 */
final class ClassPlan {

    private static final String BY_HIBERNATE = "$$_hibernate_";

    private final Class<?> type;
    private final String hash;
    private final FieldPlan[] fields;
    private final Class<?> base;

    private ClassPlan(Class<?> type, String hash, FieldPlan[] fields, Class<?> base) {
        this.type = type;
        this.hash = hash;
        this.fields = fields;
        this.base = base;
    }

    /**
     * @throws Refusal if objects of the class cannot be written whole
     */
    static ClassPlan of(Class<?> type, Forms forms) {
        ClassRules.require(type);
        ShapeHash shape = new ShapeHash().add(type.getName());
        Deque<Class<?>> chain = new ArrayDeque<>();
        Class<?> base = type;
        for (; !JdkClasses.isJdk(base); base = base.getSuperclass()) {
            chain.addFirst(base);
            shape.add(base.getGenericSuperclass().getTypeName());
        }
        if (!ClassRules.isStateless(base) && !ContainerBase.isExtensible(base)) {
            throw new Refusal(type.getName() + " extends " + base.getName() + ", whose state cannot be seen");
        }
        List<FieldPlan> fields = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Class<?> k : chain) {
            for (Field field : fields(k)) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getName().startsWith(BY_HIBERNATE)) {
                    if (!type.isRecord()) {
                        FinalFields.require(field);
                    }
                    String name = name(field, names);
                    shape.add(name, field);
                    fields.add(new FieldPlan(name, accessible(field), forms));
                }
            }
        }
        return new ClassPlan(type, shape.text(), fields.toArray(FieldPlan[]::new), base);
    }

    /** The fields of one class; those of a record in the order of its constructor. */
    private static Field[] fields(Class<?> type) {
        if (!type.isRecord()) {
            return type.getDeclaredFields();
        }
        RecordComponent[] components = type.getRecordComponents();
        Field[] fields = new Field[components.length];
        try {
            for (int i = 0; i < fields.length; i++) {
                fields[i] = type.getDeclaredField(components[i].getName());
            }
        } catch (NoSuchFieldException e) {
            throw new Refusal(type.getName() + " is a record without its fields");
        }
        return fields;
    }

    Class<?> type() {
        return type;
    }

    String hash() {
        return hash;
    }

    FieldPlan[] fields() {
        return fields;
    }

    /** The class of the JDK that it extends. */
    Class<?> base() {
        return base;
    }

    /** A field that hides another, or is called as a reference is marked, is told by its class and a slash. */
    private static String name(Field field, Set<String> names) {
        String name = field.getName();
        if (name.startsWith("#") || names.contains(name)) {
            name = field.getDeclaringClass().getSimpleName() + "/" + name;
        }
        while (!names.add(name)) {
            name = "/" + name;
        }
        return name;
    }

    private static Field accessible(Field field) {
        try {
            field.setAccessible(true);
            return field;
        } catch (RuntimeException e) {
            throw new Refusal(field.getDeclaringClass().getName() + " is in a module that does not open its package");
        }
    }

    /**
     * A constructor that makes an object of the class by running only the given constructor of its base, as the JDK
     * does for the objects that it deserialises.
     */
    Constructor<?> constructor(Class<?>... parameters) {
        try {
            Class<?> from = ClassRules.isStateless(base) ? Object.class : base;
            Constructor<?> constructor =
                    (Constructor<?>) Maker.METHOD.invoke(Maker.FACTORY, type, from.getDeclaredConstructor(parameters));
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException | RuntimeException | ExceptionInInitializerError e) {
            throw new Refusal(type.getName() + " cannot be made without its constructor");
        }
    }

    static Object make(Constructor<?> constructor, @Nullable Object... arguments) {
        try {
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw new UnreadableException("the constructor refuses what it is given");
        } catch (ReflectiveOperationException e) {
            throw new UnreadableException("an object that cannot be made");
        }
    }

    /** The JDK's factory of such constructors, which every serializer uses; in {@code jdk.unsupported}, and open. */
    private static final class Maker {

        static final Object FACTORY;
        static final Method METHOD;

        static {
            try {
                Class<?> type = Class.forName("sun.reflect.ReflectionFactory");
                FACTORY = type.getMethod("getReflectionFactory").invoke(null);
                METHOD = type.getMethod("newConstructorForSerialization", Class.class, Constructor.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }
}
