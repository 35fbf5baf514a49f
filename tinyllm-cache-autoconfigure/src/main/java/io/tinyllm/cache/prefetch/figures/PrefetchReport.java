package io.tinyllm.cache.prefetch.figures;

import java.util.Map;

/**
 * The figures of a prefetcher since it was made.
 * @param observing whether it only watches: then nothing was loaded, and the figures say what would have been
 * @param paused why it does not act at the moment; empty when it does
 * @param issued prefetches begun
 * @param useful prefetched entries that a caller then found
 * @param late keys asked for while their prefetch was still under way: predicted right, but the caller had to wait
 * @param wasted prefetched entries that left the cache before anybody asked for them
 * @param failed prefetches that ended with an exception
 * @param rejected predictions that were not acted on, by reason
 * @param precision the share of the judged prefetches that were useful or late; 0 before the first
 * @param secondsSaved how long callers would have waited for the useful ones, in seconds; late ones count nothing
 * @param staged prefetched entries that nobody has asked for yet
 * @param reach how many accesses ahead it now looks
 */
public record PrefetchReport(
        boolean observing,
        String paused,
        long issued,
        long useful,
        long late,
        long wasted,
        long failed,
        Map<PrefetchRejection, Long> rejected,
        double precision,
        double secondsSaved,
        int staged,
        int reach) {}
