package io.tinyllm.cache.write;

import java.util.List;

/**
 * The figures of a write policy since the start, and what is left to do.
 *
 * @param policy the name of the policy as in the properties
 * @param dirty the operations that wait for the store
 * @param flushed the operations that the store has accepted
 * @param failed the calls of the store that failed to write
 * @param loadFailures the loads that failed
 * @param writtenThrough the writes of a write-back cache that went to the store at once, since the buffer was full or
 *     the journal could not take them
 * @param journalHealthy false while the journal cannot be written
 * @param journalDamaged the damaged places that were found in the journal at the start
 * @param deadLetters what was given up on, oldest first
 */
public record WriteStatistics(
        String policy,
        int dirty,
        long flushed,
        long failed,
        long loadFailures,
        long writtenThrough,
        boolean journalHealthy,
        int journalDamaged,
        List<DeadLetter> deadLetters) {}
