package io.tinyllm.cache.core;

/**
 * How long an entry of the local tier may stay unread inside its life. Asked at every write and some hits: implementations are
 * thread-safe, take no lock and never throw.
 */
@FunctionalInterface
public interface IdleTimeouts {

    /**
     * The idle timeout of an entry that is written or read now.
     * @param key its key
     * @param nowNanos the monotonic time now
     * @param remainingNanos how long it lives without a timeout, above zero; {@link CacheEntry#NEVER} for ever
     * @return nanoseconds above zero, {@link CacheEntry#NEVER} for no timeout
     */
    long idleNanos(Object key, long nowNanos, long remainingNanos);

    /** No timeouts: always the same object. */
    static IdleTimeouts none() {
        return NoIdleTimeouts.INSTANCE;
    }
}
