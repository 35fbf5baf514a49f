package io.tinyllm.cache.core;

import java.util.concurrent.atomic.LongAdder;

/**
 * Exact figures of a cache. Striped, hence cheap to count from many threads; the reading of several of them is not one
 * atomic snapshot.
 */
public final class CacheCounters {

    final LongAdder memoryHits = new LongAdder();
    final LongAdder remoteHits = new LongAdder();
    final LongAdder replicaHits = new LongAdder();
    final LongAdder storeHits = new LongAdder();
    final LongAdder negativeHits = new LongAdder();
    final LongAdder staleHits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder bypassed = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder loadFailures = new LongAdder();
    final LongAdder loadNanos = new LongAdder();
    final LongAdder puts = new LongAdder();
    final LongAdder stores = new LongAdder();
    final LongAdder errors = new LongAdder();

    /** Answers of the local tier, stale and negative ones among them. */
    public long memoryHits() {
        return memoryHits.sum();
    }

    /** Answers of the shared tier. */
    public long remoteHits() {
        return remoteHits.sum();
    }

    /** Answers of replicas of the shared tier. */
    public long replicaHits() {
        return replicaHits.sum();
    }

    /** Answers of the backing store. */
    public long storeHits() {
        return storeHits.sum();
    }

    /** Answers from what is remembered of absent or failing keys. */
    public long negativeHits() {
        return negativeHits.sum();
    }

    /** Answers past their time-to-live. */
    public long staleHits() {
        return staleHits.sum();
    }

    /** Answers without a load: the sum over the tiers. */
    public long hits() {
        return memoryHits() + remoteHits() + replicaHits() + storeHits();
    }

    /** Reads that found nothing; callers that waited for another's load count here too. */
    public long misses() {
        return misses.sum();
    }

    /** Reads that a rule kept away from the cache. */
    public long bypassed() {
        return bypassed.sum();
    }

    /** Loads that ended, failed ones among them. */
    public long loads() {
        return loads.sum();
    }

    /** Loads that ended with an exception. */
    public long loadFailures() {
        return loadFailures.sum();
    }

    /** Time spent in loads, in nanoseconds. */
    public long loadNanos() {
        return loadNanos.sum();
    }

    /** Puts of callers. */
    public long puts() {
        return puts.sum();
    }

    /** Entries written: puts of callers and results of loads. */
    public long stores() {
        return stores.sum();
    }

    /** Faults of the cache itself that no caller saw. */
    public long errors() {
        return errors.sum();
    }

    /** Counts a fault of the cache itself that no caller saw. */
    public void error() {
        errors.increment();
    }
}
