package io.tinyllm.cache.benchmarks.redis;

import org.jspecify.annotations.Nullable;

/** A cache of text on a Redis. Thread-safe. */
interface Contender {

    /** What the tables call it. */
    String name();

    /** Reads a key. */
    @Nullable
    Object get(String key);

    /** Writes a key; returns once Redis has acknowledged it, unless {@link #acknowledges} says otherwise. */
    void put(String key, String value);

    /** Whether a write that has returned is in Redis. */
    default boolean acknowledges() {
        return true;
    }

    /** Whether it is no cache but a limit of what one can reach. */
    default boolean isLimit() {
        return false;
    }
}
