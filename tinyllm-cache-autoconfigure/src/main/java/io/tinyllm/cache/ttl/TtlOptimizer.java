package io.tinyllm.cache.ttl;

/**
 * A rule that fits the lives of a cache's entries to its accesses.
 *
 * <p>{@link #ttlNanos} and {@link #report} may be called by any thread at any time. The rest belongs to one thread at a
 * time, such as a control loop that drains accesses in batches; it may lag behind and lose accesses, which costs
 * accuracy only. Memory is bounded whatever the keys.
 */
public interface TtlOptimizer {

    /** For ever. */
    long NEVER = Long.MAX_VALUE;

    /**
     * The time-to-live of a value that was loaded and is stored now. Not asked for an entry with a time-to-live of its
     * own; what the caller adds at random comes after it.
     *
     * @param keyHash a stable hash of the key, the same everywhere; it need not be well spread
     * @param configuredNanos the cache's time-to-live, {@link #NEVER} for ever
     */
    long ttlNanos(long keyHash, long configuredNanos);

    /**
     * How long an entry may stay unread before it is dropped. This only ever shortens a life; entries with a
     * time-to-live of their own are treated alike.
     *
     * @param usedNanos when the entry was last read, or written
     * @param remainingNanos how long it had to live then, {@link #NEVER} for ever
     * @return nanoseconds above zero from then on, {@link #NEVER} for no timeout
     */
    long idleNanos(long keyHash, long usedNanos, long remainingNanos);

    /**
     * How often entries should be looked through for those that stayed unread for too long, {@link #NEVER} for never.
     */
    long sweepNanos();

    /**
     * Observes an access: a read of the user's that was answered from the cache or not. Writes, loads in the background
     * and prefetches are no accesses. A miss is best observed once its value is stored, or the load looks like a second
     * access.
     */
    void onAccess(long keyHash, boolean hit, long nowNanos);

    /** Decides anew if it is time to, else does nothing. To be called every second or so. */
    void step(long nowNanos);

    /** Decides anew at once, and keeps the decision and its reason even if nothing changes. */
    void stepNow(long nowNanos);

    /** Returns what is in force, and why. */
    TtlReport report();
}
