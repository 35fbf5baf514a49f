package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/** Decides which accesses stay away from the cache. Implementations are thread-safe and never throw. */
public interface BypassPolicy {

    /** Lets everything through. */
    static BypassPolicy none() {
        return Absent.BYPASS;
    }

    /** Whether a read of a key stays away from the cache. */
    boolean bypassesRead(Object key);

    /** Whether a value is not to be stored under a key. */
    boolean bypassesWrite(Object key, @Nullable Object value);
}
