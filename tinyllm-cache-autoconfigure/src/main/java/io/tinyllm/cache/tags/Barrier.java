package io.tinyllm.cache.tags;

/**
 * One eviction by tag: what bears the tag and is older is gone.
 *
 * @param target what was evicted
 * @param local its number in the order of this JVM, from about the microseconds since 1970
 * @param shared its number in the order of the shared tier, or {@link #UNTOLD}
 */
record Barrier(Target target, long local, long shared) {

    /** The shared number of what the shared tier does not know: there, everything that bears the tag counts as older. */
    static final long UNTOLD = -1;
}
