package io.tinyllm.cache.benchmarks.replay;

import java.util.List;

/** Replays hit ratios at fixed sizes: Caffeine alone. {@code --size} gives the sizes, in entries or as shares of the footprint. */
final class EvictionReplay implements ReplayFeature {

    @Override
    public String name() {
        return "eviction";
    }

    @Override
    public Report replay(List<Trace> traces, ReplayOptions options) {
        Report report = new Report(name());
        for (Trace trace : traces) {
            for (long size : options.sizes("size", trace.footprint(), "1%,10%,30%")) {
                PlainCache cache = new PlainCache(size);
                int hits = 0;
                for (int i = 0; i < trace.length(); i++) {
                    hits += cache.access(trace.key(i)) ? 1 : 0;
                }
                report.row(
                        "hit ratios",
                        "trace",
                        trace.name(),
                        "accesses",
                        trace.length(),
                        "footprint",
                        trace.footprint(),
                        "size",
                        size,
                        "caffeine",
                        (double) hits / trace.length());
            }
        }
        return report;
    }
}
