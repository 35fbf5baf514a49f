package io.tinyllm.cache.tuning;

import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.util.List;
import java.util.Locale;

/**
 * The simple rule: grows by half while the hit rate is below the target and more than a tenth of the writes evict,
 * shrinks by a fifth while it is above 1.1 times the target and fewer than one in a hundred evict. It grows to the
 * maximum on any scan.
 */
final class ThresholdPolicy implements SizePolicy {

    private static final double GROW_EVICTION_RATE = 0.1;
    private static final double SHRINK_EVICTION_RATE = 0.01;
    private static final double HIGHEST_SHRINK_RATE = 0.99;

    private final SizeBounds bounds;

    ThresholdPolicy(SizeBounds bounds) {
        this.bounds = bounds;
    }

    @Override
    public String name() {
        return "threshold";
    }

    @Override
    public void record(long hash) {}

    @Override
    public Choice decide(SizeObservation seen) {
        double target = bounds.targetHitRate();
        double shrinkRate = Math.min(HIGHEST_SHRINK_RATE, 1.1 * target);
        String facts = String.format(
                Locale.ROOT, "hit rate %.2f, %.0f %% of the writes evict", seen.hitRate(), 100 * seen.evictionRate());
        if (seen.requests() == 0) {
            return new Choice(bounds.clamp(seen.size()), "no requests");
        }
        if (seen.hitRate() < target && seen.evictionRate() > GROW_EVICTION_RATE) {
            return new Choice(
                    bounds.clamp(seen.size() * 1.5),
                    facts + String.format(Locale.ROOT, ", below the target %.2f", target));
        }
        if (seen.hitRate() > shrinkRate && seen.evictionRate() < SHRINK_EVICTION_RATE) {
            return new Choice(
                    bounds.clamp(seen.size() * 0.8), facts + String.format(Locale.ROOT, ", above %.2f", shrinkRate));
        }
        return new Choice(bounds.clamp(seen.size()), facts);
    }

    @Override
    public List<MissRatioCurve.Point> curve() {
        return List.of();
    }
}
