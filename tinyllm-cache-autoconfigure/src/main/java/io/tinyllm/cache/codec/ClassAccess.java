package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/** Which classes the stored values of one cache may be made of. Thread-safe. */
interface ClassAccess {

    /** The class of this binary name; null, and nothing was loaded, if it may not be read back. */
    @Nullable
    Class<?> resolve(String className);

    /** Tells that this process has written an object of this class, or the class itself, into the cache. */
    void written(Class<?> type);
}
