package io.tinyllm.cache.ttl;

/**
 * A rule that fits the lives of a cache's entries to its accesses.
 *
 * <p>{@link #ttlNanos} and {@link #idleNanos} may be called by any thread at any time, {@link #report} too. {@link #onAccess} and
 * the steps belong to one thread at a time, such as a control loop that drains accesses in batches; they may lag behind and lose
 * accesses, which costs accuracy only. Memory is bounded whatever the keys.
 */
public interface TtlOptimizer extends IdlePolicy {

    /**
     * The time-to-live of a value that was loaded and is stored now. Not asked for an entry with a time-to-live of its own; what the
     * caller adds at random comes after it.
     *
     * @param configuredNanos the cache's time-to-live, {@link #NEVER} for ever
     */
    long ttlNanos(long keyHash, long configuredNanos);

    /**
     * Observes an access: a read of the user's that was answered from the cache or not. Writes, loads in the background and
     * prefetches are no accesses. A miss is best observed once its value is stored, or the load looks like a second access.
     */
    void onAccess(long keyHash, boolean hit, long nowNanos);

    /** Decides anew if it is time to, else does nothing. To be called every second or so. */
    void step(long nowNanos);

    /** Decides anew at once, and keeps the decision and its reason even if nothing changes. */
    void stepNow(long nowNanos);

    /** What applies now, and why. */
    TtlReport report();
}
