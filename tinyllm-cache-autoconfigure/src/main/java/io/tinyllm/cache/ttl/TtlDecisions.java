package io.tinyllm.cache.ttl;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.access.tuner.DecisionLog;
import java.time.InstantSource;
import java.util.List;

/** The latest decisions about the mean life of entries, in seconds to three places. Not thread-safe. */
final class TtlDecisions {

    private final InstantSource clock;
    private final DecisionLog<Double> log = new DecisionLog<>();

    TtlDecisions(InstantSource clock) {
        this.clock = clock;
    }

    void add(double fromSeconds, double toSeconds, String reason) {
        log.add(new Decision<>(clock.instant(), round(fromSeconds), round(toSeconds), reason));
    }

    List<Decision<Double>> list() {
        return log.list();
    }

    private static double round(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }
}
