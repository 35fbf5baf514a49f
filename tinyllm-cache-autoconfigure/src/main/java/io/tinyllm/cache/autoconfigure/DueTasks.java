package io.tinyllm.cache.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Short tasks that run after a time, on one thread, which is there as long as there are any. Thread-safe. When it is
 * closed, what is left runs at once, and so does what comes later: a wait has an end.
 */
final class DueTasks {

    private final ScheduledThreadPoolExecutor executor;
    private final Set<Due> left = ConcurrentHashMap.newKeySet();

    /**
     * Creates a timer without tasks.
     * @param threads makes its thread
     */
    DueTasks(ThreadFactory threads) {
        executor = new ScheduledThreadPoolExecutor(1, threads);
        executor.setKeepAliveTime(10, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
    }

    /**
     * Runs a task after a time.
     * @param nanos the time
     * @param task the task
     * @return cancels it
     */
    Future<?> after(long nanos, Runnable task) {
        Due due = new Due(task);
        left.add(due);
        try {
            due.scheduled = executor.schedule(due, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException | OutOfMemoryError none) {
            // Closed, or there is no room for a thread more.
            due.run();
        }
        return due;
    }

    /** Returns how many tasks the timer holds. */
    int waiting() {
        return executor.getQueue().size();
    }

    /** Runs what is left, and ends the thread. */
    void close() {
        executor.shutdownNow();
        List.copyOf(left).forEach(Due::run);
    }

    private final class Due extends FutureTask<@Nullable Void> {

        private volatile @Nullable Future<?> scheduled;

        Due(Runnable task) {
            super(task, null);
        }

        @Override
        protected void done() {
            left.remove(this);
            Future<?> place = scheduled;
            if (place != null) {
                place.cancel(false);
            }
        }
    }
}
