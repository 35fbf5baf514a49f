package io.tinyllm.cache.tags;

/**
 * One eviction by tag: what bears the tag and is older is gone.
 *
 * @param target what was evicted
 * @param local its number in the order of this JVM, from about the microseconds since 1970
 * @param shared its latest number in the order of the shared tier that is known, 0 for none
 * @param untold the local number of an eviction that the shared tier does not know of, 0 for none; while there is one,
 *     everything of the shared tier that bears the tag counts as older
 */
record Barrier(Target target, long local, long shared, long untold) {

    /** Returns whether an entry of the shared tier is older whose moment has this number. */
    boolean isLaterThanShared(long began) {
        return untold != 0 || shared > began;
    }
}
