package io.tinyllm.cache.tuning.partition;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.access.tuner.DecisionLog;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.curve.HitRateModel;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.share.EqualSplit;
import io.tinyllm.cache.tuning.share.Judgement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Divides the entries of a cache among its partitions so that together they hit most: a curve of hit rate by size for
 * each, the best division of the total found by dynamic programming, proposed when it promises more than a point of hit
 * rate. What comes of it is compared with what equal bounds would have answered, which tiers in miniature tell: a
 * division that lost is taken back, and the next one has to promise twice as much.
 *
 * <p>Not thread safe: one control loop feeds it the requests and asks it at every interval. It resizes nothing. 160 KB
 * a partition, for partitions of many keys up to 0.7 MB.
 */
public final class PartitionRebalancer {

    /** Sampled keys a scale of each curve; as many as one cache alone gets. */
    private static final int SAMPLE = 512;

    private static final double DECAY = 0.98;
    /**
     * The first intervals are of cold caches, and are forgotten faster: the n-th ages what was before by n / (n + 2).
     */
    private static final double WARM_UP = 2;

    private static final double MINIMUM_GAIN = 0.01;
    private static final int MINIMUM_REQUESTS = 1000;

    /** How many hits a division may lose against equal bounds, as a part of the requests of an interval. */
    private static final double BEARABLE = 2;

    /** A division has to promise so many times more at most, after several that have lost. */
    private static final double MOST_CAUTION = 16;

    private final EqualSplit equal = new EqualSplit();
    private final Judgement judgement = new Judgement(BEARABLE, BEARABLE, MOST_CAUTION);
    private final long[] requestsNow;
    private double promised;
    private final MissRatioCurve[] curves;
    private final HitRateModel[] models;
    private final Clock clock;
    private long total;
    private int units;

    /** How many places an entry takes, by partition. */
    private List<Double> places;

    private int intervals;
    private final DecisionLog<List<Long>> divisions = new DecisionLog<>();

    /**
     * Creates a rebalancer.
     * @param partitions how many there are
     * @param total the entries that they share
     * @param tiers makes an empty tier of so many entries, with the eviction of a partition
     * @param clock the time
     */
    public PartitionRebalancer(int partitions, long total, LongFunction<MemoryTier> tiers, Clock clock) {
        if (partitions < 1 || total < partitions) {
            throw new IllegalArgumentException(
                    total + " entries cannot be divided among " + partitions + " partitions");
        }
        this.clock = clock;
        this.curves = new MissRatioCurve[partitions];
        this.models = new HitRateModel[partitions];
        this.requestsNow = new long[partitions];
        for (int i = 0; i < partitions; i++) {
            equal.add(tiers);
            curves[i] = new MissRatioCurve(SAMPLE);
            models[i] = new HitRateModel();
        }
        this.places = Collections.nCopies(partitions, 1.0);
        share(total);
        resizeEqual();
    }

    private void resizeEqual() {
        for (int i = 0; i < curves.length; i++) {
            equal.resize(i, (double) total / curves.length / places.get(i));
        }
    }

    private void share(long total) {
        this.total = total;
        this.units = (int) Math.min(total, Math.max(100, 4L * curves.length));
    }

    /**
     * Sees a request.
     * @param partition that of the key
     * @param hash a well-mixed 64-bit hash of the key
     * @param hit whether the partition has answered it
     */
    public void record(int partition, long hash, boolean hit) {
        curves[partition].record(hash);
        equal.record(partition, hash, hit);
        requestsNow[partition]++;
    }

    /** Sees that a key of a partition was evicted by hand. */
    void remove(int partition, long hash) {
        equal.remove(partition, hash);
    }

    /** The decisions kept, oldest first. */
    public List<Decision<List<Long>>> divisions() {
        return divisions.list();
    }

    /**
     * Ends an interval: the bounds that the partitions should have, given those they have now, whose sum is what is
     * divided.
     */
    public Decision<List<Long>> step(List<Long> bounds) {
        return step(bounds, Collections.nCopies(curves.length, 1.0));
    }

