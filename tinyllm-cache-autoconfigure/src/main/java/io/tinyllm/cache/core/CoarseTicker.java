package io.tinyllm.cache.core;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A monotonic time that costs a read of memory instead of a call of the system's clock, which can be most of what a hit
 * costs. A thread of its own, on which nothing else runs, moves it on every {@value #PERIOD_MILLIS} ms; it starts with
 * the first who wants to know. Where the thread has not started, or has ended, the exact time is told. Thread-safe.
 *
 * <p>Whoever must not be late compares with {@link #ahead()}, and asks the exact clock only when that time says that it
 * may be due. The answer is wrong only where the thread got no processor for {@value #LEAD_MILLIS} ms: while others
 * did, or right after all of the process stood still, until the thread has run.
 */
public final class CoarseTicker implements AutoCloseable {

    static final long PERIOD_MILLIS = 50;
    static final long LEAD_MILLIS = 1000;

    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);

    /** How far {@link #ahead()} is ahead of {@link #behind()}. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(LEAD_MILLIS);

    /** Not a time: the exact one is to be told. */
    private static final long STOPPED = Long.MIN_VALUE;

    private final LongSupplier exact;
    private final ThreadFactory threads;
    private volatile long nanos = STOPPED;
    private @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * Creates it, without a thread.
     * @param exact the exact monotonic time in nanoseconds
     * @param threads makes its thread, a daemon
     */
    public CoarseTicker(LongSupplier exact, ThreadFactory threads) {
        this.exact = exact;
        this.threads = threads;
    }

    /**
     * A ticker that always tells the exact time, and never has a thread.
     * @param exact the exact monotonic time in nanoseconds
     */
    public static CoarseTicker exactly(LongSupplier exact) {
        CoarseTicker ticker = new CoarseTicker(exact, Thread::new);
        ticker.close();
        return ticker;
    }

    /** The exact time. */
    public LongSupplier exact() {
        return exact;
    }

    /** A time that is never ahead of the exact one, and behind it by as long as the thread sleeps. */
    public LongSupplier behind() {
        start();
        return () -> {
            long now = nanos;
            return now == STOPPED ? exact.getAsLong() : now;
        };
    }

    /**
     * A time that is not behind the exact one while its thread gets to run, and ahead of it by at most {@value
     * #LEAD_MILLIS} ms.
     */
    public LongSupplier ahead() {
        start();
        return () -> {
            long now = nanos;
            return now == STOPPED ? exact.getAsLong() : now + LEAD_NANOS;
        };
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            Thread started = threads.newThread(this::run);
            thread = started;
            started.start();
        }
    }

    private void run() {
        try {
            while (!closed) {
                nanos = exact.getAsLong();
                LockSupport.parkNanos(this, PERIOD_NANOS);
                // An interrupt, which nobody has reason for, must not keep it from sleeping.
                Thread.interrupted();
            }
        } finally {
            nanos = STOPPED;
        }
    }

    /** Ends the thread; the exact time is told from now on. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        if (running != null) {
            LockSupport.unpark(running);
            try {
                running.join(TimeUnit.SECONDS.toMillis(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
