package io.tinyllm.cache.remote;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Decides when a store is better left alone: after five failures in a row, or when half of at least twenty operations
 * within ten seconds have failed. It closes again only when told to, after a probe, so that no caller ever is the
 * probe. Thread-safe.
 */
final class CircuitBreaker {

    private static final int CONSECUTIVE = 5;
    private static final int LEAST_CALLS = 20;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier ticker;
    private final LongAdder successes = new LongAdder();
    private volatile int consecutive;
    private volatile boolean open;
    private long windowFailures;
    private long windowStart;

    CircuitBreaker(LongSupplier ticker) {
        this.ticker = ticker;
        this.windowStart = ticker.getAsLong();
    }

    boolean isOpen() {
        return open;
    }

    void succeeded() {
        successes.increment();
        if (consecutive != 0) {
            consecutive = 0;
        }
    }

    /** Counts a failure; answers whether it opened the breaker. */
    synchronized boolean failed() {
        long now = ticker.getAsLong();
        if (now - windowStart > WINDOW_NANOS) {
            startWindow(now);
        }
        windowFailures++;
        consecutive = consecutive + 1;
        long calls = successes.sum() + windowFailures;
        boolean trips = consecutive >= CONSECUTIVE || calls >= LEAST_CALLS && windowFailures * 2 >= calls;
        if (open || !trips) {
            return false;
        }
        open = true;
        return true;
    }

    /** Closes the breaker; answers whether it was open. */
    synchronized boolean close() {
        boolean was = open;
        open = false;
        consecutive = 0;
        startWindow(ticker.getAsLong());
        return was;
    }

    private void startWindow(long now) {
        windowStart = now;
        windowFailures = 0;
        successes.reset();
    }
}
