package io.tinyllm.cache.tuning;

import java.time.Instant;

/**
 * What a tuner decided, also when it decided to change nothing.
 *
 * @param at when
 * @param from the value before, in entries
 * @param to the value decided, equal to {@code from} when it is kept
 * @param reason why, in words for a person
 */
public record Decision(Instant at, long from, long to, String reason) {

    /** Whether something is to change. */
    public boolean changes() {
        return from != to;
    }
}
