package io.tinyllm.cache.tuning;

/**
 * The bounds of a size, and the hit rate that it is to reach.
 *
 * @param minimum the smallest size, in entries
 * @param maximum the largest size
 * @param targetHitRate the hit rate to reach, 0 ... 1
 */
public record SizeBounds(long minimum, long maximum, double targetHitRate) {

    public SizeBounds {
        if (minimum < 1 || maximum < minimum) {
            throw new IllegalArgumentException("minimum " + minimum + " and maximum " + maximum + " are no bounds");
        }
    }

    long clamp(double size) {
        return (long) Math.max(minimum, Math.min(maximum, Math.ceil(size)));
    }
}
