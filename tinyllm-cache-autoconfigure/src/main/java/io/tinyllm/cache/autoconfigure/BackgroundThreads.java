package io.tinyllm.cache.autoconfigure;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.task.TaskDecorator;

/**
 * The threads that run loads which no caller waits for. There are none until the first such load, and none soon after
 * the last. A load too many is rejected, and its caller loads for itself. Prefetches, which nobody may ever ask for,
 * have threads of their own, so that they hold up nothing else; so have callers whose wait without a thread has ended.
 *
 * <p>Hidden behind a type that is no {@link Executor} bean to Spring Boot, whose own executor would otherwise not be
 * made.
 */
final class BackgroundThreads implements DisposableBean {

    private static final int THREADS = 32;
    private static final int QUEUE = 1000;

    private final ThreadPoolExecutor pool;
    private final ThreadPoolExecutor prefetches;
    private final ThreadPoolExecutor waiters;
    private final DueTasks timer = new DueTasks(task -> daemon(task, "tinyllm-cache-timer"));
    private final @Nullable TaskDecorator decorator;

    BackgroundThreads(@Nullable TaskDecorator decorator) {
        this.decorator = decorator;
        this.pool = pool("tinyllm-cache-load-", new LinkedBlockingQueue<>(QUEUE));
        this.prefetches = pool("tinyllm-cache-prefetch-", new LinkedBlockingQueue<>(QUEUE));
        // Without a queue: who goes on may load, and nobody is to wait behind a load that hangs.
        this.waiters = pool("tinyllm-cache-wait-", new SynchronousQueue<>());
    }

    private static ThreadPoolExecutor pool(String names, BlockingQueue<Runnable> queue) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, queue, task -> daemon(task, names + number.incrementAndGet()));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** A thread that does not keep the process alive. */
    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    void execute(Runnable task) {
        execute(pool, task);
    }

    void prefetch(Runnable task) {
        execute(prefetches, task);
    }

    /**
     * Goes on with a caller whose wait has ended, with nothing of the decorator: it is no load of the background's.
     * @throws java.util.concurrent.RejectedExecutionException if all threads are at it
     */
    void goOn(Runnable task) {
        waiters.execute(task);
    }

    /** Runs a short task after a time, on a thread that runs nothing else. */
    Future<?> after(long nanos, Runnable task) {
        return timer.after(nanos, task);
    }

    private void execute(ThreadPoolExecutor threads, Runnable task) {
        if (decorator == null) {
            threads.execute(task);
            return;
        }
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                task.run();
            }
        };
        Runnable decorated = decorator.decorate(once);
        threads.execute(() -> {
            try {
                decorated.run();
            } finally {
                // A load whose decorator fails runs without what that would have given it: callers wait for its end.
                once.run();
            }
        });
    }

    @Override
    public void destroy() {
        pool.shutdownNow();
        prefetches.shutdownNow();
        // Whoever waits for a time to pass is still to get an end.
        timer.close();
        waiters.shutdown();
    }
}
