package io.tinyllm.cache.prefetch;

import java.util.function.DoubleSupplier;

/**
 * The account of right and wrong prefetches that decides which predictions may act. A prediction whose own record is
 * good acts. One without a record acts like its class (how often its pair was seen, how confident it is) did before;
 * one with a bad record, or of a bad class, is tried again now and then. What has no record of its own is paid from a
 * budget that right prefetches earn, with very little from misses: where nothing can be foretold, trying costs a fixed
 * number of loads and a few in a thousand misses, and no more. What a right prefetch earns grows with the share of
 * misses that prefetching saves: where it saves few, it may not waste one load in a hundred either.
 *
 * <p>Not thread safe.
 */
final class PrecisionLedger {

    /** The share of right prefetches that is aimed at. */
    static final double GOAL = 0.92;

    /**
     * The earnings of a right prefetch where {@link #FEW} of the misses are saved, or fewer, and where {@link #MANY}
     * are, or more.
     */
    private static final double EARNED_OF_FEW = 0.025;

    private static final double EARNED_OF_MANY = 0.08;
    private static final double FEW = 0.22;
    private static final double MANY = 0.35;
    private static final double RECENT_MISSES = 4096;
    private static final double EARNED_BY_MISS = 0.002;
    private static final double START = 10;
    private static final double MAXIMUM = 256;
    private static final double MINIMUM = -16;

    /** The part of the budget that is kept for classes that are trusted, before those that are not are tried. */
    private static final double RESERVE = 4;

    /** Below this share of the misses, prefetching saves too few for predictions to keep their places for long. */
    private static final double HARDLY_ANY = 0.1;

    private static final double PRIOR = 4;
    private static final int CLASSES = 16;
    private static final double RECENT = 256;
    private static final double ENOUGH = 32;

    private final double minimumPrecision;
    private final DoubleSupplier random;
    private final double[] right = new double[CLASSES];
    private final double[] wrong = new double[CLASSES];
    private double recentRight;
    private double recentWrong;
    private double recentSaved;
    private double recentMisses;
    private double budget = START;
    private int unjudged;

    /** The decision on a prediction. */
    enum Verdict {
        /** Act: it has earned it. */
        ACT,
        /** Act, at the expense of the budget until it is judged. */
        TRY,
        /** Do nothing. */
        REFUSE
    }

    /**
     * @param minimumPrecision when fewer of the recent prefetches were right, everything is paid from the budget
     * @param random numbers in 0..1
     */
    PrecisionLedger(double minimumPrecision, DoubleSupplier random) {
        this.minimumPrecision = minimumPrecision;
        this.random = random;
    }

    /** The class of a prediction, from how often its pair was seen and how confident it is. */
    static int classOf(int support, double confidence) {
        int seen = support >= 8 ? 3 : support >= 4 ? 2 : support >= 2 ? 1 : 0;
        int sure = confidence >= 0.99 ? 3 : confidence >= 0.8 ? 2 : confidence >= 0.6 ? 1 : 0;
        return seen * 4 + sure;
    }

    /** Judges a prediction of a class that was right {@code good} times and wrong {@code bad} times itself. */
    Verdict ask(int kind, int good, int bad) {
        boolean paused = paused();
        if (good > 0 && !paused && (good + GOAL) / (good + bad + 1) >= GOAL) {
            return Verdict.ACT;
        }
        double judged = right[kind] + wrong[kind];
        double trust = (right[kind] + GOAL * PRIOR) / (judged + PRIOR);
        if (good + bad == 0 && !paused && trust >= GOAL) {
            return budget - unjudged >= 1 ? Verdict.TRY : Verdict.REFUSE;
        }
        double share = judged < 1 ? 0.5 : right[kind] / judged;
        return budget - unjudged >= RESERVE && random.getAsDouble() < Math.max(1.0 / 64, share * share)
                ? Verdict.TRY
                : Verdict.REFUSE;
    }

    /** Returns whether so many of the recent prefetches that were no tries were wrong that only tries are left. */
    boolean paused() {
        double judged = recentRight + recentWrong;
        return judged >= ENOUGH && recentRight < minimumPrecision * judged;
    }

    /**
     * Returns whether more has been earned than lost, so that one access may try more than the likeliest key: before
     * that it is more use to try one key for each of several sessions.
     */
    boolean affordsMore() {
        return budget - unjudged > START;
    }

    /** Returns whether hardly any of the recent misses were saved. */
    boolean savesHardlyAny() {
        return recentSaved <= HARDLY_ANY * recentMisses;
    }

    /** A try has begun; {@link #judge} or {@link #cancelled} ends it. */
    void trying() {
        unjudged++;
    }

    /** A try came to nothing, through no fault of the prediction. */
    void cancelled() {
        unjudged--;
    }

    /** A prefetch turned out right or wrong. */
    void judge(int kind, boolean tried, boolean cameTrue) {
        if (tried) {
            unjudged--;
        }
        budget = Math.max(MINIMUM, Math.min(MAXIMUM, budget + (cameTrue ? earnedByRight() : -1)));
        if (cameTrue) {
            recentSaved++;
            right[kind]++;
            recentRight++;
        } else {
            wrong[kind]++;
            // tries have their own limit, the budget; counting their errors here would pause what has proven itself
            recentWrong += tried ? 0 : 1;
        }
        if (right[kind] + wrong[kind] > RECENT) {
            right[kind] /= 2;
            wrong[kind] /= 2;
        }
        if (recentRight + recentWrong > RECENT) {
            recentRight /= 2;
            recentWrong /= 2;
        }
    }

    private double earnedByRight() {
        double share = recentMisses == 0 ? 0 : recentSaved / recentMisses;
        double between = Math.max(0, Math.min(1, (share - FEW) / (MANY - FEW)));
        return EARNED_OF_FEW + between * (EARNED_OF_MANY - EARNED_OF_FEW);
    }

    /** Returns whether it is for want of a verdict on those under way that nothing is tried. */
    boolean isWaiting() {
        return budget >= RESERVE && budget - unjudged < RESERVE;
    }

    /** Somebody asked for what the memory would not have held without prefetching. */
    void missed() {
        budget = Math.min(MAXIMUM, budget + EARNED_BY_MISS);
        recentMisses++;
        if (recentMisses > RECENT_MISSES) {
            recentMisses /= 2;
            recentSaved /= 2;
        }
    }
}
