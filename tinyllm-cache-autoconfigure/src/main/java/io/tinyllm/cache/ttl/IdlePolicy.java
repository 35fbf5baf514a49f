package io.tinyllm.cache.ttl;

/**
 * How long an entry may stay unread before it is dropped, inside its time to live.
 *
 * <p>Asked on every write and every hit of the memory tier, by many threads: an implementation takes no lock and allocates
 * nothing. An answer only ever shortens a life; {@link #NEVER} leaves it as it is.
 */
@FunctionalInterface
public interface IdlePolicy {

    /** The answer that sets no idle timeout. */
    long NEVER = Long.MAX_VALUE;

    /**
     * The idle timeout of an entry that is written or read now.
     *
     * @param keyHash any stable hash of the key; it need not be well spread
     * @param nowNanos the time of the same ticker that the accesses are observed with
     * @return nanoseconds above zero, {@link #NEVER} for none
     */
    long idleNanos(long keyHash, long nowNanos);

    /** The policy that never sets a timeout. */
    static IdlePolicy none() {
        return (keyHash, nowNanos) -> NEVER;
    }
}
