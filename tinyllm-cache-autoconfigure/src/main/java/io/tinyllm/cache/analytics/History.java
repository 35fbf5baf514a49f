package io.tinyllm.cache.analytics;

import io.tinyllm.cache.analytics.figures.HistoryRow;
import io.tinyllm.cache.core.CacheCounters;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One row for each of the last minutes: what the counters of a cache gained in it. A row is closed by the first call
 * after its minute; minutes without a call have rows of zeros, but for what was counted in them, which the first of
 * them has. Not thread-safe.
 */
final class History {

    static final int MINUTES = 60;

    private final CacheCounters counters;
    private final LatencyWindow hits;
    private final LatencyWindow misses;
    private final Clock clock;
    private final Deque<HistoryRow> closed = new ArrayDeque<>();
    private long minute;
    private Sums before;

    /**
     * Creates it; the first minute is the one under way.
     * @param counters the exact figures
     * @param hits how long hits took their callers
     * @param misses how long misses took their callers
     * @param clock the time of day
     * @param nowNanos the monotonic time
     */
    History(CacheCounters counters, LatencyWindow hits, LatencyWindow misses, Clock clock, long nowNanos) {
        this.counters = counters;
        this.hits = hits;
        this.misses = misses;
        this.clock = clock;
        this.minute = LatencyWindow.sliceOf(nowNanos);
        this.before = Sums.of(counters);
    }

    /** Closes the rows of the minutes that have passed. */
    void advance(long nowNanos) {
        long current = LatencyWindow.sliceOf(nowNanos);
        if (current == minute) {
            return;
        }
        Sums now = Sums.of(counters);
        long oldest = Math.max(minute, current - MINUTES);
        for (long passed = oldest; passed < current; passed++) {
            closed.addLast(row(passed, nowNanos, passed == oldest ? now.minus(before) : Sums.ZERO));
        }
        while (closed.size() >= MINUTES) {
            closed.removeFirst();
        }
        minute = current;
        before = now;
    }

    /** The rows, oldest first; the last is of the minute under way. */
    List<HistoryRow> rows(long nowNanos) {
        advance(nowNanos);
        List<HistoryRow> rows = new ArrayList<>(closed);
        rows.add(row(minute, nowNanos, Sums.of(counters).minus(before)));
        return rows;
    }

    private HistoryRow row(long number, long nowNanos, Sums gained) {
        Instant at = clock.instant().minusNanos(nowNanos - number * LatencyWindow.SLICE_NANOS);
        long found = gained.hits + gained.misses;
        return new HistoryRow(
                at.truncatedTo(ChronoUnit.SECONDS),
                found + gained.bypassed,
                gained.hits,
                gained.loads,
                gained.loadFailures,
                found == 0 ? 0 : (double) gained.hits / found,
                LatencyWindow.p99Nanos(number, hits, misses) / 1e6);
    }

    /** Counts since the start, or what they gained. */
    private record Sums(long hits, long misses, long bypassed, long loads, long loadFailures) {

        static final Sums ZERO = new Sums(0, 0, 0, 0, 0);

        static Sums of(CacheCounters counters) {
            return new Sums(
                    counters.hits(), counters.misses(), counters.bypassed(), counters.loads(), counters.loadFailures());
        }

        Sums minus(Sums other) {
            return new Sums(
                    hits - other.hits,
                    misses - other.misses,
                    bypassed - other.bypassed,
                    loads - other.loads,
                    loadFailures - other.loadFailures);
        }
    }
}
