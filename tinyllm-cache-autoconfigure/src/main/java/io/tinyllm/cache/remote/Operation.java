package io.tinyllm.cache.remote;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One operation under way, and the future of its result. The reply of the store ends the operation on the thread that
 * does the input and output; the result is made of it elsewhere: by the caller that blocks for it, who has to be woken
 * anyway and so costs no further hand-over, or else by an executor. So neither the decoding of values nor the
 * dependents of the future ever hold up the connection. Thread-safe.
 */
abstract class Operation<S, T> extends CompletableFuture<@Nullable T> {

    private static final int ENDED = 1;
    private static final int FINISHED = 2;

    private final CompletableFuture<@Nullable S> reply = new CompletableFuture<>();
    private final AtomicInteger progress = new AtomicInteger();
    private final Executor executor;
    private volatile boolean awaited;

    /** The monotonic time at which it is given up. */
    final long deadlineNanos;

    Operation(Executor executor, long deadlineNanos) {
        this.executor = executor;
        this.deadlineNanos = deadlineNanos;
    }

    /** Counts the end of the operation, before anybody learns of it. Called once; short. */
    abstract void ended(@Nullable RemoteFailure failure);

    /** Frees what was held for the store, which is done with the operation, in time or not. Called once; short. */
    void released() {}

    /** Takes note that the store has carried it out after all, too late for whoever waited. */
    void arrived() {}

    /** Makes the result. Called once, never on a thread of the store's. */
    abstract @Nullable T result(@Nullable S reply);

    /** Ends the operation with the reply of the store. Too late, it is ignored. */
    final boolean end(@Nullable S answer, @Nullable RemoteFailure failure) {
        if (!progress.compareAndSet(0, ENDED)) {
            return false;
        }
        ended(failure);
        if (failure == null) {
            reply.complete(answer);
        } else {
            reply.completeExceptionally(failure);
        }
        if (!awaited) {
            finishElsewhere();
        }
        return true;
    }

    final boolean hasEnded() {
        return progress.get() != 0;
    }

    private void finishElsewhere() {
        try {
            executor.execute(this::finish);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Closing, or no thread to be had: its dependents must not wait for ever.
            finish();
        }
    }

    /** Makes the result of the reply, which is there. */
    private void finish() {
        if (!progress.compareAndSet(ENDED, FINISHED)) {
            return;
        }
        try {
            complete(result(reply.join()));
        } catch (CompletionException e) {
            completeExceptionally(e.getCause());
        } catch (Throwable e) {
            completeExceptionally(e);
        }
    }

    @Override
    public @Nullable T get() throws InterruptedException, ExecutionException {
        if (!isDone()) {
            awaited = true;
            try {
                reply.get();
            } catch (ExecutionException e) {
                // Comes again below.
            } catch (InterruptedException e) {
                leave();
                throw e;
            }
            finish();
        }
        return super.get();
    }

    @Override
    public @Nullable T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (!isDone()) {
            awaited = true;
            try {
                reply.get(timeout, unit);
            } catch (ExecutionException e) {
                // Comes again below.
            } catch (InterruptedException | TimeoutException e) {
                leave();
                throw e;
            }
            finish();
        }
        return super.get();
    }

    @Override
    public @Nullable T join() {
        if (!isDone()) {
            awaited = true;
            try {
                reply.join();
            } catch (CompletionException | CancellationException e) {
                // Comes again below.
            }
            finish();
        }
        return super.join();
    }

    /** A waiter leaves without having finished the operation. Others may wait still; finishing twice does no harm. */
    private void leave() {
        awaited = false;
        if (reply.isDone()) {
            finishElsewhere();
        }
    }
}
