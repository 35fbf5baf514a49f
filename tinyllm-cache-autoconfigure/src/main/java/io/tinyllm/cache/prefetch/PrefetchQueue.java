package io.tinyllm.cache.prefetch;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of prefetches to run, at most so many at a time; the oldest waiting one gives way to a new one.
 * Thread safe; its lock is held for no longer than it takes to queue, and by no caller of the cache.
 */
final class PrefetchQueue {

    private final PrefetchTarget target;
    private final Executor executor;
    private final int maximumConcurrency;
    private final int capacity;
    private final LongSupplier nanoClock;
    private final ArrayDeque<Prediction> waiting = new ArrayDeque<>();
    private final Queue<Prediction> ended = new ConcurrentLinkedQueue<>();
    private final LongAdder begun = new LongAdder();
    private int running;
    private boolean closed;

    PrefetchQueue(
            PrefetchTarget target, Executor executor, int maximumConcurrency, int capacity, LongSupplier nanoClock) {
        this.target = target;
        this.executor = executor;
        this.maximumConcurrency = maximumConcurrency;
        this.capacity = capacity;
        this.nanoClock = nanoClock;
    }

    /**
     * Adds a prediction; answers the one that had to give way, if any. After {@link #close} that is the prediction
     * itself.
     */
    @Nullable
    Prediction add(Prediction prediction) {
        Prediction dropped = null;
        synchronized (this) {
            if (closed) {
                return prediction;
            }
            if (waiting.size() >= capacity) {
                dropped = waiting.poll();
            }
            waiting.add(prediction);
        }
        pump();
        return dropped;
    }

    /** One prediction whose loading has ended, or null; each is answered once. */
    @Nullable
    Prediction pollEnded() {
        return ended.poll();
    }

    long begun() {
        return begun.sum();
    }

    /** Begins nothing any more; what was waiting has ended, unwanted. */
    synchronized void close() {
        closed = true;
        for (Prediction prediction = waiting.poll(); prediction != null; prediction = waiting.poll()) {
            prediction.end = Prediction.End.UNWANTED;
            ended.add(prediction);
        }
    }

    /** Goes on after {@link #close}. */
    synchronized void reopen() {
        closed = false;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void pump() {
        for (Prediction next = next(); next != null; next = next()) {
            Prediction prediction = next;
            try {
                executor.execute(() -> Sessions.prefetching(() -> load(prediction)));
            } catch (RuntimeException tooMuchToDo) {
                end(prediction, Prediction.End.CROWDED);
            }
        }
    }

    private synchronized @Nullable Prediction next() {
        if (running >= maximumConcurrency) {
            return null;
        }
        Prediction next = waiting.poll();
        if (next != null) {
            running++;
        }
        return next;
    }

    private void load(Prediction prediction) {
        CompletableFuture<Boolean> result;
        long start = nanoClock.getAsLong();
        try {
            if (isClosed() || prediction.abandoned || !target.wanted(prediction.key)) {
                end(prediction, Prediction.End.UNWANTED);
                pump();
                return;
            }
            begun.increment();
            result = target.prefetch(prediction.key);
        } catch (Throwable e) {
            result = CompletableFuture.failedFuture(e);
        }
        result.whenComplete((brought, failure) -> {
            prediction.nanos = nanoClock.getAsLong() - start;
            end(
                    prediction,
                    failure != null ? Prediction.End.FAILED : brought ? Prediction.End.HELD : Prediction.End.NOTHING);
            pump();
        });
    }

    private void end(Prediction prediction, Prediction.End end) {
        prediction.end = end;
        ended.add(prediction);
        synchronized (this) {
            running--;
        }
    }
}
