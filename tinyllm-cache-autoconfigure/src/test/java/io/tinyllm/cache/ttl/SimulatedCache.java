package io.tinyllm.cache.ttl;

import java.util.HashMap;
import java.util.Map;

/**
 * An unbounded cache in simulated time that drops entries as an optimiser says, next to one with the fixed
 * time-to-live.
 */
final class SimulatedCache {

    private static final long SECOND = 1_000_000_000L;

    private final TtlOptimizer optimizer;
    private final long ttl;
    private final Map<Long, long[]> entries = new HashMap<>(); // written, fresh until, last used
    private final Map<Long, Long> fixedDeadlines = new HashMap<>();
    private long now;
    private long nextStep = SECOND;
    private long nextSweep;
    private long accesses;
    private long hits;
    private long fixedHits;
    private double residency;
    private double fixedResidency;
    private long longestLife;

    SimulatedCache(TtlOptimizer optimizer, long ttl) {
        this.optimizer = optimizer;
        this.ttl = ttl;
    }

    boolean access(long key, long nanos) {
        now = nanos;
        for (; nextStep <= now; nextStep += SECOND) {
            optimizer.step(nextStep);
            if (optimizer.sweepNanos() != TtlOptimizer.NEVER && nextStep >= nextSweep) {
                nextSweep = nextStep + optimizer.sweepNanos();
                sweep(nextStep);
            }
        }
        accesses++;
        if (fixedDeadlines.getOrDefault(key, 0L) > now) {
            fixedHits++;
        } else {
            fixedDeadlines.put(key, now + ttl);
            fixedResidency += ttl;
        }
        long[] entry = entries.get(key);
        boolean hit = entry != null && entry[1] > now;
        if (hit) {
            hits++;
            entry[2] = now;
            longestLife = Math.max(longestLife, now - entry[0]);
        } else {
            residency += entry == null ? 0 : entry[1] - entry[0];
            entries.put(key, new long[] {now, now + optimizer.ttlNanos(key, ttl), now});
        }
        optimizer.onAccess(key, hit, now);
        return hit;
    }

    private void sweep(long at) {
        entries.entrySet().removeIf(e -> {
            long[] entry = e.getValue();
            boolean idle =
                    entry[1] > at && at - entry[2] >= optimizer.idleNanos(e.getKey(), entry[2], entry[1] - entry[2]);
            residency += idle ? at - entry[0] : 0;
            return idle;
        });
    }

    /** The hits of the fixed time-to-live less those of the optimiser, as a share of the accesses. */
    double loss() {
        return (double) (fixedHits - hits) / accesses;
    }

    double hitRate() {
        return (double) hits / accesses;
    }

    /** The share of the residency of the fixed time-to-live that the optimiser saved. */
    double saved() {
        double open = entries.values().stream().mapToDouble(e -> e[1] - e[0]).sum();
        return 1 - (residency + open) / fixedResidency;
    }

    long longestLifeNanos() {
        return longestLife;
    }

    long now() {
        return now;
    }
}
