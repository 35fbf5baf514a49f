package io.tinyllm.cache.ttl;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/**
 * The {@code adaptive} policy: idle timeouts inside a fixed time-to-live, learned by class of key.
 *
 * <p>The time-to-live stays the hard bound of freshness, for every entry. Inside it, keys of a class that seldom
 * returns, and entries that will expire before their next access, are dropped early. What that costs is measured on a
 * sample of the keys against the fixed time-to-live, and kept below one hit in a hundred accesses; a change of the
 * access pattern that nobody could foresee can cost about three in a hundred, once.
 *
 * <p>{@link #ttlNanos} and {@link #report} may be called by any thread, the rest by one at a time. About 2 MB, plus
 * eight bytes for each of four times {@code maximumSize} keys within 4096 and 262144.
 */
public final class AdaptiveTtl implements TtlOptimizer {

    private static final int STEPS_PER_HORIZON = 32;
    private static final int SWEEPS_PER_HORIZON = 128;
    /** Those of a horizon: nothing that may still be dropped was used before. */
    private static final int PLANS = STEPS_PER_HORIZON + 1;

    private static final double FADE_PER_STEP = 0.95;
    private static final int HORIZONS_OF_MAXIMUM = 8;
    /** Old counts fade only as far as this many accesses remain to plan with. */
    private static final double KEPT_ACCESSES = 1000;

    private static final double FEWEST_ACCESSES = 50;
    private static final double NANOS_PER_DAY = Duration.ofDays(1).toNanos();

    /** The most that may be lost at once if the dropped keys all return: this share of a day's accesses. */
    private static final double EXPOSURE = 0.02;

    private static final long SHORTEST_HORIZON = 1_000_000;
    private static final long SHORTEST_STEP = 1_000_000_000;
    private static final double NOTABLE = 0.1;

    private final TtlBounds bounds;
    private final boolean acting;
    private final KeyHistory history;
    private final GapCounts counts;
    private final IdlePlanner planner;
    private final ShadowSample sample;
    private final LossBudget budget = new LossBudget();
    private final TtlDecisions decisions;
    private final IdlePlan none;
    private final long horizon;

    private final PlanHistory plans;
    private volatile TtlReport report;
    private long lastStep;
    private double observedNanos;
    private double reportedSeconds;
    private boolean paused;

    /**
     * Creates a policy that sets no timeout until it has seen some accesses.
     * @param timeToLiveNanos the cache's time-to-live, above zero; {@link TtlOptimizer#NEVER} for ever
     * @param bounds of the timeouts; an entry that gets none keeps the time-to-live
     * @param maximumSize the most entries of the cache
     * @param acting false to decide and report only, and set no timeout
     * @param nowNanos the time now, of the ticker that all other calls go by
     * @param clock the time of decisions
     */
    public AdaptiveTtl(
            long timeToLiveNanos,
            TtlBounds bounds,
            long maximumSize,
            boolean acting,
            long nowNanos,
            InstantSource clock) {
        this.horizon = horizon(timeToLiveNanos, bounds);
        this.bounds = bounds;
        this.acting = acting;
        this.history = new KeyHistory(maximumSize, horizon, nowNanos);
        GapBins bins = new GapBins(horizon);
        this.counts = new GapCounts(bins);
        this.planner = new IdlePlanner(bins, bounds.minimumNanos(), bounds.maximumNanos());
        this.sample = new ShadowSample(horizon, counts);
        this.decisions = new TtlDecisions(clock);
        this.none = IdlePlan.none(bins);
        this.plans = new PlanHistory(PLANS, stepNanos(), none);
        this.lastStep = nowNanos;
        this.report = report(0, 0);
    }

    private static long horizon(long timeToLive, TtlBounds bounds) {
        if (timeToLive < NEVER / 4) {
            return Math.max(SHORTEST_HORIZON, timeToLive);
        }
        return HORIZONS_OF_MAXIMUM * Math.min(bounds.maximumNanos(), NEVER / 4 / HORIZONS_OF_MAXIMUM);
    }

    @Override
    public long idleNanos(long keyHash, long usedNanos, long remainingNanos) {
        IdlePlan plan = plans.at(usedNanos);
        if (!acting || plan == none) {
            return NEVER;
        }
        long spread = BoundedTables.spread(keyHash);
        long known = history.find(spread);
        // What is forgotten is not what was seen once.
        return known == KeyHistory.UNKNOWN ? NEVER : plan.idleNanos(spread, KeyHistory.classOf(known), remainingNanos);
    }

