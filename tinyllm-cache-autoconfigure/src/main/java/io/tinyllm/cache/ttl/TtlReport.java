package io.tinyllm.cache.ttl;

import io.tinyllm.cache.access.tuner.Decision;
import java.time.Duration;
import java.util.List;

/**
 * The state of an optimiser, to be shown.
 *
 * @param policy {@code adaptive} or {@code hit-rate}
 * @param minimum the lower bound of what is learned
 * @param maximum the upper bound of what is learned
 * @param tracked how many classes of keys ({@code adaptive}) or keys ({@code hit-rate}) something is known of
 * @param meanSeconds the mean of what now applies: how long an entry may stay unread ({@code adaptive}), its
 * time-to-live
 *     ({@code hit-rate}); 0 while nothing is known
 * @param decisions the latest decisions about the mean life in seconds, the newest last
 */
public record TtlReport(
        String policy,
        Duration minimum,
        Duration maximum,
        int tracked,
        double meanSeconds,
        List<Decision<Double>> decisions) {

    public TtlReport {
        decisions = List.copyOf(decisions);
    }
}
