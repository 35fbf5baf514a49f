package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.benchmarks.Median;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.partition.PartitionRebalancer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Replays the rebalancing of partitions, each a bare Caffeine with a trace of its own: how much of the gap between an
 * equal split and the best static split it recovers. {@code --size} gives the entries in all, {@code --runs} how many
 * runs the medians are of: Caffeine hashes with another seed in each. {@code --details} prints every change.
 */
final class RebalanceReplay implements ReplayFeature {

    private static final int TRACES_TO_A_MIX = 3;
    /** Longer traces are cut, so that the traces of a mix are of a weight. */
    private static final int LONGEST = 200_000;
    /** The steps of the best static split. */
    private static final int STEPS = 10;

    private static final double SMALLEST_GAP = 0.005;

    @Override
    public String name() {
        return "rebalance";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        if (traces.size() < TRACES_TO_A_MIX) {
            throw new IllegalArgumentException("rebalancing takes at least three traces");
        }
        ReplayReport report = new ReplayReport(name());
        List<Trace> byLength = traces.stream()
                .sorted(Comparator.comparingInt(Trace::length).thenComparing(Trace::name))
                .toList();
        int runs = (int) options.numbers("runs", 1)[0];
        double gains = 0;
        double gaps = 0;
        double worst = Double.MAX_VALUE;
        int good = 0;
        int cases = 0;
        for (int first = 0; first + TRACES_TO_A_MIX <= byLength.size(); first += 2) {
            List<Trace> mix = byLength.subList(first, first + TRACES_TO_A_MIX);
            int footprint = mix.stream().mapToInt(Trace::footprint).sum();
            for (long size : options.sizes("size", footprint, "5%,20%")) {
                Mix run = new Mix(mix, size);
                List<Long> bestSplit = run.bestSplit();
                double[] equals = new double[runs];
                double[] bests = new double[runs];
                double[] rebalances = new double[runs];
                double[] differences = new double[runs];
                double[] changes = new double[runs];
                for (int i = 0; i < runs; i++) {
                    int[] changed = new int[1];
                    equals[i] = run.split(run.equalSplit());
                    bests[i] = run.split(bestSplit);
                    rebalances[i] = run.rebalanced(changed, options.has("details") && i == 0 ? report : null);
                    differences[i] = 100 * (rebalances[i] - equals[i]);
                    changes[i] = changed[0];
                }
                double equal = Median.of(equals);
                double gap = Median.of(bests) - equal;
                double gain = Median.of(rebalances) - equal;
                boolean counts = gap >= SMALLEST_GAP;
                if (counts) {
                    gains += gain;
                    gaps += gap;
                    cases++;
                    good += gain >= 0.6 * gap ? 1 : 0;
                }
                worst = Math.min(worst, Median.of(differences));
                report.row(
                        "rebalancing, hit rates of the second half, medians of " + runs,
                        "mix",
                        run.name(),
                        "size",
                        size,
                        "intervals",
                        run.intervals(),
                        "one pool",
                        run.pool(),
                        "equal split",
                        equal,
                        "best static split",
                        Median.of(bests),
                        "rebalanced",
                        Median.of(rebalances),
                        "against equal pt",
                        Median.of(differences),
                        "changes",
                        (long) Median.of(changes),
                        "recovered",
                        counts ? String.format(Locale.ROOT, "%.0f %%", 100 * gain / gap) : "no gap");
            }
        }
        report.row(
                "gap recovered by rebalancing",
                "mixes with a gap",
                cases,
                "of all gaps together",
                gains / gaps,
                "share of the mixes with at least 60 %",
                (double) good / cases,
                "worst against equal pt",
                worst);
        return report;
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

        String name() {
            return traces.stream().map(Trace::name).collect(Collectors.joining(" + "));
        }

        int interval() {
            return Math.max(1000, order.length / 288);
        }

        int intervals() {
            return order.length / interval();
        }

        List<Long> equalSplit() {
            List<Long> sizes = new ArrayList<>();
            for (int p = 0; p < lengths.length; p++) {
                sizes.add(size / lengths.length + (p < size % lengths.length ? 1 : 0));
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

        double rebalanced(int[] changes, @Nullable ReplayReport details) {
            TraceClock clock = new TraceClock(0);
            PartitionRebalancer rebalancer = new PartitionRebalancer(
                    lengths.length, size, entries -> new CaffeineMemoryTier(entries, () -> 0, Runnable::run), clock);
            List<Long> sizes = equalSplit();
            PlainCache[] caches = new PlainCache[lengths.length];
            for (int p = 0; p < caches.length; p++) {
                caches[p] = new PlainCache(sizes.get(p));
            }
            int[] done = new int[lengths.length];
            int interval = interval();
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
                    Decision<List<Long>> division = rebalancer.step(
                            sizes, Arrays.stream(caches).map(PlainCache::size).toList());
                    if (division.changes()) {
                        changes[0]++;
                        sizes = division.to();
                        if (sizes.stream().mapToLong(Long::longValue).sum() != size) {
                            throw new IllegalStateException("The bounds do not add up to the total");
                        }
                        for (int c = 0; c < caches.length; c++) {
                            caches[c].resize(sizes.get(c));
                        }
                        if (details != null) {
                            details.row(name(), "at", n / interval, "reason", division.reason());
                        }
                    }
                }
            }
            return (double) hits / lateRequests();
        }
    }
}
