package io.tinyllm.cache.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of loads that no caller waits for, what loads there, the threads of callers whose wait has ended, and the
 * timer that ends it.
 * Thread-safe.
 */
public final class Background {

    /** Runs no load. */
    public static final Background NONE = new Background(
            task -> {
                throw new RejectedExecutionException();
            },
            ForkJoinPool.commonPool(),
            Timer.JDK,
            null);

    private final Executor executor;
    private final Executor waiters;
    private final Timer timer;
    private final @Nullable Loader loader;

    /**
     * Creates a background whose callers go on on the JDK's threads, by the JDK's timer.
     * @param executor runs the loads; bounded, and rejects what is too much
     * @param loader loads a key in place of what its caller would do, or null
     */
    public Background(Executor executor, @Nullable Loader loader) {
        this(executor, ForkJoinPool.commonPool(), Timer.JDK, loader);
    }

    /**
     * Creates a background.
     * @param executor runs the loads; bounded, and rejects what is too much
     * @param waiters runs what callers do whose wait without a thread has ended; where it rejects, the JDK's threads do
     * @param timer ends waits
     * @param loader loads a key in place of what its caller would do, or null
     */
    public Background(Executor executor, Executor waiters, Timer timer, @Nullable Loader loader) {
        this.executor = executor;
        this.waiters = waiters;
        this.timer = timer;
        this.loader = loader;
    }

    /** Returns what loads keys in place of what their callers would do, or null. */
    @Nullable
    Loader loader() {
        return loader;
    }

    /** Runs a task soon; returns false where there is too much to do. */
    boolean start(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            // Rejected, refused by what decorates tasks, or there is no room for a thread more: no reader is to pay.
            return false;
        }
    }

    /**
     * Goes on with a caller whose wait without a thread has ended: not on the calling thread, which is a timer's, or
     * that of another caller, and not behind loads that may hang.
     */
    void goOn(Runnable task) {
        try {
            waiters.execute(task);
        } catch (RuntimeException | OutOfMemoryError e) {
            // Rejected, or there is no room for a thread more.
            ForkJoinPool.commonPool().execute(task);
        }
    }

    /** Runs something soon that its caller does not wait for; where there is too much to do, on the JDK's threads. */
    <T extends @Nullable Object> CompletableFuture<T> supply(Supplier<T> task) {
        try {
            return CompletableFuture.supplyAsync(task, executor);
        } catch (RuntimeException | OutOfMemoryError e) {
            // Not on the calling thread, which may be a timer's.
            return CompletableFuture.supplyAsync(task);
        }
    }

    /**
     * Fails a future that has not ended by itself in time, with a {@link TimeoutException}.
     * @param future the future, which is returned
     * @param nanos the time
     */
    <T extends @Nullable Object> CompletableFuture<T> limit(CompletableFuture<T> future, long nanos) {
        if (!future.isDone()) {
            Future<?> end = timer.after(nanos, () -> future.completeExceptionally(new TimeoutException()));
            future.whenComplete((done, failure) -> end.cancel(false));
        }
        return future;
    }

    /** Runs short tasks after a time. Thread-safe. */
    @FunctionalInterface
    public interface Timer {

        /**
         * The JDK's, for where no application is ever closed: its thread lives as long as the JVM, and keeps the class
         * loader of the application that was the first to use it.
         */
        Timer JDK = (nanos, task) -> {
            CompletableFuture<?> over = new CompletableFuture<>().completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
            over.thenRun(task);
            return over;
        };

        /**
         * Runs a task after a time.
         * @param nanos the time
         * @param task the task, which does not block
         * @return cancels the task
         */
        Future<?> after(long nanos, Runnable task);

        /** Returns a future that ends after a time. */
        default CompletableFuture<?> in(long nanos) {
            CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
            Future<?> end = after(nanos, () -> over.complete(null));
            over.whenComplete((done, failure) -> end.cancel(false));
            return over;
        }
    }

    /** Loads a key, in place of what its caller would do. */
    @FunctionalInterface
    public interface Loader {

        /**
         * Loads a key.
         * @param key the key
         * @return the value, may be null
         * @throws Exception if it cannot be loaded
         */
        @Nullable
        Object load(Object key) throws Exception;
    }
}
