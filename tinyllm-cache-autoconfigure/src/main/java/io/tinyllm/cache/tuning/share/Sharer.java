package io.tinyllm.cache.tuning.share;

import io.tinyllm.cache.tuning.figures.SizeObservation;

/** One of those who share a total that a {@code Divider} divides. Called by one thread at a time. */
public interface Sharer {

    /** Its name in decisions. */
    String name();

    /** The smallest share it may have, in units of the total. */
    double minimum();

    /** The largest share that is of use to it, infinite where nothing says so. */
    default double maximum() {
        return Double.POSITIVE_INFINITY;
    }

    /** The hit rate beyond which it needs no more, 1 where nothing says so. */
    default double targetHitRate() {
        return 1;
    }

    /** The figures since the last call, the size in entries of the mean size. */
    SizeObservation observe();

    /** The cost of a miss; 0 where that is not known. */
    double costPerMiss();

    /** The mean size of an entry, in units of the total; positive. */
    double unitsPerEntry();
}
