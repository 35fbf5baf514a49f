package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/**
 * A value that a cache holds.
 * @param value the value, may be null
 * @param remainingNanos how long it stays fresh, below zero for a stale one, {@link
 *     io.tinyllm.cache.core.port.CacheEntry#NEVER} for ever
 */
public record Held(@Nullable Object value, long remainingNanos) {}
