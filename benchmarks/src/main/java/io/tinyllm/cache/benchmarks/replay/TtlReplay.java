package io.tinyllm.cache.benchmarks.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.ttl.AdaptiveTtl;
import io.tinyllm.cache.ttl.HitRateTtl;
import io.tinyllm.cache.ttl.TtlBounds;
import io.tinyllm.cache.ttl.TtlOptimizer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Replays times to live in a cache without a bound of its size: a fixed one against the product's policies, hit for hit
 * and entry-second for entry-second. {@code --ttl} gives the times to live in seconds, each one a case; {@code
 * --policy} one policy or both; {@code --minimum} and {@code --maximum} the bounds in seconds (a hundredth of the
 * time-to-live, and the time-to-live for {@code adaptive} or four times it for {@code hit-rate}); {@code --target} the
 * hit rate of {@code hit-rate}.
 *
 * <p>Gain is the hit ratio less that of the fixed time-to-live that needs the same memory, {@code caffeine} less that
 * of a Caffeine bounded to the mean number of entries, with the time-to-live of the case. A trace that is shorter than
 * a minute by its own times takes the line number for its clock, 24 hours for the whole.
 */
final class TtlReplay implements ReplayFeature {

    private static final long SECOND = 1_000_000_000L;
    private static final double GOOD_SAVING = 0.10;
    private static final double GOOD_LOSS = 0.0105;
    private static final int SEARCH_ROUNDS = 14;

    @Override
    public String name() {
        return "ttl-optimizer";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        List<String> policies = options.has("policy") ? options.all("policy") : List.of("adaptive", "hit-rate");
        double[] ttls = options.numbers("ttl", 300, 1800, 7200, 28800);
        for (String policy : policies) {
            Verdict verdict = new Verdict();
            for (Trace trace : traces) {
                Timed timed = new Timed(trace);
                for (double ttl : ttls) {
                    replay(report, timed, policy, (long) (ttl * SECOND), options, verdict);
                }
            }
            verdict.addTo(report, policy);
        }
        return report;
    }

    private static void replay(
            ReplayReport report, Timed trace, String policy, long ttl, ReplayOptions options, Verdict verdict) {
        Outcome fixed = trace.fixed(ttl);
        TtlOptimizer optimizer = optimizer(policy, trace, ttl, options);
        Outcome tuned = trace.replay(optimizer, ttl);
        double loss = trace.ratio(fixed) - trace.ratio(tuned);
        double saved = 1 - tuned.entryNanos / fixed.entryNanos;
        double gain = trace.ratio(tuned) - trace.ratio(trace.fixedOfEqualMemory(tuned.entryNanos, ttl));
        long meanEntries = Math.max(1, Math.round(tuned.entryNanos / trace.span()));
        double caffeine = trace.ratio(tuned) - trace.caffeine(meanEntries, ttl);
        verdict.add(loss, saved, gain);
        report.row(
                "cases, " + policy,
                "trace",
                trace.name,
                "ttl s",
                ttl / SECOND,
                "fixed hit",
                trace.ratio(fixed),
                "hit",
                trace.ratio(tuned),
                "loss pt",
                100 * loss,
                "entry-seconds saved %",
                100 * saved,
                "gain at equal memory pt",
                100 * gain,
                "over caffeine pt",
                100 * caffeine,
                "good",
                loss <= GOOD_LOSS && saved >= GOOD_SAVING);
        if (options.has("details")) {
            optimizer
                    .report()
                    .decisions()
                    .forEach(d -> report.row(
                            "decisions",
                            "trace",
                            trace.name,
                            "ttl s",
                            ttl / SECOND,
                            "from",
                            d.from(),
                            "to",
                            d.to(),
                            "reason",
                            d.reason()));
        }
    }

    private static TtlOptimizer optimizer(String policy, Timed trace, long ttl, ReplayOptions options) {
        boolean adaptive = switch (policy) {
            case "adaptive" -> true;
            case "hit-rate" -> false;
            default -> throw new IllegalArgumentException("no policy '" + policy + "'");
        };
        double seconds = (double) ttl / SECOND;
        TtlBounds bounds = new TtlBounds(
                duration(options.numbers("minimum", seconds / 100)[0]),
                duration(options.numbers("maximum", adaptive ? seconds : 4 * seconds)[0]));
        return adaptive
                ? new AdaptiveTtl(ttl, bounds, trace.footprint, true, 0, trace::instant)
                : new HitRateTtl(bounds, options.numbers("target", 0.8)[0], trace.footprint, true, 0, trace::instant);
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos((long) (seconds * SECOND));
    }

    /** What a replay comes to. */
    private record Outcome(long hits, double entryNanos) {}

    /** A trace on a clock of nanoseconds. */
    private static final class Timed {

        final String name;
        final int footprint;
        private final int[] keys;
        private final long[] nanos;
        private long now;

        Timed(Trace trace) {
            name = trace.name();
            footprint = trace.footprint();
            keys = new int[trace.length()];
            nanos = new long[keys.length];
            long first = trace.millis(0);
            boolean own = trace.millis(keys.length - 1) - first
                    >= Duration.ofMinutes(1).toMillis();
            double step = (double) Duration.ofDays(1).toNanos() / keys.length;
            for (int i = 0; i < keys.length; i++) {
                keys[i] = trace.key(i);
                long time = own ? (trace.millis(i) - first) * 1_000_000 : (long) (i * step);
                nanos[i] = i == 0 ? 0 : Math.max(nanos[i - 1], time);
            }
        }

        Instant instant() {
            return Instant.ofEpochSecond(0, now);
        }

        long span() {
            return Math.max(1, nanos[nanos.length - 1]);
        }

