package io.tinyllm.cache.write;

import java.time.Duration;

/**
 * The bounds of a write-back cache.
 *
 * @param flushInterval the longest that an operation waits while the store is healthy
 * @param batchSize the most operations in a call of the store; so many do not wait for the interval
 * @param maximumDirty the most keys that wait for the store; more are written through
 * @param maximumAttempts after so many refusals an operation is a dead letter
 * @param maximumDeadLetters the most of them; what is refused beyond that is retried for ever
 */
public record WriteBackSettings(
        Duration flushInterval, int batchSize, int maximumDirty, int maximumAttempts, int maximumDeadLetters) {

    /** The defaults of the properties. */
    public static final WriteBackSettings DEFAULTS =
            new WriteBackSettings(Duration.ofSeconds(1), 100, 10_000, 5, 1_000);

    public WriteBackSettings {
        if (flushInterval.isNegative()
                || batchSize < 1
                || maximumDirty < 1
                || maximumAttempts < 1
                || maximumDeadLetters < 0) {
            throw new IllegalArgumentException(
                    "flushInterval and maximumDeadLetters must not be negative, the others at least 1: " + flushInterval
                            + ", " + maximumDeadLetters + ", " + batchSize + ", " + maximumDirty + ", "
                            + maximumAttempts);
        }
    }
}
