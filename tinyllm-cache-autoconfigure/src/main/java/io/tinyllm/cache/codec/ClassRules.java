package io.tinyllm.cache.codec;

import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractQueue;
import java.util.AbstractSet;
import java.util.Set;

/** Which classes have objects that can be written field by field, and what classes are called. Stateless. */
final class ClassRules {

    /** Classes of the JDK without a state that an object needs, so that an application's class may extend them. */
    private static final Set<Class<?>> STATELESS = Set.of(
            Object.class,
            Record.class,
            Number.class,
            AbstractCollection.class,
            AbstractList.class,
            AbstractSet.class,
            AbstractQueue.class,
            AbstractMap.class);

    private ClassRules() {}

    /** Refuses a class by what it is. */
    static void require(Class<?> type) {
        requireName(type);
        if (type.isInterface() || Modifier.isAbstract(type.getModifiers()) || type.isEnum() || type.isArray()) {
            throw new Refusal(type.getName() + " has no objects of its own");
        }
        if (JdkClasses.isJdk(type)) {
            throw new Refusal(type.getName() + " has no stored form");
        }
        if (AutoCloseable.class.isAssignableFrom(type)) {
            throw new Refusal(type.getName() + " can be closed, so it stands for something outside of the heap");
        }
        for (Class<?> k = type; k != null; k = k.getSuperclass()) {
            if (Lazy.implementsNamed(k, "io.netty.util.ReferenceCounted")) {
                throw new Refusal(type.getName() + " counts who uses it, so it stands for memory outside of the heap");
            }
        }
    }

    /** Refuses a class without a name that the next release will know. */
    static void requireName(Class<?> type) {
        String why = null;
        if (type.isHidden() || type.isSynthetic()) {
            why = "a lambda or another class that is made at run time";
        } else if (Proxy.isProxyClass(type) || type.getName().contains("$$")) {
            why = "a proxy or another class that is made at run time";
        } else if (type.isAnonymousClass() || type.isLocalClass()) {
            why = "a class within a method, whose name the next release may give to another";
        }
        if (why != null) {
            throw new Refusal(stableName(type) + " is " + why);
        }
    }

    /** The name of a class without the number that it has in this process alone. */
    static String stableName(Class<?> type) {
        int slash = type.getName().indexOf('/');
        String name = slash < 0 ? type.getName() : type.getName().substring(0, slash);
        return name.replaceFirst("\\$\\$Lambda.*", "\\$\\$Lambda");
    }

    static boolean isStateless(Class<?> superclass) {
        return STATELESS.contains(superclass);
    }

    /** The name of a class as a tag: with a dot, by which it is told from the tags of forms. */
    static String tagOf(Class<?> type) {
        String name = type.getTypeName();
        return name.indexOf('.') < 0 && !isPrimitive(type) ? "." + name : name;
    }

    static String nameOf(String tag) {
        return tag.startsWith(".") ? tag.substring(1) : tag;
    }

    private static boolean isPrimitive(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return element.isPrimitive();
    }
}
