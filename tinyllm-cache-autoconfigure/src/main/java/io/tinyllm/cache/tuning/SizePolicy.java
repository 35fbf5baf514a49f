package io.tinyllm.cache.tuning;

import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A rule that decides the size of a cache. Not thread safe: one control loop calls it. */
sealed interface SizePolicy permits MissRatioCurvePolicy, ThresholdPolicy {

    /**
     * The size that is wanted and why; {@code size} is within the bounds and equal to the observed one when that is
     * kept.
     */
    record Choice(long size, String reason) {}

    /** The name in the configuration. */
    String name();

    /** Sees a request; {@code hash} is a well-mixed 64-bit hash of its key. */
    void record(long hash);

    /** Ends an interval. */
    Choice decide(SizeObservation observation);

    /** The estimate that the rule rests on, null where it has none. */
    default @Nullable HitRateEstimator estimator() {
        return null;
    }

    /** The estimated hit rate by size, empty where the rule has no idea of it. */
    List<MissRatioCurve.Point> curve();
}
