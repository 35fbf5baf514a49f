package io.tinyllm.cache.ttl;

/**
 * The account of the hits that idle timeouts may cost: every access earns a little, every lost hit takes one. Not thread-safe.
 *
 * <p>What is saved up buys bolder plans, at most twice the income; an overdraft makes them cautious and then stops them. A loss
 * nobody could foresee is earned back within a day at most.
 */
final class LossBudget {

    /** The share of the accesses that may be lost in the long run. */
    static final double TARGET = 0.0075;

    private static final double OVERDRAFT = 0.002;
    private static final double GAIN = 0.5;
    private static final double BOLDEST = 2;
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
        balance = Math.max(-TARGET * Math.max(window, accessesPerDay), Math.min(TARGET * recentAccesses, balance));
        accesses = totalAccesses;
        lostHits = totalLostHits;
    }

    /** Whether so much is overdrawn that no timeout may act. */
    boolean exhausted() {
        return balance < -OVERDRAFT * window;
    }

    /** The share of the accesses that the next plan may lose. */
    double spendable() {
        return Math.max(0, Math.min(BOLDEST * TARGET, TARGET + GAIN * balance / window));
    }

    /** The share of all accesses that was lost. */
    double measured() {
        return accesses == 0 ? 0 : (double) lostHits / accesses;
    }
}
