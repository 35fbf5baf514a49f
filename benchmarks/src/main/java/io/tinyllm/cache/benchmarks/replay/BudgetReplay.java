package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.tuning.SizeBounds;
import io.tinyllm.cache.tuning.SizeTuner;
import io.tinyllm.cache.tuning.budget.MemoryBudget;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replays one budget for three caches, each a bare Caffeine with a trace of its own and loads of another length,
 * against the size tuner with a target for each cache and the same memory, the best static split, and the equal split.
 * All figures are the time of the loads in the second half. {@code --target} is that of the size tuner;
 * {@code --details} prints every change.
 */
final class BudgetReplay implements ReplayFeature {

    private static final int CACHES = 3;
    private static final double[] LOAD_SECONDS = {0.005, 0.050, 0.900};

    /** Longer traces are cut, so that the traces of a mix are of a weight. */
    private static final int LONGEST = 200_000;

    /** Shorter mixes are shown apart: a controller cannot act in so few intervals. */
    private static final int SHORTEST_INTERVALS = 100;

    private static final int INTERVALS = 288;
    private static final int STEPS = 20;
    private static final long SMALLEST = 100;

    @Override
    public String name() {
        return "budget";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        List<Trace> byLength = traces.stream()
                .sorted(Comparator.comparingInt(Trace::length).thenComparing(Trace::name))
                .toList();
        Score score = new Score();
        for (int first = 0; first + CACHES <= byLength.size(); first++) {
            List<Trace> mix = byLength.subList(first, first + CACHES);
            for (int rotation = 0; rotation < CACHES; rotation++) {
                Mix run = new Mix(mix, rotation);
                one(report, run, options, score);
            }
        }
        score.report(report);
        return report;
    }

    private static void one(ReplayReport report, Mix mix, ReplayOptions options, Score score) {
        double target = options.numbers("target", 0.8)[0];
        double[] memory = new double[1];
        double targets = mix.targets(target, memory);
        long total = Math.max(CACHES * SMALLEST, Math.round(memory[0]));
        double equal = mix.fixed(mix.equalSplit(total));
        double best = mix.bestSplit(total);
        int[] changes = new int[1];
        ReplayReport details = options.has("details") ? report : null;
        double budget = mix.budget(total, changes, details);
        boolean counts = mix.intervals() >= SHORTEST_INTERVALS;
        report.row(
                counts ? "seconds of loads, second half" : "shorter than " + SHORTEST_INTERVALS + " intervals",
                "mix",
                mix.name(),
                "entries",
                total,
                "targets",
                targets,
                "equal split",
                equal,
                "best static split",
                best,
                "budget",
                budget,
                "budget / targets",
                budget / targets,
                "budget / best",
                budget / best,
                "budget / equal",
                budget / equal,
                "changes per 50",
                50.0 * changes[0] / mix.intervals());
        if (counts) {
            score.add(budget / targets, budget / best, budget / equal, 50.0 * changes[0] / mix.intervals());
        }
    }

    /** The verdict over all mixes. */
    private static final class Score {

        private final List<double[]> cases = new ArrayList<>();

        void add(double... ratios) {
            cases.add(ratios);
        }

        void report(ReplayReport report) {
            if (cases.isEmpty()) {
                return;
            }
            report.row(
                    "all mixes of at least " + SHORTEST_INTERVALS + " intervals",
                    "mixes",
                    cases.size(),
                    "budget / targets (geometric mean)",
                    Math.exp(cases.stream()
                            .mapToDouble(c -> Math.log(c[0]))
                            .average()
                            .orElse(0)),
                    "at most 1.10 x best",
                    (double) cases.stream().filter(c -> c[1] <= 1.10).count() / cases.size(),
                    "worst / best",
                    cases.stream().mapToDouble(c -> c[1]).max().orElse(0),
                    "worst / equal",
                    cases.stream().mapToDouble(c -> c[2]).max().orElse(0),
                    "most changes per 50 intervals",
                    cases.stream().mapToDouble(c -> c[3]).max().orElse(0));
        }
    }

    /** Traces interleaved by their progress, each with loads of one length. */
    private static final class Mix {

        private final List<Trace> traces;
        private final double[] loads = new double[CACHES];
        private final int[] lengths;
        private final byte[] order;

        Mix(List<Trace> traces, int rotation) {
            this.traces = traces;
            for (int c = 0; c < CACHES; c++) {
                loads[c] = LOAD_SECONDS[(c + rotation) % CACHES];
            }
            this.lengths =
                    traces.stream().mapToInt(t -> Math.min(LONGEST, t.length())).toArray();
            this.order = new byte[Arrays.stream(lengths).sum()];
            int[] done = new int[CACHES];
            for (int i = 0; i < order.length; i++) {
                int next = 0;
                for (int c = 1; c < CACHES; c++) {
                    if ((long) (done[c] + 1) * lengths[next] < (long) (done[next] + 1) * lengths[c]) {
                        next = c;
                    }
                }
                order[i] = (byte) next;
                done[next]++;
            }
        }

        String name() {
            StringBuilder name = new StringBuilder();
            for (int c = 0; c < CACHES; c++) {
                name.append(c == 0 ? "" : " + ")
                        .append(traces.get(c).name())
                        .append(' ')
                        .append(Math.round(1000 * loads[c]));
            }
            return name.toString();
        }

        int interval() {
            return Math.max(1000, order.length / INTERVALS);
        }

        int intervals() {
            return order.length / interval();
        }

