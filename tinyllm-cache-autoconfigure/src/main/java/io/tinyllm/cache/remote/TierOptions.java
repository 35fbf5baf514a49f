package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.time.Duration;

/**
 * How one cache uses a remote store.
 * @param timeout the most that one operation may take
 * @param source what a hit counts as
 * @param maximumMissed how many keys whose write did not arrive are remembered
 */
public record TierOptions(Duration timeout, Outcome source, int maximumMissed) {

    /** 100 ms, 10,000 keys. */
    public static final TierOptions DEFAULT = new TierOptions(Duration.ofMillis(100), Outcome.REMOTE_HIT, 10_000);

    long timeoutNanos() {
        return TtlPolicy.saturatedNanos(timeout);
    }

    /** The same with another timeout. */
    public TierOptions withTimeout(Duration timeout) {
        return new TierOptions(timeout, source, maximumMissed);
    }
}
