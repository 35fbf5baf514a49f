package io.tinyllm.cache.access.loop;

import io.tinyllm.cache.Access;
import io.tinyllm.cache.AccessListener;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessBytes;
import io.tinyllm.cache.access.AccessConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hands the accesses of all caches to one listener of the application's, on a thread of the listener's own: one that
 * blocks delays neither the control loop nor other listeners. What it is too slow for, by number or by the bytes of
 * keys, is dropped and counted.
 * Thread-safe.
 */
public final class ListenerFeed implements AccessConsumer, AutoCloseable {

    private static final int BATCHES = 16;

    private final AccessListener listener;
    private final ThreadFactory threads;
    private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(BATCHES);
    private final long maximumBytes;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final Guard guard;
    private @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * Creates a feed without a thread; it starts with the first access.
     * @param listener the listener
     * @param threads makes the thread, a daemon
     */
    public ListenerFeed(AccessListener listener, ThreadFactory threads) {
        this(listener, threads, AccessBytes.maximumOfHeap());
    }

    /** As above, with a bound of the bytes of keys that wait for the listener; one batch may take more. */
    ListenerFeed(AccessListener listener, ThreadFactory threads, long maximumBytes) {
        this.maximumBytes = maximumBytes;
        this.listener = listener;
        this.threads = threads;
        this.guard = new Guard("AccessListener " + listener.getClass().getName(), failures);
    }

    @Override
    public void onAccesses(AccessBatch batch) {
        if (queue.remainingCapacity() == 0 || !start()) {
            dropped.add(batch.size());
            return;
        }
        List<Access> accesses = new ArrayList<>(batch.size());
        long bytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            bytes += batch.keyBytes(i);
            long nanos = batch.nanos(i);
            accesses.add(
                    new Access(batch.key(i), batch.outcome(i), nanos <= 0 ? Duration.ZERO : Duration.ofNanos(nanos)));
        }
        long waiting = waitingBytes.addAndGet(bytes);
        boolean fits = waiting == bytes || waiting <= maximumBytes;
        if (!fits || !queue.offer(new Batch(batch.cacheName(), List.copyOf(accesses), bytes))) {
            waitingBytes.addAndGet(-bytes);
            dropped.add(accesses.size());
        }
    }

    /** Returns how many accesses the listener did not hear of because it was too slow, or had failed too often. */
    public long dropped() {
        return dropped.sum();
    }

    /** Returns how often the listener has failed. */
    public long failures() {
        return failures.sum();
    }

    private synchronized boolean start() {
        if (thread == null && !closed) {
            Thread started = threads.newThread(this::run);
            thread = started;
            started.start();
        }
        return !closed;
    }

    private void run() {
        try {
            while (!closed) {
                Batch batch = queue.take();
                if (!guard.run(() -> listener.onAccesses(batch.cacheName(), batch.accesses()))) {
                    dropped.add(batch.accesses().size());
                }
                waitingBytes.addAndGet(-batch.bytes());
            }
            queue.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the thread, without waiting for a listener that is in the middle of something. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private record Batch(String cacheName, List<Access> accesses, long bytes) {}
}
