package io.tinyllm.cache.tuning.share;

/**
 * Whether a division has lost against equal shares: by a cumulative sum of what it lost, beside what an interval
 * usually costs. Gains make up for losses to come, up to a bound: they often come in bursts. A little that is
 * lost while nothing much happens decides nothing: what a share is given for may come back only after many intervals.
 * Each division that has lost makes the next wait longer and promise twice as much. Not thread-safe.
 */
final class Judgement {

    /** The weight that an interval keeps, with each one after it, in the usual cost of one. */
    private static final double DECAY = 0.98;

    /** So many intervals say what one usually costs. */
    private static final int ENOUGH = 3;

    /** How many intervals nothing is tried after a division that has lost; times the caution. */
    private static final int PAUSE = 15;

    /** So many intervals without a loss make up for half of the caution. */
    private static final int FORGIVEN = 100;

    private final double bearable;
    private final double mostCredit;
    private final double mostCaution;
    private double caution = 1;
    private double lost;
    private double sum;
    private double weight;
    private int intervals;
    private int sinceLoss;

    /**
     * Creates a judgement without a loss.
     * @param bearable how much may be lost, in what an interval costs
     * @param mostCredit how many gains at most make up for losses, in the same
     * @param mostCaution how much more a division has to promise at most, after several have lost
     */
    Judgement(double bearable, double mostCredit, double mostCaution) {
        this.bearable = bearable;
        this.mostCredit = mostCredit;
        this.mostCaution = mostCaution;
    }

    /**
     * Takes in an interval.
     * @param loss what equal shares would have spared, negative where they would have cost more
     * @param cost what it has cost
     */
    void add(double loss, double cost) {
        intervals++;
        if (++sinceLoss % FORGIVEN == 0) {
            caution = Math.max(1, caution / 2);
        }
        sum = DECAY * sum + cost;
        weight = DECAY * weight + 1;
        double credit = weight <= 0 ? 0 : mostCredit * sum / weight;
        lost = Math.max(-credit, lost + loss);
    }

    /** Begins to judge a division that is not of equal shares. */
    void begin() {
        lost = 0;
    }

    /** The loss so far, in usual costs of an interval. */
    double lost() {
        return sum <= 0 ? 0 : lost * weight / sum;
    }

    /** Returns whether the division should end. */
    boolean hasLost() {
        return intervals >= ENOUGH && lost() > bearable;
    }

    /** Takes note that a division is taken back. */
    void takenBack() {
        caution = Math.min(mostCaution, caution * 2);
        sinceLoss = 0;
        begin();
    }

    /** Returns whether it is too early for another division. */
    boolean isPausing() {
        return caution > 1 && sinceLoss < PAUSE * caution;
    }

    /** By how much more than at first a division has to promise. */
    double caution() {
        return caution;
    }
}
