package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.partition.PartitionRebalancer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Replays partitions, each a bare Caffeine: what a split by hash costs against one pool, and how much of the gap
 * between an equal split and the best static split rebalancing recovers, on mixes of traces that are a partition each.
 * {@code --size} gives the entries in all, {@code --partitions} the number of partitions of the split by hash.
 */
final class PartitionsReplay implements ReplayFeature {

    private static final int SMALLEST_PARTITION = 256;
    private static final int TRACES_TO_A_MIX = 3;
    /** Longer traces are cut, so that the traces of a mix are of a weight. */
    private static final int LONGEST = 200_000;
    /** The steps of the best static split. */
    private static final int STEPS = 10;

    private static final double SMALLEST_GAP = 0.005;

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        hashSplit(report, traces, options);
        if (traces.size() >= TRACES_TO_A_MIX) {
            mixes(report, traces, options);
        } else {
            report.row("left out", "what", "rebalancing", "size", "", "why", "it takes at least three traces");
        }
        return report;
    }

    private static void hashSplit(ReplayReport report, List<Trace> traces, ReplayOptions options) {
        int partitions = (int) options.numbers("partitions", 4)[0];
        String table = "split by hash into " + partitions;
        double worst = 0;
        double sum = 0;
        int cases = 0;
        for (Trace trace : traces) {
            for (long size : options.sizes("size", trace.footprint(), "10%,30%")) {
                if (size < (long) SMALLEST_PARTITION * partitions) {
                    String why = "fewer than " + SMALLEST_PARTITION + " entries a partition";
                    report.row("left out", "what", "split of " + trace.name(), "size", size, "why", why);
                    continue;
                }
                PlainCache pool = new PlainCache(size);
                PlainCache[] split = new PlainCache[partitions];
                Arrays.setAll(split, p -> new PlainCache(size / partitions));
                int poolHits = 0;
                int splitHits = 0;
                for (int i = 0; i < trace.length(); i++) {
                    int key = trace.key(i);
                    poolHits += pool.access(key) ? 1 : 0;
                    splitHits += split[(int) Math.floorMod(Trace.hash(key), (long) partitions)].access(key) ? 1 : 0;
                }
                double one = (double) poolHits / trace.length();
                double many = (double) splitHits / trace.length();
                report.row(
                        table,
                        "trace",
                        trace.name(),
                        "size",
                        size,
                        "one pool",
                        one,
                        "split",
                        many,
                        "cost pt",
                        100 * (one - many));
                worst = Math.max(worst, 100 * (one - many));
                sum += 100 * (one - many);
                cases++;
            }
        }
        if (cases > 0) {
            report.row("cost of the split", "cases", cases, "mean pt", sum / cases, "worst pt", worst);
        }
    }

    private static void mixes(ReplayReport report, List<Trace> traces, ReplayOptions options) {
        List<Trace> byLength = traces.stream()
                .sorted(Comparator.comparingInt(Trace::length).thenComparing(Trace::name))
                .toList();
        double gains = 0;
        double gaps = 0;
        int good = 0;
        int cases = 0;
        for (int first = 0; first + TRACES_TO_A_MIX <= byLength.size(); first += 2) {
            List<Trace> mix = byLength.subList(first, first + TRACES_TO_A_MIX);
            int footprint = mix.stream().mapToInt(Trace::footprint).sum();
            for (long size : options.sizes("size", footprint, "5%,20%")) {
                Mix run = new Mix(mix, size);
                double equal = run.split(run.equalSplit());
                double best = run.split(run.bestSplit());
                int[] changes = new int[1];
                double rebalanced = run.rebalanced(changes);
                double gap = best - equal;
                boolean counts = gap >= SMALLEST_GAP;
                if (counts) {
                    gains += rebalanced - equal;
                    gaps += gap;
                    cases++;
                    good += rebalanced - equal >= 0.6 * gap ? 1 : 0;
                }
                report.row(
                        "rebalancing, hit rates of the second half",
                        "mix",
                        mix.stream().map(Trace::name).collect(Collectors.joining(" + ")),
                        "size",
                        size,
                        "one pool",
                        run.pool(),
                        "equal split",
                        equal,
                        "best static split",
                        best,
                        "rebalanced",
                        rebalanced,
                        "changes",
                        changes[0],
                        "recovered",
                        counts ? String.format(Locale.ROOT, "%.0f %%", 100 * (rebalanced - equal) / gap) : "no gap");
            }
        }
        if (cases > 0) {
            report.row(
                    "gap recovered by rebalancing",
                    "mixes with a gap",
                    cases,
                    "of all gaps together",
                    gains / gaps,
                    "share of the mixes with at least 60 %",
                    (double) good / cases);
        }
    }

    /** Traces interleaved by their progress. */
    private static final class Mix {

        private final List<Trace> traces;
        private final long size;
        private final int[] lengths;
        private final int[] offsets;
        private final byte[] order;

        Mix(List<Trace> traces, long size) {
            this.traces = traces;
            this.size = size;
            this.lengths =
                    traces.stream().mapToInt(t -> Math.min(LONGEST, t.length())).toArray();
            this.offsets = new int[lengths.length];
            for (int p = 1; p < offsets.length; p++) {
                offsets[p] = offsets[p - 1] + traces.get(p - 1).footprint();
            }
            this.order = new byte[Arrays.stream(lengths).sum()];
            int[] done = new int[lengths.length];
            for (int i = 0; i < order.length; i++) {
                int next = 0;
                for (int p = 1; p < lengths.length; p++) {
                    if ((long) (done[p] + 1) * lengths[next] < (long) (done[next] + 1) * lengths[p]) {
                        next = p;
                    }
                }
                order[i] = (byte) next;
                done[next]++;
            }
        }

        List<Long> equalSplit() {
            List<Long> sizes = new ArrayList<>();
            for (int p = 0; p < lengths.length; p++) {
                sizes.add(size * (p + 1) / lengths.length - size * p / lengths.length);
            }
            return sizes;
        }

        /** The best split in steps, known only afterwards. */
        List<Long> bestSplit() {
            double[][] hits = new double[lengths.length][STEPS + 1];
            for (int p = 0; p < lengths.length; p++) {
                for (int step = 1; step <= STEPS; step++) {
                    hits[p][step] = lateHits(p, size * step / STEPS);
                }
            }
            int[] best = new int[lengths.length];
            search(hits, new int[lengths.length], 0, STEPS, best, new double[] {-1});
            return Arrays.stream(best).mapToObj(step -> size * step / STEPS).toList();
        }

        private static void search(double[][] hits, int[] steps, int p, int left, int[] best, double[] bestHits) {
            if (p == steps.length - 1) {
                steps[p] = left;
                double sum = 0;
                for (int i = 0; i < steps.length; i++) {
                    sum += hits[i][steps[i]];
                }
                if (sum > bestHits[0]) {
                    bestHits[0] = sum;
                    System.arraycopy(steps, 0, best, 0, steps.length);
                }
                return;
            }
            for (int step = 1; step <= left - (steps.length - 1 - p); step++) {
                steps[p] = step;
                search(hits, steps, p + 1, left - step, best, bestHits);
            }
        }

        private int lateHits(int p, long entries) {
            PlainCache cache = new PlainCache(entries);
            int hits = 0;
            for (int i = 0; i < lengths[p]; i++) {
                boolean hit = cache.access(traces.get(p).key(i));
                hits += hit && i >= lengths[p] / 2 ? 1 : 0;
            }
            return hits;
        }

        double split(List<Long> sizes) {
            double hits = 0;
            for (int p = 0; p < lengths.length; p++) {
                hits += lateHits(p, sizes.get(p));
            }
            return hits / lateRequests();
        }

        private int lateRequests() {
            int requests = 0;
            for (int length : lengths) {
                requests += length - length / 2;
            }
            return requests;
        }

        double pool() {
            PlainCache cache = new PlainCache(size);
            int[] done = new int[lengths.length];
            int hits = 0;
            for (byte p : order) {
                int i = done[p]++;
                boolean hit = cache.access(offsets[p] + traces.get(p).key(i));
                hits += hit && i >= lengths[p] / 2 ? 1 : 0;
            }
            return (double) hits / lateRequests();
        }

        double rebalanced(int[] changes) {
            TraceClock clock = new TraceClock(0);
            PartitionRebalancer rebalancer = new PartitionRebalancer(
                    lengths.length, size, entries -> new CaffeineMemoryTier(entries, () -> 0, Runnable::run), clock);
            List<Long> sizes = equalSplit();
            PlainCache[] caches = new PlainCache[lengths.length];
            for (int p = 0; p < caches.length; p++) {
                caches[p] = new PlainCache(sizes.get(p));
            }
            int[] done = new int[lengths.length];
            int interval = Math.max(1000, order.length / 288);
            int hits = 0;
            for (int n = 0; n < order.length; n++) {
                int p = order[n];
                int i = done[p]++;
                int key = traces.get(p).key(i);
                boolean hit = caches[p].access(key);
                rebalancer.record(p, Trace.hash(offsets[p] + key), hit);
                hits += hit && i >= lengths[p] / 2 ? 1 : 0;
                if ((n + 1) % interval == 0) {
                    clock.set(n);
                    Decision<List<Long>> division = rebalancer.step(sizes);
                    if (division.changes()) {
                        changes[0]++;
                        sizes = division.to();
                        for (int c = 0; c < caches.length; c++) {
                            caches[c].resize(sizes.get(c));
                        }
                    }
                }
            }
            return (double) hits / lateRequests();
        }
    }
}
