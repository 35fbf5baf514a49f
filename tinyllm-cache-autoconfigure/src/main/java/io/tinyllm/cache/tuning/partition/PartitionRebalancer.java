package io.tinyllm.cache.tuning.partition;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import io.tinyllm.cache.tuning.share.Divider;
import io.tinyllm.cache.tuning.share.Sharer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Divides the places of a cache among its partitions so that together they hit most, as a {@link Divider} does to which
 * every miss costs the same. What comes of a division is compared with what equal bounds would have answered; one that
 * lost is taken back, and the next has to promise twice as much.
 *
 * <p>Not thread safe: one control loop feeds it the requests and asks it at every interval. It resizes nothing. 160 KB
 * a partition, for partitions of many keys up to 0.7 MB.
 */
public final class PartitionRebalancer {

    /** A partition keeps one place of so many, or of four times the partitions where these are more. */
    private static final long PARTS = 100;

    private final List<Partition> partitions = new ArrayList<>();
    private final Divider divider;
    private long total;

    /**
     * Creates a rebalancer.
     * @param partitions how many there are
     * @param total the places that they share
     * @param tiers makes an empty tier of so many entries, with the eviction of a partition
     * @param clock the time
     */
    public PartitionRebalancer(int partitions, long total, LongFunction<MemoryTier> tiers, Clock clock) {
        if (partitions < 1 || total < partitions) {
            throw new IllegalArgumentException(
                    total + " entries cannot be divided among " + partitions + " partitions");
        }
        this.total = total;
        this.divider = new Divider(total, true, new Hits(), clock);
        for (int i = 0; i < partitions; i++) {
            Partition partition = new Partition("partition " + i);
            this.partitions.add(partition);
            divider.add(partition, new HitRateEstimator(), tiers);
        }
    }

    /**
     * Sees a request.
     * @param partition that of the key
     * @param hash a well-mixed 64-bit hash of the key
     * @param hit whether the partition has answered it
     */
    public void record(int partition, long hash, boolean hit) {
        Partition asked = partitions.get(partition);
        asked.requests++;
        asked.hits += hit ? 1 : 0;
        divider.record(partition, hash, hit);
    }

    /** Sees that a key of a partition was evicted by hand. */
    void remove(int partition, long hash) {
        divider.remove(partition, hash);
    }

    /** The requests since the last interval ended. */
    long requests() {
        return partitions.stream().mapToLong(partition -> partition.requests).sum();
    }

    /** The decisions kept, oldest first. */
    public List<Decision<List<Long>>> divisions() {
        return divider.decisions();
    }

    /**
     * Ends an interval: the bounds that the partitions should have, given those they have now, whose sum is what is
     * divided.
     * @param bounds the bounds that the partitions have
     * @param entries how many entries each holds
     */
    public Decision<List<Long>> step(List<Long> bounds, List<Long> entries) {
        return step(bounds, entries, Collections.nCopies(bounds.size(), 1.0));
    }

    /**
     * Ends an interval, where the bounds are of places of which an entry may take several.
     * @param bounds the bounds that the partitions have, in places
     * @param entries how many entries each holds
     * @param places how many places an entry takes in each partition, on average
     */
    public Decision<List<Long>> step(List<Long> bounds, List<Long> entries, List<Double> places) {
        total = bounds.stream().mapToLong(Long::longValue).sum();
        divider.divide(total);
        for (int i = 0; i < partitions.size(); i++) {
            Partition partition = partitions.get(i);
            partition.bound = bounds.get(i);
            partition.entries = entries.get(i);
            partition.places = places.get(i);
            divider.holds(i, partition.bound);
        }
        return divider.step();
    }

    /** A partition, and what is seen of it. */
    private final class Partition implements Sharer {

        private final String name;
        private long bound;
        private long entries;
        private double places = 1;
        private long requests;
        private long hits;

        Partition(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public double minimum() {
            return Math.max(1, (double) total / Math.max(PARTS, 4L * partitions.size()));
        }

        @Override
        public SizeObservation observe() {
            SizeObservation seen =
                    new SizeObservation(Math.round(bound / places), entries, requests, hits, requests - hits, 0, 0, 0);
            requests = 0;
            hits = 0;
            return seen;
        }

        @Override
        public double costPerMiss() {
            return 1;
        }

        @Override
        public double unitsPerEntry() {
            return places;
        }
    }

    /** Says how many hits more or fewer there are, in points of the hit rate of the whole cache. */
    private final class Hits implements Divider.Words {

        private double points(double saved) {
            double requests = divider.requestsPerInterval();
            return requests <= 0 ? 0 : 100 * saved / requests;
        }

        private String text(String format, double saved) {
            return String.format(Locale.ROOT, format, points(saved));
        }

        @Override
        public String more(String name, long units, double saved) {
            return name + " gets " + units + (units == 1 ? " entry" : " entries") + " more: some "
                    + text("%.1f points more hits", saved);
        }

        @Override
        public String less(String name, double lost) {
            return name + text(" some %.1f", lost);
        }

        @Override
        public String change(String parts) {
            return "rebalanced: " + parts;
        }

        @Override
        public String tooLittle(double gain, double saved) {
            return text("the best division would gain %.1f points", saved);
        }

        @Override
        public String tooSoon(double gain, double saved) {
            return text("a division that gains %.1f points waits for its turn", saved);
        }

        @Override
        public String takenBack(double promised) {
            return text(
                    "back to equal bounds: %.1f points more hits were promised, and fewer came; the next division"
                            + " has to promise more",
                    promised);
        }
    }
}
