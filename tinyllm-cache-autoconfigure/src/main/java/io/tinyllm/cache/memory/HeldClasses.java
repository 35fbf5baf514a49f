package io.tinyllm.cache.memory;

import java.lang.ref.Reference;
import java.lang.reflect.AnnotatedElement;
import java.nio.charset.Charset;
import java.time.ZoneId;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;

/** The kinds of classes whose objects a value may hold. */
final class HeldClasses {

    /** Names of classes of frameworks that values refer to without owning them. */
    private static final List<String> SERVICES = List.of(
            "org.hibernate.",
            "org.springframework.beans.",
            "org.springframework.context.",
            "org.springframework.core.env.",
            "org.slf4j.",
            "org.apache.commons.logging.",
            "org.apache.logging.",
            "ch.qos.logback.",
            "java.util.logging.");

    /** Parts of Hibernate that hold what was loaded. */
    private static final List<String> HOLDERS = List.of("org.hibernate.collection.", "org.hibernate.proxy.");

    private HeldClasses() {}

    /** Returns whether a class is one of the JDK's, whose fields are not for others to look at. */
    static boolean isOfTheJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    /** Returns whether objects of a class belong to the value that holds them. */
    static boolean isOwned(Class<?> type) {
        String name = type.getName();
        return !(Enum.class.isAssignableFrom(type)
                || type == Boolean.class
                || AnnotatedElement.class.isAssignableFrom(type)
                || ClassLoader.class.isAssignableFrom(type)
                || Thread.class.isAssignableFrom(type)
                || ThreadLocal.class.isAssignableFrom(type)
                || Reference.class.isAssignableFrom(type)
                || Executor.class.isAssignableFrom(type)
                || Lock.class.isAssignableFrom(type)
                || Locale.class == type
                || Currency.class == type
                || Charset.class.isAssignableFrom(type)
                || ZoneId.class.isAssignableFrom(type)
                || isService(name));
    }

    private static boolean isService(String name) {
        for (String prefix : SERVICES) {
            if (name.startsWith(prefix)) {
                return HOLDERS.stream().noneMatch(name::startsWith);
            }
        }
        return false;
    }
}
