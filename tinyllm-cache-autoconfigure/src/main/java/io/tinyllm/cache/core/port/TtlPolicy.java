package io.tinyllm.cache.core.port;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Says how long a value stays fresh. Implementations are thread-safe and cheap. */
@FunctionalInterface
public interface TtlPolicy {

    /**
     * The time-to-live of a value about to be stored.
     * @param key the key
     * @param value the value, may be null
     * @return nanoseconds, positive, or {@link CacheEntry#NEVER}
     */
    long ttlNanos(Object key, @Nullable Object value);

    /**
     * The same time-to-live for all.
     * @param timeToLive the time, zero for ever
     */
    static TtlPolicy fixed(Duration timeToLive) {
        long nanos = timeToLive.isZero() ? CacheEntry.NEVER : saturatedNanos(timeToLive);
        return (key, value) -> nanos;
    }

    /**
     * Shortens the times of another policy at random, so that entries written together do not expire together and none
     * outlives its time-to-live.
     * @param policy the policy
     * @param fraction the most to take off, as a fraction of the time; zero answers the policy itself
     * @param random uniform numbers in [0, 1)
     */
    static TtlPolicy jittered(TtlPolicy policy, double fraction, DoubleSupplier random) {
        if (fraction == 0) {
            return policy;
        }
        return (key, value) -> {
            long nanos = policy.ttlNanos(key, value);
            if (nanos == CacheEntry.NEVER) {
                return nanos;
            }
            return Math.max(1, (long) (nanos * (1 - fraction * random.getAsDouble())));
        };
    }

    /** Nanoseconds of a duration, {@link CacheEntry#NEVER} where they do not fit. */
    static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return CacheEntry.NEVER;
        }
    }
}
