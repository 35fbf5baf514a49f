package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/** The classes that bytes of one cache may name. Thread-safe. */
interface ClassAccess {

    /** The class of this name; null, and nothing loaded, where it is not allowed. */
    @Nullable
    Class<?> resolve(String className);

    /** Notes that a value of this class was written. */
    void written(Class<?> type);
}
