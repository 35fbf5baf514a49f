package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.time.Duration;
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

    /** Returns the time to live of an entry that lives so long in its cache. */
    long timeToLiveNanos(long ofCache) {
        return timeToLive == null ? ofCache : TtlPolicy.saturatedNanos(timeToLive);
    }

    /** The same with another timeout. */
    public TierOptions withTimeout(Duration timeout) {
        return new TierOptions(timeout, timeToLive, source, maximumMissed);
    }
}
