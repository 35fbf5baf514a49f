package io.tinyllm.cache.remote;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The keys that this JVM has changed within the last minute, and up to another minute longer. A server may come back
 * with less than it had acknowledged: from an older copy of itself, or as a follower that lagged behind. What was
 * changed here lately is then to be removed there. Bounded by bytes; beyond them everything counts as changed.
 * Thread-safe.
 */
final class RecentChanges {

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** The memory of a key beside its characters, in bytes. */
    static final int OVERHEAD = 130;

    private final LongSupplier ticker;
    private final long maximumBytes;
    private volatile Span current;
    private volatile Span before;

    /**
     * @param ticker the monotonic time in nanoseconds
     * @param maximumBytes about how much memory the keys of a minute may take
     */
    RecentChanges(LongSupplier ticker, long maximumBytes) {
        this.ticker = ticker;
        this.maximumBytes = maximumBytes;
        this.current = new Span(ticker.getAsLong());
        this.before = current;
    }

    /** Takes note of a change. */
    void add(String id) {
        Span span = span();
        if (span.all) {
            return;
        }
        if (span.keys.add(id) && span.bytes.addAndGet(OVERHEAD + id.length()) > maximumBytes) {
            span.changedAll();
        }
    }

    /** Takes note that every key has changed. */
    void addAll() {
        span().changedAll();
    }

    /** Has all of them count as writes that did not arrive. */
    void makeMissed(RecoveryLog<String> missed) {
        if (isAll()) {
            missed.clearFailed(missed.beginClear());
        } else {
            keys().forEach(id -> missed.failed(id, missed.begin(id)));
        }
    }

    /** Returns whether everything counts as changed. */
    boolean isAll() {
        return recent().anyMatch(span -> span.all);
    }

    /** Returns the keys, unless everything counts as changed. */
    Set<String> keys() {
        Set<String> keys = new HashSet<>();
        recent().forEach(span -> keys.addAll(span.keys));
        return keys;
    }

    private Stream<Span> recent() {
        long now = ticker.getAsLong();
        return Stream.of(before, current).filter(span -> now - span.beganNanos <= 2 * WINDOW_NANOS);
    }

    private Span span() {
        long now = ticker.getAsLong();
        if (now - current.beganNanos > WINDOW_NANOS) {
            begin(now);
        }
        return current;
    }

    private synchronized void begin(long now) {
        if (now - current.beganNanos > WINDOW_NANOS) {
            before = current;
            current = new Span(now);
        }
    }

    /** The changes of a minute. */
    private static final class Span {

        private final long beganNanos;
        private final Set<String> keys = ConcurrentHashMap.newKeySet();
        private final AtomicLong bytes = new AtomicLong();
        private volatile boolean all;

        Span(long beganNanos) {
            this.beganNanos = beganNanos;
        }

        void changedAll() {
            all = true;
            keys.clear();
        }
    }
}
