package io.tinyllm.cache;

import java.time.Duration;

/**
 * One access to a cache, as an {@link AccessListener} hears of it. Immutable.
 *
 * @param key the key
 * @param outcome how it was answered, or what was done
 * @param took how long that took the caller, or zero where it was not timed: misses and loads are, of hits in memory
 * one in 64
 *     once there are many, writes are not
 */
public record Access(Object key, Outcome outcome, Duration took) {}
