package io.tinyllm.cache.remote;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The deletion of what a store is not to answer any more, since a write of it did not arrive: some keys at a time, for
 * as long as that succeeds and there are any. Thread-safe.
 */
final class Repairs {

    private static final int AT_A_TIME = 64;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RecoveryLog<String> missed;
    private final BackendGuard guard;
    private final ScheduledExecutorService timer;
    private final Function<String, CompletableFuture<?>> deletion;
    private final Supplier<CompletableFuture<?>> clear;
    private final AtomicBoolean running = new AtomicBoolean();

    /**
     * @param missed what did not arrive
     * @param guard of the store's backend
     * @param timer begins what is tried later
     * @param deletion deletes a key of the store
     * @param clear clears the store
     */
    Repairs(
            RecoveryLog<String> missed,
            BackendGuard guard,
            ScheduledExecutorService timer,
            Function<String, CompletableFuture<?>> deletion,
            Supplier<CompletableFuture<?>> clear) {
        this.missed = missed;
        this.guard = guard;
        this.timer = timer;
        this.deletion = deletion;
        this.clear = clear;
    }

    /** Begins in a while, unless it has begun or the backend is away. */
    void beginLater() {
        if (guard.isUsable() && running.compareAndSet(false, true)) {
            try {
                timer.schedule(this::run, PAUSE_NANOS, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                running.set(false);
            }
        }
    }

    /** Begins, unless it has begun or there is nothing to do. */
    void begin() {
        if (!missed.isEmpty() && running.compareAndSet(false, true)) {
            run();
        }
    }

    private void run() {
        CompletableFuture<?> repairs;
        if (missed.isLost()) {
            repairs = clear.get();
        } else {
            List<String> due = missed.due(AT_A_TIME);
            repairs = CompletableFuture.allOf(due.stream().map(deletion).toArray(CompletableFuture<?>[]::new));
        }
        repairs.whenComplete((done, failure) -> {
            if (failure == null && !missed.isLost() && !missed.due(1).isEmpty()) {
                run();
                return;
            }
            running.set(false);
            if (!missed.isEmpty()) {
                beginLater();
            }
        });
    }
}