        List<Long> equalSplit(long total) {
            return List.of(total / CACHES, total / CACHES, total - 2 * (total / CACHES));
        }

        double fixed(List<Long> sizes) {
            double seconds = 0;
            for (int c = 0; c < CACHES; c++) {
                seconds += late(c, sizes.get(c));
            }
            return seconds;
        }

        private double late(int c, long entries) {
            PlainCache cache = new PlainCache(entries);
            int misses = 0;
            for (int i = 0; i < lengths[c]; i++) {
                boolean hit = cache.access(traces.get(c).key(i));
                misses += !hit && i >= lengths[c] / 2 ? 1 : 0;
            }
            return misses * loads[c];
        }

        /** The least time of all splits in steps, known only afterwards. */
        double bestSplit(long total) {
            double[][] seconds = new double[CACHES][STEPS + 1];
            for (int c = 0; c < CACHES; c++) {
                for (int step = 1; step <= STEPS - 2; step++) {
                    seconds[c][step] = late(c, total * step / STEPS);
                }
            }
            double best = Double.MAX_VALUE;
            for (int a = 1; a <= STEPS - 2; a++) {
                for (int b = 1; a + b < STEPS; b++) {
                    best = Math.min(best, seconds[0][a] + seconds[1][b] + seconds[2][STEPS - a - b]);
                }
            }
            return best;
        }

        /** A size tuner for each cache; tells the mean of their sizes together in the second half. */
        double targets(double target, double[] memory) {
            TraceClock clock = new TraceClock(0);
            SizeTuner[] tuners = new SizeTuner[CACHES];
            Cache[] caches = new Cache[CACHES];
            for (int c = 0; c < CACHES; c++) {
                int footprint = traces.get(c).footprint();
                long maximum = Math.max(SMALLEST, footprint);
                tuners[c] = SizeTuner.create(
                        SizeTunerSettings.Policy.MISS_RATIO_CURVE,
                        new SizeBounds(SMALLEST, maximum, target),
                        Duration.ofMillis(1),
                        true,
                        clock);
                caches[c] = new Cache(c, Math.max(SMALLEST, footprint / 10));
            }
            double seconds = 0;
            double sizes = 0;
            int late = 0;
            for (int n = 0; n < order.length; n++) {
                int c = order[n];
                int key = traces.get(c).key(caches[c].done);
                tuners[c].record(Trace.hash(key));
                seconds += caches[c].access(key);
                if (n >= order.length / 2) {
                    for (Cache cache : caches) {
                        sizes += cache.size;
                    }
                    late++;
                }
                if ((n + 1) % interval() == 0) {
                    clock.set(n);
                    for (int i = 0; i < CACHES; i++) {
                        if (tuners[i].isDue(caches[i].requests)) {
                            caches[i].resize(tuners[i].step(caches[i].observe()).to());
                        }
                    }
                }
            }
            memory[0] = sizes / late;
            return seconds;
        }

        double budget(long total, int[] changes, @Nullable ReplayReport details) {
            TraceClock clock = new TraceClock(0);
            MemoryBudget budget = new MemoryBudget(total, false, true, clock);
            Cache[] caches = new Cache[CACHES];
            for (int c = 0; c < CACHES; c++) {
                caches[c] = new Cache(c, 0);
                budget.add(caches[c], size -> new CaffeineMemoryTier(size, () -> 0, Runnable::run));
            }
            double seconds = 0;
            for (int n = 0; n < order.length; n++) {
                int c = order[n];
                int key = traces.get(c).key(caches[c].done);
                long before = caches[c].hits;
                seconds += caches[c].access(key);
                budget.record(c, Trace.hash(key), caches[c].hits > before);
                if ((n + 1) % interval() == 0) {
                    clock.set(n);
                    Decision<List<Long>> decision = budget.step(1);
                    if (decision.changes()) {
                        changes[0]++;
                        if (details != null) {
                            details.row(name(), "at", n / interval(), "reason", decision.reason());
                        }
                        if (Arrays.stream(caches).mapToLong(cache -> cache.size).sum() > total) {
                            throw new IllegalStateException("The sum of the bounds is over the total");
                        }
                    }
                }
            }
            return seconds;
        }

        /** One cache of the mix. */
        private final class Cache implements MemoryBudget.Member {

            private final int index;
            private final PlainCache cache;
            private long size;
            private int done;
            private long requests;
            private long hits;
            private long evicted;

            Cache(int index, long size) {
                this.index = index;
                this.size = size;
                this.cache = new PlainCache(size);
            }

            /** Returns the time that is lost in the second half, in seconds. */
            double access(int key) {
                boolean hit = cache.access(key);
                requests++;
                hits += hit ? 1 : 0;
                return done++ >= lengths[index] / 2 && !hit ? loads[index] : 0;
            }

            @Override
            public void resize(long entries) {
                size = entries;
                cache.resize(entries);
                evicted = cache.evictions();
            }

            @Override
            public String name() {
                return traces.get(index).name();
            }

            @Override
            public double minimum() {
                return SMALLEST;
            }

            @Override
            public SizeObservation observe() {
                long evictions = cache.evictions();
                SizeObservation seen = new SizeObservation(
                        size, cache.size(), requests, hits, requests - hits, evictions - evicted, 0, 0);
                evicted = evictions;
                requests = 0;
                hits = 0;
                return seen;
            }

            @Override
            public double costPerMiss() {
                return loads[index];
            }

            @Override
            public double unitsPerEntry() {
                return 1;
            }

            @Override
            public long share() {
                return size;
            }
        }
    }
}
