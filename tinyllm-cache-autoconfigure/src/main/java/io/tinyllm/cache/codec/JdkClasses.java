package io.tinyllm.cache.codec;

/** Tells the JDK's own classes from all others. Stateless. */
final class JdkClasses {

    private JdkClasses() {}

    static boolean isJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }
}
