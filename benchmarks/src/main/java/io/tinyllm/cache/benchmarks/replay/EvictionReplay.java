package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.settings.CacheDefinition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Replays hit ratios at fixed sizes: of Caffeine alone, and of a whole cache of this library with its default settings
 * but a time-to-live. {@code --size} gives the sizes, in entries or as shares of the footprint, {@code --rate} how many
 * accesses there are in a second of the cache's clock, since fewer reads of an entry are told to its eviction policy
 * where they follow each other quickly; without, it stands still.
 */
final class EvictionReplay implements ReplayFeature {

    @Override
    public String name() {
        return "eviction";
    }

    @Override
    public ReplayReport replay(List<Trace> traces, ReplayOptions options) {
        ReplayReport report = new ReplayReport(name());
        for (Trace trace : traces) {
            for (long size : options.sizes("size", trace.footprint(), "1%,10%,30%")) {
                PlainCache cache = new PlainCache(size);
                int hits = 0;
                for (int i = 0; i < trace.length(); i++) {
                    hits += cache.access(trace.key(i)) ? 1 : 0;
                }
                for (double rate : options.numbers("rate", Double.POSITIVE_INFINITY)) {
                    int stackHits = stackHits(trace, size, rate);
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
                            "accesses a second",
                            Double.isInfinite(rate) ? "" : rate,
                            "caffeine",
                            (double) hits / trace.length(),
                            "whole stack",
                            (double) stackHits / trace.length(),
                            "difference pt",
                            100.0 * (stackHits - hits) / trace.length());
                }
            }
        }
        return report;
    }

    private static int stackHits(Trace trace, long size, double rate) {
        AtomicLong nanos = new AtomicLong();
        TieredCache stack = stack(size, nanos::get);
        int hits = 0;
        for (int i = 0; i < trace.length(); i++) {
            nanos.set((long) (i / rate * 1e9));
            hits += access(stack, trace.key(i)) ? 1 : 0;
        }
        return hits;
    }

    private static TieredCache stack(long size, LongSupplier ticker) {
        CacheSettings settings = new CacheSettings();
        settings.setTimeToLive(Duration.ZERO);
        settings.getMemory().setMaximumSize(size);
        return new CacheAssembler(ticker, Runnable::run, Runnable::run, CacheEntry.Factory.PLAIN, Extensions.NONE)
                .assemble(new CacheDefinition("eviction", "eviction", settings));
    }

    /** Asks as a caller does, and loads on a miss. */
    private static boolean access(TieredCache cache, int key) {
        long misses = cache.counters().misses();
        cache.get(key, () -> Boolean.TRUE);
        return cache.counters().misses() == misses;
    }
}
