package io.tinyllm.cache.access.loop;

import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessBuffer;
import io.tinyllm.cache.access.AccessBytes;
import io.tinyllm.cache.access.AccessConsumer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that shows the accesses of all caches to what learns from them, and runs what has to be done now and
 * then. It turns ten times a second (fifty where sessions are watched), and starts with the first thing to do. Callers
 * of the caches never wait for it. Thread-safe.
 *
 * <p>What it runs is guarded: a failure is counted and harms nothing else, and what fails ten times in a row is left
 * out for a while, longer each time, and then tried again.
 */
public final class ControlLoop implements AutoCloseable {

    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Where sessions are watched, what is learnt is of use for what they ask next. */
    private static final long SHORT_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final LongSupplier ticker;
    private final ThreadFactory threads;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final List<Task> tasks = new CopyOnWriteArrayList<>();
    private final LongAdder failures = new LongAdder();

    /** Held while the loop turns, so that a reader may turn it too. Guards the batch and what consumers hold. */
    private final ReentrantLock turning = new ReentrantLock();

    private final AccessBytes bytes = AccessBytes.ofHeap();
    private final AccessBatch batch = new AccessBatch(AccessBuffer.CAPACITY);

    private @Nullable Thread thread;
    private volatile long periodNanos = PERIOD_NANOS;
    private volatile boolean closed;

    /**
     * Creates a loop without a thread.
     * @param ticker the monotonic time in nanoseconds, that of the caches
     * @param threads makes its thread, a daemon
     */
    public ControlLoop(LongSupplier ticker, ThreadFactory threads) {
        this.ticker = ticker;
        this.threads = threads;
    }

    /**
     * Starts to watch a cache.
     * @param cacheName its name
     * @param sessions whose access it is, asked on the caller's thread and never failing; {@link
     * AccessBuffer#NO_SESSIONS} where no
     *     consumer wants to know
     * @param consumers what learns from the accesses, in the order in which it is called
     * @param weigher estimates the bytes of a key; never fails
     * @return what the cache records its accesses in
     */
    public AccessBuffer watch(
            String cacheName,
            LongSupplier sessions,
            List<? extends AccessConsumer> consumers,
            ToLongFunction<Object> weigher) {
        AccessBuffer buffer = new AccessBuffer(sessions, bytes, weigher);
        if (sessions != AccessBuffer.NO_SESSIONS) {
            periodNanos = SHORT_PERIOD_NANOS;
        }
        watches.add(new Watch(
                cacheName,
                buffer,
                consumers.stream()
                        .map(consumer -> new Guarded(consumer, new Guard(nameOf(consumer, cacheName), failures)))
                        .toList()));
        start();
        return buffer;
    }

    private static String nameOf(AccessConsumer consumer, String cacheName) {
        return consumer.getClass().getSimpleName() + " of cache '" + cacheName + "'";
    }

    /**
     * Runs a task every so often, on the thread of the loop and after the accesses of that turn.
     * @param name what it does, for the log
     * @param periodNanos how long to wait between two runs, at least a turn
     * @param task the task; short
     */
    public void every(String name, long periodNanos, Runnable task) {
        tasks.add(new Task(periodNanos, ticker.getAsLong(), task, new Guard(name, failures)));
        start();
    }

    /** Returns how often something that the loop runs has failed. */
    public long failures() {
        return failures.sum();
    }

    /**
     * Shows consumers what has not been shown yet, on the calling thread, so that what they are asked next is up to
     * date. Gives up soon where the loop is busy.
     */
    public void catchUp() {
        try {
            if (turning.tryLock(50, TimeUnit.MILLISECONDS)) {
                try {
                    drain(false);
                } finally {
                    turning.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Turns once: shows the accesses and runs the tasks that are due. */
    void turn() {
        turning.lock();
        try {
            drain(true);
            long now = ticker.getAsLong();
            for (Task task : tasks) {
                task.runIfDue(now);
            }
        } finally {
            turning.unlock();
        }
    }

    private void drain(boolean whole) {
        long now = ticker.getAsLong();
        for (Watch watch : watches) {
            batch.begin(watch.cacheName(), now);
            watch.buffer().drainTo(batch);
            if (whole) {
                watch.buffer().adapt(batch.size());
            }
            if (batch.size() > 0) {
                for (Guarded consumer : watch.consumers()) {
                    consumer.guard().run(() -> consumer.consumer().onAccesses(batch));
                }
                batch.clear();
            }
        }
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            Thread started = threads.newThread(this::run);
            thread = started;
            started.start();
        }
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(this, periodNanos);
            Thread.interrupted();
            turn();
        }
    }

    /** Ends the thread, after a turn in progress. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) {
            LockSupport.unpark(running);
            try {
                running.join(TimeUnit.SECONDS.toMillis(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private record Watch(String cacheName, AccessBuffer buffer, List<Guarded> consumers) {}

    private record Guarded(AccessConsumer consumer, Guard guard) {}

    /** Guarded by the turning of the loop. */
    private static final class Task {

        private final long periodNanos;
        private final Runnable action;
        private final Guard guard;
        private long lastNanos;

        Task(long periodNanos, long nowNanos, Runnable action, Guard guard) {
            this.periodNanos = periodNanos;
            this.lastNanos = nowNanos;
            this.action = action;
            this.guard = guard;
        }

        void runIfDue(long nowNanos) {
            if (nowNanos - lastNanos >= periodNanos) {
                lastNanos = nowNanos;
                guard.run(action);
            }
        }
    }
}
