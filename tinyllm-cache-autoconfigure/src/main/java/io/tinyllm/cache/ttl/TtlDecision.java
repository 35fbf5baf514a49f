package io.tinyllm.cache.ttl;

import java.time.Instant;

/**
 * What an optimiser decided, also when it decided to change nothing.
 *
 * @param at when
 * @param from the mean life before, in seconds
 * @param to the mean life from now on, in seconds
 * @param reason why, in words for a person; never a key
 */
public record TtlDecision(Instant at, double from, double to, String reason) {}
