package io.tinyllm.cache.ttl;

/**
 * The account of the hits that idle timeouts may cost: every access earns a little, every lost hit takes one. Not
 * thread-safe.
 *
 * <p>What is saved up buys bolder plans, at most twice the income; an overdraft makes them shy and then stops them. A
 * loss nobody could foresee is earned back within a day at most.
 */
final class LossBudget {

    /** The share of the accesses that may be lost in the long run. */
    static final double TARGET = 0.007;

    private static final double OVERDRAFT = 0.01;
    private static final double MOST_SAVED = 2;
    private static final double DEVIATIONS = 2.5;
    private static final double GAIN = 1;
    private static final double BOLDEST = 2;
    private static final double SHYEST = 0.15;
    private static final double SMALLEST_WINDOW = 200;

    private long accesses;
    private long lostHits;
    private double balance;
    private double window = SMALLEST_WINDOW;

    /**
     * Settles the account.
     * @param totalAccesses all sampled accesses so far
     * @param totalLostHits all lost hits among them
     * @param recentAccesses how many accesses the plan rests on
     * @param accessesPerDay at the recent rate
     */
    void settle(long totalAccesses, long totalLostHits, double recentAccesses, double accessesPerDay) {
        window = Math.max(SMALLEST_WINDOW, recentAccesses);
        balance += TARGET * (totalAccesses - accesses) - (totalLostHits - lostHits);
        balance = Math.max(
                -TARGET * Math.max(window, accessesPerDay), Math.min(MOST_SAVED * TARGET * recentAccesses, balance));
        accesses = totalAccesses;
        lostHits = totalLostHits;
    }

    /** Returns whether so much is overdrawn, beyond what chance explains, that no timeout may act. */
    boolean exhausted() {
        double chance = DEVIATIONS * Math.sqrt(TARGET * window);
        return balance < -OVERDRAFT * window - chance;
    }

    /** The share of the accesses that the next plan may lose. */
    double spendable() {
        return Math.max(SHYEST * TARGET, Math.min(BOLDEST * TARGET, TARGET + GAIN * balance / window));
    }

    /** The share of all accesses that was lost. */
    double measured() {
        return accesses == 0 ? 0 : (double) lostHits / accesses;
    }
}
