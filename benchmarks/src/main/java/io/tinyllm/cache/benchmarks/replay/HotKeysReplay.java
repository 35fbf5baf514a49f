package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.analytics.HotKeys;
import java.util.Arrays;
import java.util.List;

/**
 * Replays the hot keys: the traffic of the keys reported as a share of the traffic of the keys that truly are the
 * hottest.
 */
final class HotKeysReplay implements ReplayFeature {

    @Override
    public String name() {
        return "hot-keys";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        double worst10 = 1;
        double worst100 = 1;
        double sum10 = 0;
        double sum100 = 0;
        for (Trace trace : traces) {
            HotKeys hotKeys = new HotKeys();
            long[] counts = new long[trace.footprint()];
            Integer[] boxed = new Integer[trace.footprint()];
            Arrays.setAll(boxed, key -> key);
            long start = CpuTime.now();
            for (int i = 0; i < trace.length(); i++) {
                hotKeys.record(boxed[trace.key(i)], Trace.hash(trace.key(i)));
            }
            double nanos = (double) (CpuTime.now() - start) / trace.length();
            for (int i = 0; i < trace.length(); i++) {
                counts[trace.key(i)]++;
            }
            double top10 = captured(hotKeys, counts, 10);
            double top100 = captured(hotKeys, counts, 100);
            int outside = 0;
            for (HotKeys.HotKey key : hotKeys.top(100)) {
                long error = Math.abs(counts[(Integer) key.key()] - key.count());
                outside += error > hotKeys.errorBound(key.count()) ? 1 : 0;
            }
            report.row(
                    "traffic captured",
                    "trace",
                    trace.name(),
                    "accesses",
                    trace.length(),
                    "top 10",
                    top10,
                    "top 100",
                    top100,
                    "of 100 outside the error bound",
                    outside,
                    "ns a record",
                    nanos);
            worst10 = Math.min(worst10, top10);
            worst100 = Math.min(worst100, top100);
            sum10 += top10 / traces.size();
            sum100 += top100 / traces.size();
        }
        return report.row(
                "all traces",
                "mean top 10",
                sum10,
                "worst top 10",
                worst10,
                "mean top 100",
                sum100,
                "worst top 100",
                worst100);
    }

    private static double captured(HotKeys hotKeys, long[] counts, int n) {
        long reported = hotKeys.top(n).stream()
                .mapToLong(key -> counts[(Integer) key.key()])
                .sum();
        long[] sorted = counts.clone();
        Arrays.sort(sorted);
        long best = Arrays.stream(sorted, Math.max(0, sorted.length - n), sorted.length)
                .sum();
        return (double) reported / best;
    }
}
