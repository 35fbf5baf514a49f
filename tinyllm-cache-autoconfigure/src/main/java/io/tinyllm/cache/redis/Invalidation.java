package io.tinyllm.cache.redis;

/** How a cache learns of what other JVMs change. */
public enum Invalidation {
    /** By tracking where the server allows that, else by publish and subscribe. */
    AUTO,
    /** The server tells of every change of a key, whoever made it, expiry included. */
    TRACKING,
    /** Caches tell each other. Changes by other programs, and expiry, go unheard. */
    PUB_SUB,
    /** It does not: local copies live until they expire. */
    NONE
}