    @Override
    public long sweepNanos() {
        return acting ? Math.max(SHORTEST_STEP, horizon / SWEEPS_PER_HORIZON) : NEVER;
    }

    /** The time-to-live itself: this policy never changes it. */
    @Override
    public long ttlNanos(long keyHash, long configuredNanos) {
        return configuredNanos;
    }

    @Override
    public void onAccess(long keyHash, boolean hit, long nowNanos) {
        long spread = BoundedTables.spread(keyHash);
        int keyClass = KeyHistory.classOf(history.record(spread, nowNanos));
        if (sample.has(spread)) {
            sample.access(spread, keyClass, plans.current(), nowNanos);
        }
    }

    @Override
    public void step(long nowNanos) {
        if (nowNanos - lastStep >= stepNanos()) {
            decide(nowNanos, false);
        }
    }

    private long stepNanos() {
        return Math.max(SHORTEST_STEP, horizon / STEPS_PER_HORIZON);
    }

    @Override
    public void stepNow(long nowNanos) {
        decide(nowNanos, true);
    }

    private void decide(long now, boolean asked) {
        long elapsed = Math.max(1, now - lastStep);
        lastStep = now;
        observedNanos += elapsed;
        sample.sweep(now);
        budget.settle(
                sample.accesses(),
                sample.lostHits(),
                counts.accesses(),
                counts.accesses() / observedNanos * NANOS_PER_DAY);
        boolean learning = counts.accesses() < FEWEST_ACCESSES;
        boolean pause = budget.exhausted();
        IdlePlan plan = pause || learning || !planner.canAct()
                ? none
                : planner.plan(counts, budget.spendable(), EXPOSURE * NANOS_PER_DAY);
        plans.add(plan, now);
        double seconds = learning ? 0 : plan.meanSeconds(counts, 0, KeyClasses.TOTAL);
        boolean notable = Math.abs(seconds - reportedSeconds) > NOTABLE * Math.max(seconds, reportedSeconds);
        if (asked || notable || pause != paused) {
            decisions.add(reportedSeconds, seconds, reason(learning, pause, seconds));
            reportedSeconds = seconds;
        }
        paused = pause;
        report = report(learning ? 0 : classesSeen(), seconds);
        double fade = Math.max(
                Math.pow(FADE_PER_STEP, (double) elapsed * STEPS_PER_HORIZON / horizon),
                Math.min(1, KEPT_ACCESSES / Math.max(1, counts.accesses())));
        counts.fade(fade);
        observedNanos *= fade;
    }

    private int classesSeen() {
        int seen = 0;
        for (int c = 0; c < KeyClasses.TOTAL; c++) {
            seen += counts.accesses(c) >= 0.5 ? 1 : 0;
        }
        return seen;
    }

    private TtlReport report(int tracked, double seconds) {
        return new TtlReport("adaptive", bounds.minimum(), bounds.maximum(), tracked, seconds, decisions.list());
    }

    @Override
    public TtlReport report() {
        return report;
    }

    private String reason(boolean learning, boolean pause, double seconds) {
        if (!planner.canAct()) {
            return format(
                    "kept: the time-to-live of %.0f s leaves no room above the minimum of %d s",
                    horizon / 1e9, bounds.minimum().toSeconds());
        }
        if (learning) {
            return "kept: too few accesses to learn from yet";
        }
        if (pause) {
            return format(
                    "idle timeouts paused: of late they cost more than the %.2f %% of the accesses that they may; "
                            + "%.2f %% so far",
                    100 * LossBudget.TARGET, 100 * budget.measured());
        }
        double without = none.meanSeconds(counts, 0, KeyClasses.TOTAL);
        String text = format(
                "%s idle timeout %.1f s on average, %.0f %% of the %.1f s that entries have left",
                acting ? "set:" : "observed only:", seconds, 100 * seconds / without, without);
        return text
                + of("new keys", KeyClasses.ONCE, KeyClasses.ONCE + 1)
                + of("keys seen often", KeyClasses.OFTEN, KeyClasses.TOTAL)
                + format(
                        "; lost so far %.2f %% of the accesses, allowed %.2f %%",
                        100 * budget.measured(), 100 * LossBudget.TARGET);
    }

    private String of(String keys, int fromClass, int toClass) {
        double seconds = plans.current().meanSeconds(counts, fromClass, toClass);
        return Double.isNaN(seconds) ? "" : format("; %s wait %.1f s", keys, seconds);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
