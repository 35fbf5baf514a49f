package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.benchmarks.Median;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;

/**
 * Replays prefetching over an LRU cache. {@code --size} is the cache's (10% of the footprint); {@code --sessions 64}
 * cuts a trace into so many pieces that run interleaved, each a session; {@code --order global} hides the sessions from
 * the prefetcher; {@code --order shuffled} destroys every order; {@code --latency 16} makes a load take so many
 * accesses; {@code --concurrency}, {@code --confidence} and {@code --mode observe} are as in the settings.
 */
final class PrefetchReplay implements ReplayFeature {

    /** A trace is called structured when this share of its repeated misses follows what they followed the last time. */
    private static final double STRUCTURED = 0.25;

    private static final int WINDOW = 100;
    private static final int PREDICTIONS = 5;

    private record Sequence(int[] keys, int[] sessions) {}

    @Override
    public String name() {
        return "prefetch";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        String order = options.text("order", "sessions");
        List<double[]> structured = new ArrayList<>();
        List<double[]> others = new ArrayList<>();
        for (Trace trace : traces) {
            Sequence sequence = sequence(trace, (int) options.numbers("sessions", 1)[0], order.equals("shuffled"));
            for (long size : options.sizes("size", trace.footprint(), "10%")) {
                double predictable = order.equals("shuffled") ? 0 : predictability(sequence, (int) size);
                double[] result = run(report, trace, sequence, (int) size, predictable, order, options);
                (predictable >= STRUCTURED ? structured : others).add(result);
            }
        }
        summarise(report, "structured", structured);
        summarise(report, "unstructured", others);
        return report;
    }

    private double[] run(
            ReplayReport report,
            Trace trace,
            Sequence sequence,
            int size,
            double predictable,
            String order,
            ReplayOptions options) {
        int latency = (int) options.numbers("latency", 0)[0];
        PrefetchOptions settings = PrefetchOptions.forCache(
                size,
                options.text("mode", "act").equals("observe"),
                WINDOW,
                options.numbers("confidence", 0.5)[0],
                PREDICTIONS,
                (int) options.numbers("concurrency", 4)[0]);
        PrefetchedLru cache = new PrefetchedLru(size, latency, settings);
        long start = System.nanoTime();
        for (int i = 0; i < sequence.keys().length; i++) {
            cache.access(order.equals("global") ? 0 : sequence.sessions()[i], sequence.keys()[i]);
        }
        long nanos = System.nanoTime() - start;
        PrefetchReport found = cache.report();
        int plain = plainMisses(sequence, size);
        double coverage = 1 - (double) cache.misses() / plain;
        double extra = (double) cache.loads() / plain - 1;
        // what is still staged at the end has not been of use
        long unused = settings.observe() ? 0 : found.staged();
        long judged = found.useful() + found.late() + found.wasted() + unused;
        double precision = judged == 0 ? Double.NaN : (double) (found.useful() + found.late()) / judged;
        report.row(
                "by trace",
                "trace",
                trace.name(),
                "size",
                size,
                "misses",
                plain,
                "same order",
                predictable,
                "coverage",
                coverage,
                "precision",
                precision,
                "extra loads",
                extra,
                "issued",
                found.issued(),
                "useful",
                found.useful(),
                "late",
                found.late(),
                "wasted",
                found.wasted() + unused,
                "reach",
                found.reach(),
                "ns/access",
                nanos / Math.max(1, sequence.keys().length));
        return new double[] {coverage, precision, extra};
    }

    private static void summarise(ReplayReport report, String kind, List<double[]> results) {
        if (results.isEmpty()) {
            return;
        }
        report.row(
                "together",
                "traces",
                kind,
                "runs",
                results.size(),
                "median coverage",
                Median.of(results.stream().mapToDouble(r -> r[0]).toArray()),
                "worst precision",
                results.stream()
                        .mapToDouble(r -> r[1])
                        .filter(p -> !Double.isNaN(p))
                        .min()
                        .orElse(Double.NaN),
                "most extra loads",
                results.stream().mapToDouble(r -> r[2]).max().orElse(Double.NaN));
    }

    private static Sequence sequence(Trace trace, int sessions, boolean shuffled) {
        int n = trace.length();
        int[] keys = new int[n];
        int[] session = new int[n];
        Random random = new Random(5);
        int[] next = new int[sessions];
        int[] end = new int[sessions];
        Arrays.setAll(next, s -> (int) ((long) n * s / sessions));
        Arrays.setAll(end, s -> (int) ((long) n * (s + 1) / sessions));
        for (int i = 0; i < n; i++) {
            int s = random.nextInt(sessions);
            while (next[s] >= end[s]) {
                s = (s + 1) % sessions;
            }
            keys[i] = trace.key(next[s]);
            session[i] = sessions == 1 ? trace.client(next[s]) : s;
            next[s]++;
        }
        for (int i = n - 1; shuffled && i > 0; i--) {
            int j = random.nextInt(i + 1);
            int key = keys[i];
            keys[i] = keys[j];
            keys[j] = key;
        }
        return new Sequence(keys, session);
    }

    private static int plainMisses(Sequence sequence, int size) {
        Lru lru = new Lru(size);
        int misses = 0;
        for (int key : sequence.keys()) {
            misses += lru.access(key) ? 0 : 1;
        }
        return misses;
    }

    /** The share of the repeated misses whose key follows the same key, in its session, as it did the last time. */
    private static double predictability(Sequence sequence, int size) {
        Lru lru = new Lru(size);
        int footprint = Arrays.stream(sequence.keys()).max().orElse(0) + 1;
        int[] before = new int[footprint];
        int[] last = new int[Arrays.stream(sequence.sessions()).max().orElse(0) + 1];
        int repeated = 0;
        int same = 0;
        for (int i = 0; i < sequence.keys().length; i++) {
            int key = sequence.keys()[i];
            int session = sequence.sessions()[i];
            boolean hit = lru.access(key);
            if (!hit && before[key] != 0) {
                repeated++;
                same += before[key] == last[session] + 1 ? 1 : 0;
            }
            before[key] = last[session] + 1;
            last[session] = key;
        }
        return repeated == 0 ? 0 : (double) same / repeated;
    }

    /** A plain LRU cache. */
    private static final class Lru {

        private final LinkedHashMap<Integer, Boolean> entries = new LinkedHashMap<>(16, 0.75f, true);
        private final int size;

        Lru(int size) {
            this.size = size;
        }

        boolean access(int key) {
            boolean hit = entries.put(key, true) != null;
            if (entries.size() > size) {
                entries.remove(entries.keySet().iterator().next());
            }
            return hit;
        }
    }
}
