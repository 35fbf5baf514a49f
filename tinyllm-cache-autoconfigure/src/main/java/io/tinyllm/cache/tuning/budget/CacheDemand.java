package io.tinyllm.cache.tuning.budget;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.tuner.Tuner;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.tuning.SizeTuner;
import io.tinyllm.cache.tuning.SizeTuning;
import io.tinyllm.cache.tuning.curve.HitRateEstimator;
import io.tinyllm.cache.tuning.curve.MissRatioCurve;
import io.tinyllm.cache.tuning.figures.MemoryFigures;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How long the callers of one cache wait for loads, as a function of the memory that it has: its requests, its hit rate
 * by size, how long a load takes, and how large an entry is. It decides nothing. Thread-safe; the estimate of the hit
 * rate is made with the first access, or is that of the size tuner where the cache has one.
 */
public final class CacheDemand implements Tuner {

    /** Entries that are weighed at a turn of the control loop. */
    private static final int WEIGHED = 4;

    /** The weight that an interval keeps, with each one after it, in rates and times. */
    private static final double DECAY = 0.9;

    private static final double MEGABYTE = 1024.0 * 1024;
    private static final double HOUR = 3600;

    private final String name;
    private final MemoryTier memory;
    private final CacheCounters counters;
    private final @Nullable SizeTuning tuned;
    private final ToLongFunction<@Nullable Object> weigher;
    private final Duration interval;
    private final Clock clock;
    private final Object lock;
    private final EntrySizes sizes = new EntrySizes();
    private Comparison comparison = Comparison.NONE;
    private @Nullable HitRateEstimator estimator;
    private MemoryFigures before;
    private Instant started;

    /** Decayed sums over the intervals that ended. */
    private double seconds;

    private double requests;
    private double loads;
    private double loadSeconds;
    private double missing;
    private double missed;

    /**
     * Creates the demand of a cache.
     * @param name the cache
     * @param memory its local tier
     * @param counters its exact figures
     * @param tuned its size tuner, whose estimate is used, or null
     * @param weigher estimates the bytes of a value, and never fails
     * @param interval the time between two looks
     * @param clock the time
     * @param lock what guards it; caches that are looked at together share one
     */
    public CacheDemand(
            String name,
            MemoryTier memory,
            CacheCounters counters,
            @Nullable SizeTuning tuned,
            ToLongFunction<@Nullable Object> weigher,
            Duration interval,
            Clock clock,
            Object lock) {
        this.name = name;
        this.memory = memory;
        this.counters = counters;
        this.tuned = tuned;
        this.weigher = weigher;
        this.interval = interval;
        this.clock = clock;
        this.lock = lock;
        this.before = MemoryFigures.of(memory, counters);
        this.started = clock.instant();
    }

    /** The name of the cache. */
    public String name() {
        return name;
    }

    @Override
    public void onAccesses(AccessBatch batch) {
        synchronized (lock) {
            int left = WEIGHED;
            for (int i = 0; i < batch.size(); i++) {
                Outcome outcome = batch.outcome(i);
                if (batch.isLookup(i)) {
                    estimator().record(batch.hash(i));
                    comparison.requested(batch.hash(i), outcome == Outcome.MEMORY_HIT || outcome == Outcome.STALE_HIT);
                } else if (outcome == Outcome.EVICT) {
                    comparison.evicted(batch.hash(i));
                }
                if (left > 0 && (outcome == Outcome.LOAD || outcome == Outcome.PUT || !sizes.isKnown())) {
                    CacheEntry entry = memory.peek(batch.key(i));
                    if (entry != null) {
                        sizes.add(weigher.applyAsLong(entry.value()));
                        left--;
                    }
                }
            }
        }
    }

    /** Shows the requests to whoever compares, from now on. */
    void compareWith(Comparison other) {
        synchronized (lock) {
            comparison = other;
        }
    }

    /** Compares what the local tier answers with what another would. */
    interface Comparison {

        /** Compares nothing. */
        Comparison NONE = new Comparison() {
            @Override
            public void requested(long hash, boolean hit) {
                // nobody compares
            }

            @Override
            public void evicted(long hash) {
                // nobody compares
            }
        };

        void requested(long hash, boolean hit);

        void evicted(long hash);
    }

    /** The estimate, made where there is none; guarded by the lock. */
    HitRateEstimator estimator() {
        HitRateEstimator known = estimator;
        if (known == null) {
            known = new HitRateEstimator();
            estimator = known;
        }
        return known;
    }

    /** Ends an interval that has seen enough. Not called where a budget ends them. */
    @Override
    public void stepIfDue() {
        synchronized (lock) {
            long seen = MemoryFigures.of(memory, counters).requests() - before.requests();
            if (seen >= SizeTuner.MINIMUM_REQUESTS && !clock.instant().isBefore(started.plus(interval))) {
                stepNow();
            }
        }
    }