        double ratio(Outcome outcome) {
            return (double) outcome.hits / keys.length;
        }

        Outcome fixed(long ttl) {
            long[] deadlines = new long[footprint];
            long hits = 0;
            double entryNanos = 0;
            for (int i = 0; i < keys.length; i++) {
                if (deadlines[keys[i]] > nanos[i]) {
                    hits++;
                } else {
                    deadlines[keys[i]] = nanos[i] + ttl;
                    entryNanos += Math.min(ttl, span() - nanos[i]);
                }
            }
            return new Outcome(hits, entryNanos);
        }

        /**
         * The fixed time-to-live, up to a day above that of the case, that comes closest to needing so much memory from
         * below.
         */
        Outcome fixedOfEqualMemory(double entryNanos, long ttl) {
            long low = ttl / 2000;
            long high = ttl + Duration.ofDays(1).toNanos();
            for (int i = 0; i < SEARCH_ROUNDS; i++) {
                long middle = (long) Math.sqrt((double) low * high);
                if (fixed(middle).entryNanos > entryNanos) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            return fixed(low);
        }

        Outcome replay(TtlOptimizer optimizer, long ttl) {
            Entries entries = new Entries(footprint);
            long hits = 0;
            long nextStep = SECOND;
            long sweepNanos = optimizer.sweepNanos();
            long nextSweep = sweepNanos;
            for (int i = 0; i < keys.length; i++) {
                int key = keys[i];
                long hash = Trace.hash(key);
                for (; nextSweep <= nanos[i]; nextSweep += entries.isEmpty() ? nanos[i] - nextSweep + 1 : sweepNanos) {
                    now = nextSweep;
                    optimizer.step(now);
                    entries.sweep(optimizer, now);
                }
                now = nanos[i];
                for (; nextStep <= now; nextStep = Math.max(nextStep + SECOND, now)) {
                    optimizer.step(now);
                }
                boolean hit = entries.read(key, now);
                if (hit) {
                    hits++;
                } else {
                    entries.write(key, now, optimizer.ttlNanos(hash, ttl));
                }
                optimizer.onAccess(hash, hit, now);
            }
            return new Outcome(hits, entries.entryNanos(span()));
        }

        /** The hit ratio of Caffeine with this bound and time-to-live. */
        double caffeine(long maximumSize, long ttl) {
            long[] time = new long[1];
            Cache<Integer, Boolean> cache = Caffeine.newBuilder()
                    .maximumSize(maximumSize)
                    .expireAfterWrite(Duration.ofNanos(ttl))
                    .ticker(() -> time[0])
                    .executor(Runnable::run)
                    .build();
            int hits = 0;
            for (int i = 0; i < keys.length; i++) {
                time[0] = nanos[i];
                if (cache.getIfPresent(keys[i]) != null) {
                    hits++;
                } else {
                    cache.put(keys[i], true);
                }
            }
            return (double) hits / keys.length;
        }
    }

    /** The entries of a cache without a bound, that does what the memory tier does. */
    private static final class Entries {

        private final long[] written;
        private final long[] freshUntil;
        private final long[] used;
        private final int[] resident;
        private int count;
        private double ended;

        Entries(int footprint) {
            written = new long[footprint];
            freshUntil = new long[footprint];
            used = new long[footprint];
            resident = new int[footprint];
            Arrays.fill(written, -1);
        }

        boolean isEmpty() {
            return count == 0;
        }

        boolean read(int key, long now) {
            boolean hit = written[key] >= 0 && freshUntil[key] > now;
            if (hit) {
                used[key] = now;
            }
            return hit;
        }

        void write(int key, long now, long ttl) {
            if (written[key] >= 0) {
                ended += freshUntil[key] - written[key];
            } else {
                resident[count++] = key;
            }
            written[key] = now;
            used[key] = now;
            freshUntil[key] = now + ttl;
        }

        void sweep(TtlOptimizer optimizer, long now) {
            int kept = 0;
            for (int i = 0; i < count; i++) {
                int key = resident[i];
                boolean expired = freshUntil[key] <= now;
                if (expired
                        || now - used[key]
                                >= optimizer.idleNanos(Trace.hash(key), used[key], freshUntil[key] - used[key])) {
                    ended += (expired ? freshUntil[key] : now) - written[key];
                    written[key] = -1;
                } else {
                    resident[kept++] = key;
                }
            }
            count = kept;
        }

        double entryNanos(long end) {
            double sum = ended;
            for (int i = 0; i < count; i++) {
                sum += Math.min(freshUntil[resident[i]], end) - written[resident[i]];
            }
            return sum;
        }
    }

    /** The judgement of all cases together. */
    private static final class Verdict {

        private int cases;
        private int good;
        private double worstLoss = Double.NEGATIVE_INFINITY;
        private double gains;
        private double losses;
        private double logKept;

        void add(double loss, double saved, double gain) {
            cases++;
            good += loss <= GOOD_LOSS && saved >= GOOD_SAVING ? 1 : 0;
            worstLoss = Math.max(worstLoss, loss);
            gains += gain;
            losses += loss;
            logKept += Math.log(Math.max(1e-3, 1 - saved));
        }

        void addTo(ReplayReport report, String policy) {
            report.row(
                    "goals",
                    "policy",
                    policy,
                    "cases",
                    cases,
                    "good % (goal 55)",
                    100.0 * good / cases,
                    "worst loss pt (goal 3)",
                    100 * worstLoss,
                    "mean gain at equal memory pt (goal 0.5)",
                    100 * gains / cases,
                    "mean loss pt",
                    100 * losses / cases,
                    "entry-seconds saved %, geometric mean",
                    100 * (1 - Math.exp(logKept / cases)));
        }
    }
}
