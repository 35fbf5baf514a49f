package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** Decides which accesses stay away from the cache. Implementations are thread-safe and never throw. */
public interface BypassPolicy {

    /** Lets everything through. */
    static BypassPolicy none() {
        return NoBypassPolicy.INSTANCE;
    }

    /** Whether reads and writes of a key stay away from the cache. */
    boolean bypassesKey(Object key);

    /** Whether a value is not to be stored under a key. */
    boolean bypassesValue(Object key, @Nullable Object value);
}
