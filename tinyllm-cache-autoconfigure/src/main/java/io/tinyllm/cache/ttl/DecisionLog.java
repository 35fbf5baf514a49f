package io.tinyllm.cache.ttl;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest {@value #CAPACITY} decisions. Not thread-safe. */
final class DecisionLog {

    private static final int CAPACITY = 50;

    private final InstantSource clock;
    private final Deque<TtlDecision> decisions = new ArrayDeque<>();

    DecisionLog(InstantSource clock) {
        this.clock = clock;
    }

    void add(double fromSeconds, double toSeconds, String reason) {
        if (decisions.size() == CAPACITY) {
            decisions.removeFirst();
        }
        decisions.addLast(new TtlDecision(clock.instant(), round(fromSeconds), round(toSeconds), reason));
    }

    List<TtlDecision> list() {
        return List.copyOf(decisions);
    }

    private static double round(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }
}