    /**
     * Ends an interval, where the bounds are of places of which an entry may take several.
     * @param bounds the bounds that the partitions have, in places
     * @param places how many places an entry takes in each partition, on average
     */
    public Decision<List<Long>> step(List<Long> bounds, List<Double> places) {
        this.places = List.copyOf(places);
        share(bounds.stream().mapToLong(Long::longValue).sum());
        double requests = 0;
        for (int i = 0; i < curves.length; i++) {
            models[i].update(curves[i]);
            requests += curves[i].requests();
        }
        compareWithEqualBounds();
        Decision<List<Long>> division = divide(List.copyOf(bounds), requests);
        intervals++;
        double factor = Math.min(DECAY, intervals / (intervals + WARM_UP));
        for (MissRatioCurve curve : curves) {
            curve.age(factor);
        }
        divisions.add(division);
        return division;
    }

    private Decision<List<Long>> divide(List<Long> bounds, double requests) {
        Instant now = clock.instant();
        if (requests < MINIMUM_REQUESTS) {
            return new Decision<>(now, bounds, bounds, "kept: too few requests to tell");
        }
        if (total < curves.length) {
            return new Decision<>(now, bounds, bounds, "kept: fewer entries than partitions");
        }
        List<Long> even = equalBounds();
        if (judgement.hasLost() && !bounds.equals(even)) {
            judgement.takenBack();
            return new Decision<>(
                    now,
                    bounds,
                    even,
                    String.format(
                            Locale.ROOT,
                            "back to equal bounds: %.1f points more hits were promised, and fewer came; the next"
                                    + " division has to promise more than %.0f",
                            100 * promised,
                            100 * MINIMUM_GAIN * judgement.caution()));
        }
        List<Long> best = bestDivision();
        double before = hits(bounds) / requests;
        double after = hits(best) / requests;
        if (after - before <= MINIMUM_GAIN * judgement.caution() || judgement.isPausing()) {
            String reason = String.format(
                    Locale.ROOT, "kept: the best division would gain %.1f points", 100 * Math.max(0, after - before));
            return new Decision<>(
                    now,
                    bounds,
                    bounds,
                    after - before <= MINIMUM_GAIN
                            ? reason
                            : reason + ", and earlier ones have gained less than they promised");
        }
        promised = after - before;
        if (bounds.equals(even)) {
            judgement.begin();
        }
        return new Decision<>(
                now,
                bounds,
                best,
                String.format(
                        Locale.ROOT,
                        "rebalanced: %.1f points more hits by the curves, %.3f instead of %.3f",
                        100 * (after - before),
                        after,
                        before));
    }

    private void compareWithEqualBounds() {
        double lost = 0;
        long seen = 0;
        for (int i = 0; i < curves.length; i++) {
            lost += requestsNow[i] * equal.better(i);
            seen += requestsNow[i];
            requestsNow[i] = 0;
        }
        judgement.add(lost, seen);
        resizeEqual();
    }

    private List<Long> equalBounds() {
        List<Long> bounds = new ArrayList<>();
        for (int i = 0; i < curves.length; i++) {
            bounds.add(total / curves.length + (i < total % curves.length ? 1 : 0));
        }
        return bounds;
    }

    private double hits(List<Long> bounds) {
        double hits = 0;
        for (int i = 0; i < curves.length; i++) {
            hits += curves[i].requests() * hitRate(i, bounds.get(i));
        }
        return hits;
    }

    private double hitRate(int partition, long bound) {
        return models[partition].hitRate(Math.round(bound / places.get(partition)));
    }

    private long size(int unitsGiven) {
        return Math.round((double) total * unitsGiven / units);
    }

    /** The division with most hits, at least a unit to every partition. */
    private List<Long> bestDivision() {
        int n = curves.length;
        double[] hits = new double[units + 1];
        Arrays.fill(hits, Double.NEGATIVE_INFINITY);
        hits[0] = 0;
        int[][] given = new int[n][units + 1];
        for (int i = 0; i < n; i++) {
            double[] own = new double[units + 1];
            for (int u = 1; u <= units; u++) {
                own[u] = curves[i].requests() * hitRate(i, size(u));
            }
            double[] next = new double[units + 1];
            Arrays.fill(next, Double.NEGATIVE_INFINITY);
            for (int sum = i + 1; sum <= units; sum++) {
                for (int u = 1; u <= sum - i; u++) {
                    double value = hits[sum - u] + own[u];
                    if (value > next[sum]) {
                        next[sum] = value;
                        given[i][sum] = u;
                    }
                }
            }
            hits = next;
        }
        Long[] sizes = new Long[n];
        int left = units;
        for (int i = n - 1; i >= 0; i--) {
            int u = given[i][left];
            sizes[i] = size(left) - size(left - u);
            left -= u;
        }
        return List.of(sizes);
    }
}
