package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.tuning.SizeBounds;
import io.tinyllm.cache.tuning.SizeTuner;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Replays the size tuner on a bare Caffeine, against the smallest constant size that would have reached the target over
 * the second half of the trace. {@code --policy}, {@code --target}, {@code --size} (to start with), {@code --minimum},
 * {@code --maximum} and {@code --interval} (minutes); {@code --details} prints every decision.
 */
final class SizeTunerReplay implements ReplayFeature {

    private static final double KNEE = 0.02;

    /** After so many requests code is compiled. */
    private static final long COMPILED = 1_000_000;

    @Override
    public String name() {
        return "size-tuner";
    }

    /** One target on one trace, with what is known afterwards. */
    record Case(Trace trace, double target, boolean attainable, long oracle) {}

    /** What a policy did with a case. */
    record Run(
            double meanSize,
            long lastSize,
            double hitRate,
            int intervals,
            int reversals,
            List<Decision<Long>> decisions) {}

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        List<String> policies =
                options.has("policy") ? options.all("policy") : List.of("miss-ratio-curve", "threshold");
        List<Score> scores = policies.stream().map(Score::new).toList();
        for (Trace trace : traces) {
            long minimum = options.sizes("minimum", trace.footprint(), "100")[0];
            long maximum = Math.max(minimum, options.sizes("maximum", trace.footprint(), "100%")[0]);
            long start = options.sizes("size", trace.footprint(), "10%")[0];
            Duration interval = interval(trace, options);
            Oracle oracle = new Oracle(trace, minimum, maximum);
            for (double target : options.numbers("target", 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)) {
                Case aCase = judge(oracle, trace, target);
                for (Score score : scores) {
                    Run run = run(aCase, score.policy, new SizeBounds(minimum, maximum, target), start, interval);
                    score.add(aCase, run);
                    report.row(
                            "each case",
                            "trace",
                            trace.name(),
                            "target",
                            target,
                            "policy",
                            score.policy,
                            "attainable",
                            aCase.attainable() ? "yes" : "no",
                            "oracle or knee",
                            aCase.oracle(),
                            "mean size",
                            Math.round(run.meanSize()),
                            "ratio",
                            run.meanSize() / aCase.oracle(),
                            "hit rate",
                            run.hitRate(),
                            "intervals",
                            run.intervals(),
                            "reversals",
                            run.reversals());
                    if (options.has("details")) {
                        for (Decision<Long> d : run.decisions()) {
                            report.row(
                                    String.format(Locale.ROOT, "%s at %s by %s", trace.name(), target, score.policy),
                                    "at",
                                    d.at(),
                                    "from",
                                    d.from(),
                                    "to",
                                    d.to(),
                                    "reason",
                                    d.reason());
                        }
                    }
                }
            }
        }
        scores.forEach(score -> score.report(report));
        traces.forEach(trace -> estimator(report, trace));
        return report;
    }

    /**
     * What the estimate of the curve costs: processor time in the cheapest of several passes, when it is compiled, and
     * memory.
     */
    private static void estimator(ReplayReport report, Trace trace) {
        MissRatioCurve curve = new MissRatioCurve();
        double nanos = Double.MAX_VALUE;
        for (long recorded = 0, pass = 0; pass < 3 || recorded < COMPILED; recorded += trace.length(), pass++) {
            curve = new MissRatioCurve();
            long start = CpuTime.now();
            for (int i = 0; i < trace.length(); i++) {
                curve.record(Trace.hash(trace.key(i)));
            }
            nanos = Math.min(nanos, (double) (CpuTime.now() - start) / trace.length());
        }
        report.row("cost of the estimator", "trace", trace.name(), "ns a request", nanos, "KB", curve.bytes() / 1024);
    }

    /**
     * {@code --interval} in minutes, else five, but never less than 288 intervals, as many as a day has, to a trace.
     */
    static Duration interval(Trace trace, ReplayOptions options) {
        double duration = trace.millis(trace.length() - 1) - trace.millis(0);
        return Duration.ofMillis((long) Math.min(60_000 * options.numbers("interval", 5)[0], duration / 288));
    }

    static Case judge(Oracle oracle, Trace trace, double target) {
        boolean attainable = oracle.best() >= target;
        return new Case(trace, target, attainable, oracle.sizeFor(attainable ? target : oracle.best() - KNEE));
    }

    private static SizeTunerSettings.Policy policy(String name) {
        return SizeTunerSettings.Policy.valueOf(name.replace('-', '_').toUpperCase(Locale.ROOT));
    }

    static Run run(Case aCase, String policy, SizeBounds bounds, long start, Duration interval) {
        Trace trace = aCase.trace();
        TraceClock clock = new TraceClock(trace.millis(0));
        SizeTuner tuner = SizeTuner.create(policy(policy), bounds, interval, true, clock);
        long size = Math.max(bounds.minimum(), Math.min(bounds.maximum(), start));
        PlainCache cache = new PlainCache(size);
        int half = trace.length() / 2;
        int intervals = 0;
        int reversals = 0;
        int direction = 0;
        long requests = 0;
        long hits = 0;
        long evictions = 0;
        long lateHits = 0;
        double sizes = 0;
        List<Decision<Long>> decisions = new ArrayList<>();
        for (int i = 0; i < trace.length(); i++) {
            clock.set(trace.millis(i));
            tuner.record(Trace.hash(trace.key(i)));
            boolean hit = cache.access(trace.key(i));
            requests++;
            hits += hit ? 1 : 0;
            if (i >= half) {
                lateHits += hit ? 1 : 0;
                sizes += size;
            }
            if (tuner.isDue(requests)) {
                long evicted = cache.evictions();
                Decision<Long> decision = tuner.step(new SizeObservation(
                        size, cache.size(), requests, hits, requests - hits, evicted - evictions, 0, 0));
                decisions.add(decision);
                int sign = Long.signum(decision.to() - decision.from());
                if (sign != 0) {
                    reversals += sign == -direction ? 1 : 0;
                    direction = sign;
                    size = decision.to();
                    cache.resize(size);
                    evicted = cache.evictions();
                }
                evictions = evicted;
                intervals++;
                requests = 0;
                hits = 0;
            }
        }
        int late = trace.length() - half;
        return new Run(sizes / late, size, (double) lateHits / late, intervals, reversals, decisions);
    }

    /** The verdict on a policy over all cases. */
    static final class Score {

        final String policy;
        private int attainable;
        private int small;
        private int reached;
        private double logRatio;
        private int unattainable;
        private double logKnee;
        private double worstKnee;
        private int intervals;
        private int reversals;

        Score(String policy) {
            this.policy = policy;
        }

        void add(Case aCase, Run run) {
            double ratio = run.meanSize() / aCase.oracle();
            if (aCase.attainable()) {
                attainable++;
                small += ratio <= 1.25 ? 1 : 0;
                reached += run.hitRate() >= aCase.target() - 0.02 ? 1 : 0;
                logRatio += Math.log(ratio);
            } else {
                unattainable++;
                logKnee += Math.log(ratio);
                worstKnee = Math.max(worstKnee, ratio);
            }
            intervals += run.intervals();
            reversals += run.reversals();
        }

        void report(ReplayReport report) {
            report.row(
                    "all cases",
                    "policy",
                    policy,
                    "attainable cases",
                    attainable,
                    "size / oracle (geometric mean)",
                    Math.exp(logRatio / attainable),
                    "within 1.25 x",
                    (double) small / attainable,
                    "at least target - 2 pt",
                    (double) reached / attainable,
                    "unattainable",
                    unattainable,
                    "size / knee (geometric mean)",
                    Math.exp(logKnee / unattainable),
                    "worst",
                    worstKnee,
                    "reversals per 50 intervals",
                    50.0 * reversals / intervals);
        }
    }
}
