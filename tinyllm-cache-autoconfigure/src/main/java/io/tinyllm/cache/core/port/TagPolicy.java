package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/** The tags of the entries of one cache, and which of them were evicted. Implementations are thread-safe, and cheap. */
public interface TagPolicy {

    /** Nothing bears a tag. */
    static TagPolicy none() {
        return Absent.TAGS;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /** Returns the moment at which a load or a put begins now. */
    Moment now();

    /**
     * Returns the tags of an entry about to be written.
     * @param key the key
     * @param value the value; null for null, an absence or a failure
     * @param began when its load or its put began
     * @return null where it bears none; {@link Tagged#REFUSED} where they cannot be told
     */
    @Nullable
    Tagged of(Object key, @Nullable Object value, Moment began);

    /** Returns whether an entry of this JVM was evicted by one of its tags. Allocates nothing. */
    boolean isEvicted(Tagged tags);

    /**
     * Returns whether an entry of this JVM may not answer a caller that came at a moment: it was evicted, as far as is
     * known between the beginning of its load and that moment.
     */
    boolean isEvicted(Tagged tags, Moment asOf);

    /** Returns whether an entry that comes from the shared tier was evicted by one of its tags. */
    boolean isEvictedFromShared(Tagged tags);

    /** Returns the tag by which an entry of this JVM was evicted, or null. */
    @Nullable
    String evictedBy(Tagged tags);

    /** Gives every cache its tags. Implementations are thread-safe. */
    interface Factory {

        /** No entry of any cache bears a tag. */
        static Factory none() {
            return Absent.TAG_POLICIES;
        }

        /**
         * Returns the tags of a cache.
         * @param cacheName the cache
         * @param onError runs where tags cannot be told
         */
        TagPolicy policy(String cacheName, Runnable onError);

        /**
         * Takes note of a cache.
         * @param cacheName its name
         * @param lifeNanos how long its entries may be of use, {@link Long#MAX_VALUE} for ever
         * @param clear forgets all of them
         */
        void register(String cacheName, long lifeNanos, Runnable clear);
    }
}
