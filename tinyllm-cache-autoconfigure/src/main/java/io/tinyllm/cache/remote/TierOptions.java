package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How one cache uses a remote store.
 * @param timeout the most that one operation may take
 * @param timeToLive of entries there; null for that of the cache
 * @param source what a hit counts as
 * @param maximumMissed how many keys whose write did not arrive are remembered
 */
public record TierOptions(Duration timeout, @Nullable Duration timeToLive, Outcome source, int maximumMissed) {

    /** 100 ms, the cache's time to live, 10,000 keys. */
    public static final TierOptions DEFAULT = new TierOptions(Duration.ofMillis(100), null, Outcome.REMOTE_HIT, 10_000);

    long timeoutNanos() {
        return TtlPolicy.saturatedNanos(timeout);
    }

    /**
     * The time that an entry lives in the store, in milliseconds; 0 for ever.
     * @param ttlNanos the time that the cache gives it, {@link CacheEntry#NEVER} for ever
     */
    long ttlMillis(long ttlNanos) {
        return millis(timeToLive == null ? ttlNanos : TtlPolicy.saturatedNanos(timeToLive));
    }

    /** A time to live in the store's unit, at least one of it; 0 for ever. */
    static long millis(long nanos) {
        return nanos == CacheEntry.NEVER || nanos == 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    /** The same with another timeout. */
    public TierOptions withTimeout(Duration timeout) {
        return new TierOptions(timeout, timeToLive, source, maximumMissed);
    }
}
