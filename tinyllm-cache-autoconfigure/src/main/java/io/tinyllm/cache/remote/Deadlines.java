package io.tinyllm.cache.remote;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives operations up that take too long. They all have the same time, hence fall due in the order in which they
 * started, and a queue that is swept now and then takes the place of a timer for each: some 20 ns an operation. An
 * operation is given up at most two milliseconds later than it is due. Thread-safe.
 */
final class Deadlines {

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** How long operations that have ended stay in the queue at most; shorter costs more wake-ups. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Queue<Operation<?, ?>> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final ScheduledExecutorService timer;
    private final LongSupplier ticker;

    Deadlines(ScheduledExecutorService timer, LongSupplier ticker) {
        this.timer = timer;
        this.ticker = ticker;
    }

    /** Begins an operation, and watches over it. */
    <S> void send(Operation<S, ?> operation, Supplier<? extends CompletableFuture<? extends @Nullable S>> sending) {
        CompletableFuture<? extends @Nullable S> sent;
        try {
            sent = sending.get();
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        sent.whenComplete((reply, failure) -> {
            operation.released();
            RemoteFailure cause = failure == null ? null : RemoteFailure.of(failure);
            if (!operation.end(reply, cause) && cause == null) {
                operation.arrived();
            }
        });
        if (!operation.hasEnded()) {
            watch(operation);
        }
    }

    /** Watches over an operation. Those watched over by one instance have the same time. */
    void watch(Operation<?, ?> operation) {
        pending.add(operation);
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            schedule(operation.deadlineNanos - ticker.getAsLong());
        }
    }

    private void schedule(long dueNanos) {
        try {
            timer.schedule(
                    this::sweep,
                    Math.max(SHORTEST_PAUSE_NANOS, Math.min(dueNanos, LONGEST_PAUSE_NANOS)),
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closing: nobody waits for what is under way any more.
            sweeping.set(false);
            giveUpAll();
        }
    }

    private void sweep() {
        long now = ticker.getAsLong();
        try {
            giveUpDue(now);
        } finally {
            // Where handing one over failed, for want of memory or threads, the others must not wait for ever.
            goOn(now);
        }
    }

    private void giveUpDue(long now) {
        for (Operation<?, ?> next = pending.peek(); next != null; next = pending.peek()) {
            if (!next.hasEnded() && next.deadlineNanos - now > 0) {
                return;
            }
            pending.poll();
            giveUp(next);
        }
    }

    private void goOn(long now) {
        Operation<?, ?> next = pending.peek();
        if (next != null) {
            schedule(next.deadlineNanos - now);
            return;
        }
        sweeping.set(false);
        if (!pending.isEmpty() && sweeping.compareAndSet(false, true)) {
            schedule(SHORTEST_PAUSE_NANOS);
        }
    }

    private void giveUpAll() {
        for (Operation<?, ?> next = pending.poll(); next != null; next = pending.poll()) {
            giveUp(next);
        }
    }

    private static void giveUp(Operation<?, ?> operation) {
        if (!operation.hasEnded()) {
            operation.end(null, new RemoteFailure(RemoteFailure.Reason.TIMEOUT, "No answer in time"));
        }
    }
}
