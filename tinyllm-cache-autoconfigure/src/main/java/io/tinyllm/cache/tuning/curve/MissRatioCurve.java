package io.tinyllm.cache.tuning.curve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The hit rate of a cache as a function of its size, estimated online from the hashes of the requested keys.
 *
 * <p>LRU stack distances of a spatial sample, after SHARDS (Waldspurger et al., Efficient MRC Construction with SHARDS,
 * FAST 2015), at several scales at once: level {@code j} follows one key in 4^j, remembers the last {@value #CAPACITY}
 * of those, and measures the sizes between a quarter and all of what they stand for. So small sizes are exact, every
 * larger size is measured with the same relative precision whatever the number of keys, and a hot key, whose distances
 * are short, disturbs no estimate but the exact one (what the correction SHARDS-adj is for). Distances are kept in bins
 * of ratio 1.05 and lose weight at every {@link #age}.
 *
 * <p>Not thread safe: one consumer calls it. At most 0.6 MB, reached only by many millions of different keys.
 */
public final class MissRatioCurve {

    /** Bins to a factor of four in size: a ratio of 1.0508. */
    private static final int BINS_PER_LEVEL = 28;

    private static final int LEVELS = 11;
    private static final int CAPACITY = 512;
    private static final int FIRST_LEVEL_BINS = binOf(CAPACITY) + 1;
    static final int BINS = FIRST_LEVEL_BINS + (LEVELS - 1) * BINS_PER_LEVEL;
    /** Bins of the distances 1 ... capacity. */
    private static final short[] BIN = new short[CAPACITY + 1];

    static {
        for (int distance = 1; distance < BIN.length; distance++) {
            BIN[distance] = (short) binOf(distance);
        }
    }

    private final int capacity;
    private final @Nullable SampledStack[] levels = new SampledStack[LEVELS];
    private final SampledStack all;
    private final double[] hits = new double[BINS];
    private double requests;
    private int deepest;

    public MissRatioCurve() {
        this(CAPACITY);
    }

    /** A curve from {@code capacity} sampled keys a level, a power of two up to {@value #CAPACITY}. */
    public MissRatioCurve(int capacity) {
        this.capacity = capacity;
        this.all = new SampledStack(capacity);
    }

    /** A point of the curve: the hit rate, 0 ... 1, that a cache of this many entries would have. */
    public record Point(long size, double hitRate) {}

    private static int binOf(int distance) {
        return (int) Math.ceil(Math.log(distance) / Math.log(4) * BINS_PER_LEVEL - 1e-9);
    }

    /** Reads a curve given by bin at any size. */
    static double interpolate(double[] rates, double size) {
        double position = position(size);
        int bin = (int) Math.ceil(position);
        if (bin <= 0) {
            return size < 1 ? 0 : rates[0];
        }
        if (bin >= BINS) {
            return rates[BINS - 1];
        }
        return rates[bin - 1] + (position - (bin - 1)) * (rates[bin] - rates[bin - 1]);
    }

    /** Where a size lies between the bins, the inverse of {@link #sizeOf}. */
    static double position(double size) {
        return Math.log(size) / Math.log(4) * BINS_PER_LEVEL;
    }

    static double sizeOf(double bin) {
        return Math.pow(4, bin / BINS_PER_LEVEL);
    }

    /** Counts a request; {@code hash} is a well-mixed 64-bit hash of its key. */
    public void record(long hash) {
        requests++;
        int distance = all.access(hash);
        if (distance != 0) {
            hits[BIN[distance]]++;
        }
        // the top bits choose the levels, two a level, so that the levels are nested
        int sampled = Math.min(Long.numberOfLeadingZeros(hash) >>> 1, LEVELS - 1);
        for (int level = 1; level <= sampled; level++) {
            recordSampled(level, hash);
        }
    }

    private void recordSampled(int level, long hash) {
        SampledStack stack = levels[level];
        if (stack == null) {
            stack = new SampledStack(capacity);
            levels[level] = stack;
            deepest = Math.max(deepest, level);
        }
        int distance = stack.access(hash);
        if (distance > capacity / 4) {
            hits[BIN[distance] + level * BINS_PER_LEVEL] += 1L << (2 * level);
        }
    }

    /**
     * Multiplies the weight of all that was recorded by {@code factor}, 0 ... 1: what an interval that ended is still
     * worth.
     */
    public void age(double factor) {
        requests *= factor;
        for (int i = 0; i < BINS; i++) {
            hits[i] *= factor;
        }
    }

    /** The weight of the requests recorded, their number as long as nothing was aged. */
    public double requests() {
        return requests;
    }

    /** The hit rates by bin. */
    double[] rates() {
        double[] rates = new double[BINS];
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += hits[bin];
            rates[bin] = requests == 0 ? 0 : Math.min(1, sum / requests);
        }
        return rates;
    }

    /** The estimated hit rate of an LRU cache of {@code size} entries, 0 ... 1; 0 before the first request. */
    public double hitRate(double size) {
        if (requests == 0 || size < 1) {
            return 0;
        }
        double position = position(size);
        double sum = 0;
        for (int bin = 0; bin < BINS && bin <= position + 1; bin++) {
            sum += hits[bin] * Math.min(1, position - bin + 1);
        }
        return Math.min(1, sum / requests);
    }

    /** The estimated hit rate of a cache without a bound. */
    public double maximumHitRate() {
        return hitRate(sizeOf(BINS));
    }

    /**
     * The estimated share of the misses of a cache of {@code size} entries that are first accesses, which no size
     * avoids; 0 ... 1.
     */
    public double compulsoryShare(double size) {
        double misses = 1 - hitRate(size);
        return misses <= 0 ? 1 : Math.min(1, (1 - maximumHitRate()) / misses);
    }

    /** The estimated number of different keys that were requested, within what the sample remembers. */
    public long footprint() {
        SampledStack stack = all;
        int level = 0;
        for (int i = 1; i <= deepest && stack.isFull(); i++) {
            SampledStack next = levels[i];
            if (next != null) {
                stack = next;
                level = i;
            }
        }
        return (long) stack.size() << (2 * level);
    }

    /** About how many bytes this holds. */
    public long bytes() {
        long bytes = all.bytes() + 8L * BINS;
        for (SampledStack level : levels) {
            bytes += level == null ? 0 : level.bytes();
        }
        return bytes;
    }

    /**
     * The curve at sizes in steps of about a quarter, up to the first that holds all keys seen; empty before the first
     * request.
     */
    public List<Point> curve() {
        return points(this::hitRate);
    }

    /** The points of {@link #curve} with another estimate of the hit rate. */
    List<Point> points(DoubleUnaryOperator hitRate) {
        List<Point> points = new ArrayList<>();
        if (requests == 0) {
            return points;
        }
        long footprint = Math.max(1, footprint());
        long last = 0;
        for (int bin = 0; bin < BINS && last < footprint; bin += 4) {
            long size = Math.min(footprint, Math.round(sizeOf(bin)));
            if (size > last) {
                points.add(new Point(size, hitRate.applyAsDouble(size)));
                last = size;
            }
        }
        return points;
    }
}