    @Override
    public void stepNow() {
        synchronized (lock) {
            HitRateEstimator known = estimator();
            known.learn(observe());
            known.age();
        }
    }

    /** Returns how many requests there were since the last interval ended. */
    long requestsSince() {
        synchronized (lock) {
            return MemoryFigures.of(memory, counters).requests() - before.requests();
        }
    }

    /** Ends an interval for rates and times, and tells what happened in it. */
    SizeObservation observe() {
        synchronized (lock) {
            MemoryFigures now = MemoryFigures.of(memory, counters);
            Instant ended = clock.instant();
            SizeObservation seen = now.since(before, Math.round(bound()), entries(), 0);
            seconds = DECAY * seconds + Duration.between(started, ended).toNanos() / 1e9;
            requests = DECAY * requests + seen.requests();
            loads = DECAY * loads + (now.loads() - before.loads());
            loadSeconds = DECAY * loadSeconds + (now.loadNanos() - before.loadNanos()) / 1e9;
            missing = DECAY * missing + (now.missing() - before.missing());
            missed = DECAY * missed + (seen.requests() - seen.hits());
            before = now;
            started = ended;
            return seen;
        }
    }

    /** How many entries of the mean size there is room for. */
    double bound() {
        synchronized (lock) {
            return memory.isWeighed() ? memory.maximumWeight() / bytesPerEntry() : memory.maximumSize();
        }
    }

    private long entries() {
        return memory.isWeighed() ? Math.round(memory.weight() / bytesPerEntry()) : memory.size();
    }

    /**
     * The cost of a request that memory does not answer, in seconds; 0 as long as no load has been seen. Where another
     * tier may answer it, only as often as none does it costs a load.
     */
    double secondsPerMiss() {
        synchronized (lock) {
            double perLoad = loads > 0 ? loadSeconds / loads : meanSinceTheStart();
            return missed > 0 ? perLoad * Math.min(1, missing / missed) : perLoad;
        }
    }

    private double meanSinceTheStart() {
        long all = counters.loads();
        return all == 0 ? 0 : counters.loadNanos() / 1e9 / all;
    }

    /** The mean size of an entry in bytes; a stated one as long as there is none to look at. */
    double bytesPerEntry() {
        synchronized (lock) {
            long held = memory.isWeighed() ? memory.size() : 0;
            return held > 0 ? Math.max(EntrySizes.LEAST, (double) memory.weight() / held) : sizes.mean();
        }
    }

    private double hitRate(double size) {
        double rate = tuned == null ? -1 : tuned.hitRate(size);
        return rate >= 0 ? rate : hitRateSeen(size);
    }

    private double hitRateSeen(double size) {
        HitRateEstimator known = estimator;
        return known == null ? 0 : known.hitRate(size);
    }

    /** Returns what memory is worth here, null as long as no interval has ended. */
    public @Nullable Worth worth() {
        synchronized (lock) {
            if (seconds <= 0 || requests <= 0) {
                return null;
            }
            double perHour = requests / seconds * HOUR * secondsPerMiss();
            double size = bound();
            double entry = bytesPerEntry();
            double now = hitRate(size);
            double more = perHour * Math.max(0, hitRate(size + 10 * MEGABYTE / entry) - now);
            double fewer = perHour * Math.max(0, now - hitRate(Math.max(0, size - 10 * MEGABYTE / entry)));
            double next = perHour * Math.max(0, hitRate(size + MEGABYTE / entry) - now);
            return new Worth(Math.round(entry), Math.round(size * entry), next, more, fewer, sentence(more, fewer));
        }
    }

    private static String sentence(double more, double fewer) {
        return String.format(
                Locale.ROOT,
                "ten more megabytes would save %s of loads an hour, ten fewer would cost %s",
                Amounts.seconds(more),
                Amounts.seconds(fewer));
    }

    /** The estimated hit rate by size, empty as long as nothing was seen. */
    List<MissRatioCurve.Point> curve() {
        synchronized (lock) {
            HitRateEstimator known = estimator;
            return known == null ? List.of() : known.points();
        }
    }

    /**
     * The worth of memory to a cache.
     * @param entryBytes the mean size of an entry, an estimate
     * @param bytes about how much the entries take where the cache is full
     * @param secondsSavedPerMb seconds of loads an hour that the next megabyte would save
     * @param secondsSavedByTenMoreMb the same of ten megabytes
     * @param secondsLostByTenFewerMb seconds of loads an hour that ten megabytes less would cost
     * @param text the same in words for a person
     */
    public record Worth(
            long entryBytes,
            long bytes,
            double secondsSavedPerMb,
            double secondsSavedByTenMoreMb,
            double secondsLostByTenFewerMb,
            String text) {}
}
