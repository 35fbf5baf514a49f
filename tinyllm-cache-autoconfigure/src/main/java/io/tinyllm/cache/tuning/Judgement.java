package io.tinyllm.cache.tuning;

/**
 * Whether a division has lost against equal shares, over the intervals since it was made, the late ones counting more.
 * Each time one has, the next has to promise twice as much. Not thread-safe.
 */
final class Judgement {

    /** What an interval is still worth after another. */
    private static final double DECAY = 0.8;

    /** So many intervals of the past have to speak against a division, and after a change so many speak for nothing. */
    private static final double ENOUGH = 2.5;

    private static final int SETTLING = 2;

    /** So many intervals without a loss make up for half of one. */
    private static final int FORGIVEN = 50;

    private final double bearable;
    private final double mostCaution;
    private double caution = 1;
    private double lost;
    private double base;
    private double weight;
    private int age;
    private int peaceful;

    /**
     * Creates a judgement without a loss.
     * @param bearable the share of the base that may be lost
     * @param mostCaution how much more a division has to promise at most, after several have lost
     */
    Judgement(double bearable, double mostCaution) {
        this.bearable = bearable;
        this.mostCaution = mostCaution;
    }

    /**
     * Takes in an interval.
     * @param loss what equal shares would have spared, negative where they would have cost more
     * @param of of what
     */
    void add(double loss, double of) {
        if (++peaceful >= FORGIVEN) {
            peaceful = 0;
            caution = Math.max(1, caution / 2);
        }
        if (++age > SETTLING) {
            lost = DECAY * lost + loss;
            base = DECAY * base + of;
            weight = DECAY * weight + 1;
        }
    }

    /** Begins to judge another division. */
    void begin() {
        lost = 0;
        base = 0;
        weight = 0;
        age = 0;
    }

    /** The share of the base that was lost, negative for a gain. */
    double lostShare() {
        return base <= 0 ? 0 : lost / base;
    }

    boolean hasLost() {
        return weight >= ENOUGH && lostShare() > bearable;
    }

    /** Takes note that a division is taken back. */
    void takenBack() {
        caution = Math.min(mostCaution, caution * 2);
        peaceful = 0;
        begin();
    }

    /** By how much more than at first a division has to promise. */
    double caution() {
        return caution;
    }
}
