package io.tinyllm.cache.ttl;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * A sample of keys by hash, each followed through two imagined caches: one with the fixed time-to-live, one with the
 * idle timeouts on top. It counts gaps, and measures what the timeouts really cost. At most {@value #CAPACITY} keys:
 * when there are more, the share of the hashes that is sampled shrinks (as in SHARDS, Waldspurger et al., FAST 2015).
 * Not thread-safe.
 */
final class ShadowSample {

    private static final int CAPACITY = 8192;
    private static final long ALL = -1L; // unsigned

    private final long ttl;
    private final GapCounts counts;
    private final Map<Long, Key> keys = new HashMap<>();
    private long threshold = ALL;
    private long accesses;
    private long lostHits;

    ShadowSample(long ttlNanos, GapCounts counts) {
        this.ttl = ttlNanos;
        this.counts = counts;
    }

    /** Returns whether a key is sampled, by its spread hash. */
    boolean has(long spread) {
        return Long.compareUnsigned(sampling(spread), threshold) <= 0;
    }

    void access(long spread, int keyClass, IdlePlan plan, long now) {
        Key key = keys.get(spread);
        accesses++;
        if (key == null) {
            key = new Key();
            key.fixedDeadline = now + ttl;
            key.deadline = now + ttl;
            keys.put(spread, key);
        } else {
            boolean fixedHit = now < key.fixedDeadline;
            boolean hit = now < key.deadline && now < key.idleDeadline;
            if (!key.gapCounted) {
                counts.gap(key.keyClass, now - key.last);
            }
            if (!fixedHit) {
                key.fixedDeadline = now + ttl;
            }
            if (!hit) {
                key.deadline = now + ttl;
            }
            lostHits += (fixedHit ? 1 : 0) - (hit ? 1 : 0);
        }
        long remaining = key.deadline - now;
        long idle = plan.idleNanos(spread, keyClass, remaining);
        counts.access(keyClass, remaining);
        key.gapCounted = false;
        key.last = now;
        key.keyClass = keyClass;
        key.idleDeadline = idle == TtlOptimizer.NEVER ? Long.MAX_VALUE : now + idle;
        if (keys.size() > CAPACITY) {
            threshold = Long.divideUnsigned(threshold, 10) * 9;
            keys.keySet().removeIf(k -> !has(k));
        }
    }

    /**
     * Counts the gaps that last, forgets the keys that both caches have dropped, and samples more where there is room.
     */
    void sweep(long now) {
        counts.forgetOpen();
        for (Iterator<Key> all = keys.values().iterator(); all.hasNext(); ) {
            Key key = all.next();
            long age = now - key.last;
            if (!key.gapCounted) {
                if (age < counts.bins().horizon()) {
                    counts.open(key.keyClass, age);
                } else {
                    counts.gap(key.keyClass, age);
                    key.gapCounted = true;
                }
            }
            if (key.gapCounted && now >= key.fixedDeadline && now >= key.deadline) {
                all.remove();
            }
        }
        if (keys.size() < CAPACITY / 4) {
            threshold = threshold < 0 ? ALL : threshold * 2;
        }
    }

    /** All accesses of sampled keys so far. */
    long accesses() {
        return accesses;
    }

    /** The hits of the fixed time-to-live less the hits with idle timeouts, so far. */
    long lostHits() {
        return lostHits;
    }

    private static long sampling(long spread) {
        return spread * 0xD6E8FEB86659FD93L;
    }

    private static final class Key {
        long last;
        long fixedDeadline;
        long deadline;
        long idleDeadline;
        int keyClass;
        boolean gapCounted;
    }
}
