package io.tinyllm.cache;

/** How one access to a cache was answered. */
public enum Outcome {

    /** Answered by the local tier. */
    MEMORY_HIT,

    /** Answered by the shared tier. */
    REMOTE_HIT,

    /** Answered by a replica of the shared tier. */
    REPLICA_HIT,

    /** Answered by the backing store. */
    STORE_HIT,

    /** Answered from memory past the entry's time-to-live. */
    STALE_HIT,

    /** Answered by a remembered absence or failure. */
    NEGATIVE_HIT,

    /** Not held: the caller loaded, waited for another caller's load, or was told that there is no value. */
    MISS,

    /** Kept away from the cache by a rule. */
    BYPASS,

    /** A load that ended with a value or with null. */
    LOAD,

    /** A load that ended with an exception. */
    LOAD_FAILURE,

    /** A value put by a caller. */
    PUT,

    /** A key evicted by a caller. */
    EVICT
}
