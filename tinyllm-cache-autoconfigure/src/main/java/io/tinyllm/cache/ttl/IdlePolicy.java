package io.tinyllm.cache.ttl;

/**
 * How long an entry may stay unread before it is dropped, inside its time-to-live.
 *
 * <p>Asked at every write and every hit of the memory tier, by many threads: an implementation takes no lock and allocates
 * nothing. Its answer only ever shortens a life; entries with a time-to-live of their own are not asked about.
 */
@FunctionalInterface
public interface IdlePolicy {

    /** The answer that sets no idle timeout. */
    long NEVER = Long.MAX_VALUE;

    /**
     * The idle timeout of an entry that is written or read now.
     *
     * @param keyHash a stable hash of the key, the same as in the observations; it need not be well spread
     * @param nowNanos the time of the ticker that the observations go by
     * @param remainingNanos how long the entry may still live without this policy, {@link #NEVER} for ever
     * @return nanoseconds above zero from now on, {@link #NEVER} for no timeout
     */
    long idleNanos(long keyHash, long nowNanos, long remainingNanos);

    /** The policy that never sets a timeout. */
    static IdlePolicy none() {
        return (keyHash, nowNanos, remainingNanos) -> NEVER;
    }
}
