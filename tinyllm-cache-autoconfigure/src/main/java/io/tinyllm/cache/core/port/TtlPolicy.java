package io.tinyllm.cache.core.port;

import io.tinyllm.cache.TimeToLive;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Says how long a value stays fresh. Implementations are thread-safe and cheap. */
@FunctionalInterface
public interface TtlPolicy {

    /**
     * The time-to-live of a value about to be stored.
     * @param key the key
     * @param value the value, may be null
     * @return nanoseconds, or {@link CacheEntry#NEVER}; not positive where the value is not to be kept
     */
    long ttlNanos(Object key, @Nullable Object value);

    /**
     * Returns how long the shared tier keeps a value as fresh.
     * @param key the key
     * @param value the value, may be null
     * @param ttlNanos how long it stays fresh here
     * @return nanoseconds, or {@link CacheEntry#NEVER}
     */
    default long sharedNanos(Object key, @Nullable Object value, long ttlNanos) {
        return ttlNanos;
    }

    /**
     * Says why a value has the time-to-live that it has, in words for a person.
     * @param key the key
     * @param value the value, may be null
     */
    default String because(Object key, @Nullable Object value) {
        return "time-to-live of the cache";
    }

    /**
     * The same time-to-live for all.
     * @param timeToLive the time, zero for ever
     */
    static TtlPolicy fixed(Duration timeToLive) {
        long nanos = timeToLive.isZero() ? CacheEntry.NEVER : saturatedNanos(timeToLive);
        return (key, value) -> nanos;
    }

    /**
     * Gives the shared tier a time-to-live of its own.
     * @param policy says how long values stay fresh here
     * @param timeToLive the time in the shared tier, zero for ever; null answers the policy itself
     */
    static TtlPolicy shared(TtlPolicy policy, @Nullable Duration timeToLive) {
        if (timeToLive == null) {
            return policy;
        }
        long nanos = timeToLive.isZero() ? CacheEntry.NEVER : saturatedNanos(timeToLive);
        return new TtlPolicy() {
            @Override
            public long ttlNanos(Object key, @Nullable Object value) {
                return policy.ttlNanos(key, value);
            }

            @Override
            public long sharedNanos(Object key, @Nullable Object value, long ttlNanos) {
                return nanos;
            }

            @Override
            public String because(Object key, @Nullable Object value) {
                return policy.because(key, value);
            }
        };
    }

    /**
     * Asks rules of the application before another policy. What they say holds for the shared tier too.
     * @param policy answers where no rule does
     * @param cacheName the cache
     * @param rules the rules, in their order
     * @param onError runs when a rule throws
     */
    static TtlPolicy ruled(TtlPolicy policy, String cacheName, List<TimeToLive> rules, Runnable onError) {
        if (rules.isEmpty()) {
            return policy;
        }
        return new TtlPolicy() {
            @Override
            public long ttlNanos(Object key, @Nullable Object value) {
                for (TimeToLive rule : rules) {
                    try {
                        Duration own = rule.timeToLive(cacheName, key, value);
                        if (own != null) {
                            return saturatedNanos(own);
                        }
                    } catch (Throwable e) {
                        onError.run();
                    }
                }
                return policy.ttlNanos(key, value);
            }

            @Override
            public long sharedNanos(Object key, @Nullable Object value, long ttlNanos) {
                for (TimeToLive rule : rules) {
                    try {
                        if (rule.timeToLive(cacheName, key, value) != null) {
                            return ttlNanos;
                        }
                    } catch (Throwable e) {
                        // Counted when it was asked for the time here.
                    }
                }
                return policy.sharedNanos(key, value, ttlNanos);
            }

            @Override
            public String because(Object key, @Nullable Object value) {
                for (TimeToLive rule : rules) {
                    try {
                        if (rule.timeToLive(cacheName, key, value) != null) {
                            return "the rule " + rule.getClass().getName();
                        }
                    } catch (Throwable e) {
                        onError.run();
                    }
                }
                return policy.because(key, value);
            }
        };
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
        return new TtlPolicy() {
            @Override
            public long ttlNanos(Object key, @Nullable Object value) {
                long nanos = policy.ttlNanos(key, value);
                if (nanos == CacheEntry.NEVER || nanos <= 0) {
                    return nanos;
                }
                return Math.max(1, (long) (nanos * (1 - fraction * random.getAsDouble())));
            }

            @Override
            public long sharedNanos(Object key, @Nullable Object value, long ttlNanos) {
                return policy.sharedNanos(key, value, ttlNanos);
            }

            @Override
            public String because(Object key, @Nullable Object value) {
                return policy.because(key, value) + ", less up to " + Math.round(fraction * 100) + " % at random";
            }
        };
    }

    /** Nanoseconds of a duration, {@link CacheEntry#NEVER} where they do not fit. */
    static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? 0 : CacheEntry.NEVER;
        }
    }
}
