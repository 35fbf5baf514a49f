package io.tinyllm.cache.ttl;

import java.util.Arrays;

/**
 * The idle timeouts by class of key and remaining life. Immutable.
 *
 * <p>A share of the keys, chosen by hash, goes by a bolder set of timeouts than the others, so that any budget between
 * two sets can be spent.
 */
final class IdlePlan {

    private static final int SHARES = 256;

    private final GapBins bins;
    private final byte[][] choice;
    private final byte[][] bolder;
    private final int share;

    /**
     * Creates a plan.
     * @param choice by class and bin of the remaining life the bin whose end is the timeout, {@link GapBins#LAST} for
     * none
     * @param bolder the same for a share of the keys
     * @param share that share, from 0 to 1
     */
    IdlePlan(GapBins bins, byte[][] choice, byte[][] bolder, double share) {
        this.bins = bins;
        this.choice = choice;
        this.bolder = bolder;
        this.share = (int) (SHARES * Math.max(0, Math.min(1, share)));
    }

    /** The plan without any timeout. */
    static IdlePlan none(GapBins bins) {
        byte[][] none = new byte[KeyClasses.TOTAL][GapBins.COUNT];
        for (byte[] row : none) {
            Arrays.fill(row, (byte) GapBins.LAST);
        }
        return new IdlePlan(bins, none, none, 0);
    }

    long idleNanos(long spread, int keyClass, long remainingNanos) {
        boolean bold = ((int) (spread >>> 24) & (SHARES - 1)) < share;
        int bin = (bold ? bolder : choice)[keyClass][bins.of(remainingNanos)];
        return bin == GapBins.LAST ? TtlOptimizer.NEVER : bins.upper(bin);
    }

    /**
     * The mean time in seconds that entries of some classes may stay unread, as they are accessed lately; NaN without
     * accesses.
     */
    double meanSeconds(GapCounts counts, int fromClass, int toClass) {
        double bold = (double) share / SHARES;
        double sum = 0;
        double weight = 0;
        for (int c = fromClass; c < toClass; c++) {
            double[] lives = counts.lives(c);
            for (int life = 0; life < GapBins.COUNT; life++) {
                double plain = bins.upper(Math.min(life, choice[c][life]));
                double bolderOne = bins.upper(Math.min(life, bolder[c][life]));
                sum += lives[life] * (plain + bold * (bolderOne - plain));
                weight += lives[life];
            }
        }
        return sum / weight / 1e9;
    }
}
