package io.tinyllm.cache.remote;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Time limits of futures, by a timer of the application's own: the JDK's lives as long as the JVM, and keeps the class
 * loader of the application that was the first to use it.
 */
public final class Timeouts {

    private Timeouts() {}

    /**
     * Fails a future that has not ended by itself in time.
     * @param future the future, which is returned
     * @param timer runs what depends on it then, if it is shut down already at once
     * @param nanos the time
     */
    public static <T> CompletableFuture<T> limit(
            CompletableFuture<T> future, ScheduledExecutorService timer, long nanos) {
        if (future.isDone()) {
            return future;
        }
        try {
            Future<?> end = timer.schedule(
                    () -> future.completeExceptionally(new TimeoutException()), nanos, TimeUnit.NANOSECONDS);
            future.whenComplete((done, failure) -> end.cancel(false));
        } catch (RejectedExecutionException closing) {
            future.completeExceptionally(new TimeoutException());
        }
        return future;
    }
}
