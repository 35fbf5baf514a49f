package io.tinyllm.cache.benchmarks.replay;

import java.util.Arrays;
import java.util.List;

/**
 * Replays a split by hash into partitions, each a bare Caffeine, against one pool. {@code --size} gives the entries in
 * all, {@code --partitions} the number of partitions.
 */
final class PartitionsReplay implements ReplayFeature {

    private static final int SMALLEST_PARTITION = 256;

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
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
        return report;
    }
}
