package io.tinyllm.cache.ttl;

import java.time.Duration;

/**
 * The bounds of what may be learned, both inclusive. Immutable.
 *
 * @param minimum above zero
 * @param maximum not below the minimum
 */
public record TtlBounds(Duration minimum, Duration maximum) {

    /** Checks the bounds. */
    public TtlBounds {
        if (minimum.isNegative() || minimum.isZero() || maximum.compareTo(minimum) < 0) {
            throw new IllegalArgumentException(
                    "the bounds of a time-to-live must be above zero and in order, not " + minimum + " and " + maximum);
        }
    }

    long minimumNanos() {
        return nanos(minimum);
    }

    long maximumNanos() {
        return nanos(maximum);
    }

    long clamp(long nanos) {
        return Math.max(minimumNanos(), Math.min(maximumNanos(), nanos));
    }

    private static long nanos(Duration duration) {
        return duration.getSeconds() > Long.MAX_VALUE / 1_000_000_001 ? TtlOptimizer.NEVER : duration.toNanos();
    }
}
