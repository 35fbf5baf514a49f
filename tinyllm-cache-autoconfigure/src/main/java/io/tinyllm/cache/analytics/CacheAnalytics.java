package io.tinyllm.cache.analytics;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.analytics.HotKeys.HotKey;
import io.tinyllm.cache.analytics.figures.ColdKey;
import io.tinyllm.cache.analytics.figures.HistoryRow;
import io.tinyllm.cache.analytics.figures.Latency;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.MemoryTier;
import java.time.Clock;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The traffic of one cache: latencies over the last five minutes, hot keys, cold keys. Learns off the
 * path of callers, from a sample where there is too much to see. Thread-safe; memory is bounded, and there is none
 * before the first access.
 *
 * <p>Hot keys are counted since the start, every hour halving what was counted before.
 */
public final class CacheAnalytics implements AccessConsumer {

    /** A key that takes more bytes is not among the hot keys, each of which is kept. */
    private static final int LONGEST_KEY = 1 << 16;

    private static final long HALF_LIFE_NANOS = 3600 * 1_000_000_000L;

    private final CacheCounters counters;
    private final LongSupplier ticker;
    private final ColdKeys coldKeys;
    private final int keys;

    private final LatencyWindow hits = new LatencyWindow();
    private final LatencyWindow misses = new LatencyWindow();
    private final LatencyWindow loads = new LatencyWindow();
    private final LatencyWindow shared = new LatencyWindow();
    private final History history;
    private @Nullable HotKeys hotKeys;
    private @Nullable LoadTimes loadTimes;
    private long agedAt;

    /** Requests that were seen here, of those that there were; both halved with the counts of the hot keys. */
    private double seen;

    private double requests;
    private long requestsBefore;

    /**
     * Creates the analytics of a cache, with nothing learnt.
     * @param memory the local tier, whose cold keys are told
     * @param counters the exact figures, by which those of a sample are scaled up
     * @param ticker the monotonic time in nanoseconds
     * @param clock the time of day
     * @param keys how many hot and how many cold keys are told
     */
    public CacheAnalytics(MemoryTier memory, CacheCounters counters, LongSupplier ticker, Clock clock, int keys) {
        this.counters = counters;
        this.ticker = ticker;
        this.coldKeys = new ColdKeys(memory, ticker, keys);
        this.keys = keys;
        this.agedAt = ticker.getAsLong();
        this.history = new History(counters, hits, misses, clock, agedAt);
    }

    @Override
    public synchronized void onAccesses(AccessBatch batch) {
        HotKeys hot = hotKeys;
        if (hot == null) {
            hot = new HotKeys();
            hotKeys = hot;
        }
        age(hot, batch.nowNanos());
        history.advance(batch.nowNanos());
        for (int i = 0; i < batch.size(); i++) {
            Outcome outcome = batch.outcome(i);
            if (isRequest(outcome)) {
                if (batch.keyBytes(i) <= LONGEST_KEY) {
                    hot.record(batch.key(i), batch.hash(i));
                }
                seen++;
            }
            if (outcome == Outcome.LOAD) {
                loaded(batch.hash(i), batch.nanos(i));
            }
            if (batch.nanos(i) >= 0) {
                time(outcome, batch.nanos(i), batch.weight(i), batch.nowNanos());
            }
        }
        long all = counters.hits() + counters.misses();
        requests += all - requestsBefore;
        requestsBefore = all;
    }

    private void loaded(long hash, long nanos) {
        LoadTimes times = loadTimes;
        if (times == null) {
            times = new LoadTimes();
            loadTimes = times;
        }
        times.record(hash, nanos);
    }

    /**
     * How long the latest load of a key took in milliseconds, as far as that is remembered.
     * @param key the key
     * @return the time, or null
     */
    public synchronized @Nullable Double loadMillis(Object key) {
        return loadTimes == null ? null : loadTimes.millis(AccessBatch.hashOf(key));
    }

    private void age(HotKeys hot, long nowNanos) {
        while (nowNanos - agedAt >= HALF_LIFE_NANOS) {
            agedAt += HALF_LIFE_NANOS;
            hot.age();
            seen /= 2;
            requests /= 2;
        }
    }

    private void time(Outcome outcome, long nanos, int weight, long nowNanos) {
        switch (outcome) {
            case MEMORY_HIT, STALE_HIT, NEGATIVE_HIT, STORE_HIT -> hits.record(nanos, weight, nowNanos);
            case REMOTE_HIT, REPLICA_HIT -> {
                hits.record(nanos, weight, nowNanos);
                shared.record(nanos, weight, nowNanos);
            }
            case MISS -> misses.record(nanos, weight, nowNanos);
            case LOAD, LOAD_FAILURE -> loads.record(nanos, weight, nowNanos);
            case BYPASS, PUT, EVICT -> {
                // not timed
            }
        }
    }

    /** Returns whether a caller asked for a key that no rule keeps away. */
    private static boolean isRequest(Outcome outcome) {
        return switch (outcome) {
            case MEMORY_HIT, REMOTE_HIT, REPLICA_HIT, STORE_HIT, STALE_HIT, NEGATIVE_HIT, MISS -> true;
            case BYPASS, LOAD, LOAD_FAILURE, PUT, EVICT -> false;
        };
    }

    /** Closes the rows of the history whose minute has passed. */
    public synchronized void advance() {
        history.advance(ticker.getAsLong());
    }

    /** The figures of each of the last 60 minutes, oldest first, that under way included. */
    public synchronized List<HistoryRow> history() {
        return history.rows(ticker.getAsLong());
    }

    /** Returns how long answers without a load took their callers. */
    public synchronized Latency hitLatency() {
        return hits.summary(ticker.getAsLong());
    }

    /** Returns how long callers took whom the cache had no answer for: their load, or the wait for another's. */
    public synchronized Latency missLatency() {
        return misses.summary(ticker.getAsLong());
    }

    /** Returns how long loads took, those in the background too. */
    public synchronized Latency loadLatency() {
        return loads.summary(ticker.getAsLong());
    }

    /** Returns how long answers of the shared tier took. */
    public synchronized Latency sharedTierLatency() {
        return shared.summary(ticker.getAsLong());
    }

    /** The keys asked for most often, hottest first, each with about how often. */
    public synchronized List<HotKey> hotKeys() {
        double scale = seen == 0 ? 1 : Math.max(1, requests / seen);
        return top().stream()
                .map(hot -> new HotKey(hot.key(), Math.round(hot.count() * scale)))
                .toList();
    }

    /** The share of the requests that was for the hot keys, from 0 to 1. */
    public synchronized double hotShare() {
        long counted = top().stream().mapToLong(HotKey::count).sum();
        return seen == 0 ? 0 : Math.min(1, counted / seen);
    }

    private List<HotKey> top() {
        HotKeys hot = hotKeys;
        return hot == null ? List.of() : hot.top(keys);
    }

    /** The keys in the local tier that nobody has asked for the longest, coldest first. */
    public List<ColdKey> coldKeys() {
        return coldKeys.coldest();
    }

    /** The share of the entries in the local tier that nobody has asked for in five minutes, from 0 to 1. */
    public double coldShare() {
        return coldKeys.share();
    }
}
