package io.tinyllm.cache.ttl;

import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The {@code hit-rate} policy: each time a key is loaded again, its time-to-live grows by half while the cache's recent
 * hit rate is below the target, else shrinks by a fifth, always within the bounds.
 *
 * <p>It starts from the configured time-to-live. Remembered of every key are eight bytes, in a four-way table of four
 * times {@code maximumSize} keys within 4096 and 262144; a key that was displaced starts again. {@link #ttlNanos} and
 * {@link #report} may be called by any thread, the rest by one at a time. Two loads of one key at once may count as
 * one.
 */
public final class HitRateTtl implements TtlOptimizer {

    private static final double GROWTH = 1.5;
    private static final double SHRINKAGE = 0.8;
    private static final int RECENT_ACCESSES = 1000;
    private static final long DECISION_INTERVAL = TimeUnit.MINUTES.toNanos(1);

    private static final int WAYS = 4;
    private static final int TAG_SHIFT = 44;
    private static final long TTL_MASK = (1L << TAG_SHIFT) - 1; // in microseconds, up to 200 days
    private static final long NANOS_PER_UNIT = 1000;

    private final TtlBounds bounds;
    private final double targetHitRate;
    private final boolean acting;
    private final AtomicLongArray slots;
    private final int mask;
    private final LongAdder grown = new LongAdder();
    private final LongAdder shrunk = new LongAdder();
    private final TtlDecisions decisions;

    private volatile double hitRate;
    private volatile TtlReport report;
    private long accesses;
    private long lastDecision;
    private double reportedSeconds;

    /**
     * Creates a policy that knows no key.
     * @param bounds of every time-to-live
     * @param targetHitRate of the cache, from 0 to 1
     * @param maximumSize the most entries of the cache
     * @param acting false to decide and report only, and answer the configured time-to-live
     * @param nowNanos the time now, of the ticker that all other calls go by
     * @param clock the time of decisions
     */
    public HitRateTtl(
            TtlBounds bounds,
            double targetHitRate,
            long maximumSize,
            boolean acting,
            long nowNanos,
            InstantSource clock) {
        this.bounds = bounds;
        this.targetHitRate = targetHitRate;
        this.acting = acting;
        this.slots = new AtomicLongArray(BoundedTables.slots(maximumSize));
        this.mask = slots.length() / WAYS - 1;
        this.decisions = new TtlDecisions(clock);
        this.lastDecision = nowNanos;
        this.report = report(0, 0);
    }

    @Override
    public long ttlNanos(long keyHash, long configuredNanos) {
        long spread = BoundedTables.spread(keyHash);
        long tag = spread >>> TAG_SHIFT;
        int base = ((int) spread & mask) * WAYS;
        int place = base + ((int) (spread >>> 32) & (WAYS - 1));
        long nanos = bounds.clamp(configuredNanos);
        for (int i = base; i < base + WAYS; i++) {
            long slot = slots.getOpaque(i);
            if (slot == 0) {
                place = i;
            } else if (slot >>> TAG_SHIFT == tag) {
                place = i;
                nanos = bounds.clamp(next((slot & TTL_MASK) * NANOS_PER_UNIT));
                break;
            }
        }
        slots.setOpaque(place, tag << TAG_SHIFT | Math.max(1, Math.min(TTL_MASK, nanos / NANOS_PER_UNIT)));
        return acting ? nanos : configuredNanos;
    }

    private long next(long nanos) {
        if (hitRate < targetHitRate) {
            grown.increment();
            return (long) (nanos * GROWTH);
        }
        shrunk.increment();
        return (long) (nanos * SHRINKAGE);
    }

    /** No timeout: this policy has none. */
    @Override
    public long idleNanos(long keyHash, long usedNanos, long remainingNanos) {
        return NEVER;
    }

    @Override
    public long sweepNanos() {
        return NEVER;
    }

    @Override
    public void onAccess(long keyHash, boolean hit, long nowNanos) {
        accesses++;
        double rate = hitRate;
        hitRate = rate + ((hit ? 1 : 0) - rate) / Math.min(accesses, RECENT_ACCESSES);
    }

    @Override
    public void step(long nowNanos) {
        if (nowNanos - lastDecision >= DECISION_INTERVAL) {
            lastDecision = nowNanos;
            decide(false);
        }
    }

    @Override
    public void stepNow(long nowNanos) {
        lastDecision = nowNanos;
        decide(true);
    }

    private void decide(boolean asked) {
        long up = grown.sumThenReset();
        long down = shrunk.sumThenReset();
        int tracked = 0;
        double seconds = 0;
        for (int i = 0; i < slots.length(); i++) {
            long slot = slots.getOpaque(i);
            if (slot != 0) {
                tracked++;
                seconds += (slot & TTL_MASK) * (NANOS_PER_UNIT / 1e9);
            }
        }
        double mean = tracked == 0 ? 0 : seconds / tracked;
        if (asked || up + down > 0) {
            decisions.add(reportedSeconds, mean, reason(up, down, tracked, mean));
            reportedSeconds = mean;
        }
        report = report(tracked, mean);
    }

    private String reason(long up, long down, int tracked, double mean) {
        if (up + down == 0) {
            return "kept: no key was loaded again";
        }
        return String.format(
                Locale.ROOT,
                "%sttl %.1f s = mean of %d keys: %d grew by half, %d shrank by a fifth; "
                        + "the recent hit rate is %.2f, %s the target %.2f",
                acting ? "" : "observed only: ",
                mean,
                tracked,
                up,
                down,
                hitRate,
                hitRate < targetHitRate ? "below" : "not below",
                targetHitRate);
    }

    private TtlReport report(int tracked, double mean) {
        return new TtlReport("hit-rate", bounds.minimum(), bounds.maximum(), tracked, mean, decisions.list());
    }

    @Override
    public TtlReport report() {
        return report;
    }
}
