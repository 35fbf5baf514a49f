package io.tinyllm.cache.llm;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers that caches hold, seen from outside: to look is no request and no use. Implementations are thread-safe
 * and do not block. Of a cache that is not of this library nothing is known.
 */
public interface HeldAnswers {

    /** Knows no cache. */
    HeldAnswers UNKNOWN = new HeldAnswers() {};

    /** Returns whether a cache can be looked into. */
    default boolean knows(String cacheName) {
        return false;
    }

    /** Returns whether a rule of a cache keeps a key away from it. */
    default boolean isBypassed(String cacheName, String key) {
        return false;
    }

    /**
     * Returns what a cache holds of a key.
     * @return null in it where that is nothing; fails where a tier does
     */
    default CompletableFuture<@Nullable Held> held(String cacheName, String key) {
        return CompletableFuture.completedFuture(null);
    }

    /** Shows the values that a cache holds in memory. */
    default void forEachInMemory(String cacheName, Consumer<@Nullable Object> values) {}

    /** Returns whether the calling thread runs a load that no caller waits for. */
    default boolean isInBackground() {
        return false;
    }

    /**
     * The value that is held of a key.
     * @param value the value, may be null
     * @param remainingNanos how long it stays fresh, below zero for a stale one, null for ever
     */
    record Held(@Nullable Object value, @Nullable Long remainingNanos) {}
}
