package io.tinyllm.cache.core.port;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers keys whose load found nothing or failed. Implementations are thread-safe and bounded. A key that is in the
 * local tier is never in here: the cache keeps the two apart.
 */
public interface NegativeCache {

    /** Remembers nothing; nulls are then cached like any value. */
    static NegativeCache none() {
        return Absent.NEGATIVE;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /** The absence or failure that is remembered of a key, or null. */
    @Nullable
    Negative get(Object key);

    /** Returns whether nulls are this cache's business, and not ordinary values. */
    boolean handlesNull();

    /**
     * Remembers that a key has no value, where that is wanted.
     * @param key the key
     * @param tags the tags of what is remembered, or null
     */
    void rememberNull(Object key, @Nullable Tagged tags);

    /**
     * Remembers that the load of a key failed, where that kind of failure is wanted.
     * @param key the key
     * @param failure the failure
     * @param tags the tags of what is remembered, or null
     */
    void rememberFailure(Object key, Throwable failure, @Nullable Tagged tags);

    /** Forgets a key. */
    void remove(Object key);

    /** Forgets every key. */
    void clear();

    /** About how many keys are remembered. */
    long size();

    /** How long something is remembered, in nanoseconds. */
    default long lifeNanos() {
        return CacheEntry.NEVER;
    }

    /** Shows every key of which something is remembered. */
    default void forEachKey(Consumer<Object> visitor) {}

    /** An absence or failure that is remembered. */
    interface Negative {

        /** The failure to throw to a caller, made for this one call, or null where the key has no value. */
        @Nullable
        Throwable failure();

        /** Returns the tags that it bears, or null. */
        default @Nullable Tagged tags() {
            return null;
        }
    }
}
