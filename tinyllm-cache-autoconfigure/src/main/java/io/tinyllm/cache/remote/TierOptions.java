package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How one cache uses a remote store.
 * @param timeout the most that one operation may take
 * @param kept how much longer the store keeps what has expired, and nobody reads any more: the end of an entry there is
 *     news to those who still serve it stale
 * @param source what a hit counts as
 * @param maximumMissed how many keys whose write did not arrive are remembered
 */
public record TierOptions(Duration timeout, Duration kept, Outcome source, int maximumMissed) {

    /** 100 ms, no longer, 10,000 keys. */
    public static final TierOptions DEFAULT =
            new TierOptions(Duration.ofMillis(100), Duration.ZERO, Outcome.REMOTE_HIT, 10_000);

    /** A thousand years; Redis refuses times that it cannot add to the present one. */
    private static final long FOR_EVER = TimeUnit.DAYS.toMillis(365_000);

    long timeoutNanos() {
        return TtlPolicy.saturatedNanos(timeout);
    }

    /** A time to live in the store's unit, at least one of it; 0 for ever. */
    static long millis(long nanos) {
        return nanos == CacheEntry.NEVER || nanos == 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    /** The same with another timeout. */
    public TierOptions withTimeout(Duration timeout) {
        return new TierOptions(timeout, kept, source, maximumMissed);
    }

    /** Returns how long the store keeps an entry that lives so long; 0 for ever. */
    long keptMillis(long ttlMillis) {
        return ttlMillis == 0 ? 0 : ttlMillis + Math.min(TimeUnit.MILLISECONDS.convert(kept), FOR_EVER);
    }
}
