package io.tinyllm.cache.access.tuner;

import java.time.Instant;

/**
 * A decision of a tuner, also one to change nothing. Immutable if the values are.
 *
 * @param <T> the type of what is decided
 * @param at when
 * @param from the value before
 * @param to the value decided, equal to {@code from} when it is kept
 * @param reason why, in words for a person; never a key
 */
public record Decision<T>(Instant at, T from, T to, String reason) {

    /** Returns whether something is to change. */
    public boolean changes() {
        return !from.equals(to);
    }
}
