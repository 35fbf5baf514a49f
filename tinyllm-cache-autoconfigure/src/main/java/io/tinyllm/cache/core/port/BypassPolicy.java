package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/** Decides which accesses stay away from the cache. Implementations are thread-safe and never throw. */
public interface BypassPolicy {

    /** Lets everything through. */
    static BypassPolicy none() {
        return Absent.BYPASS;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /** Returns whether a read of a key stays away from the cache. */
    boolean bypassesRead(Object key);

    /** The rule that keeps a read of a key away from the cache, in words for a person; null where none does. */
    default @Nullable String bypassedBy(Object key) {
        return bypassesRead(key) ? "a rule" : null;
    }

    /** Returns whether a value is not to be stored under a key. */
    boolean bypassesWrite(Object key, @Nullable Object value);
}
