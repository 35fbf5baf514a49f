package io.tinyllm.cache.core;

/** How a prefetch ended; an exception is another way. */
public enum PrefetchResult {
    /** The entry was brought up from a lower tier. */
    PROMOTED,
    /** The entry was loaded. */
    LOADED,
    /** Nothing was done: there is no way to load the key, or it came under way meanwhile. */
    NOTHING
}
