package io.tinyllm.cache.assembly;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The share that one cache has of the threads of all: so many of its tasks are with the executor at a time, and a
 * bounded number of others wait here. A cache whose loads hang leaves threads to the other caches. Thread-safe.
 */
final class Share implements Executor {

    /** The threads for background loads that one cache may take. */
    static final int DEFAULT = 8;

    private static final int MOST_WAITING = 1_000;

    private final Executor executor;
    private final int size;

    /** Guarded by this. */
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    /** Guarded by this. */
    private int running;

    Share(Executor executor, int size) {
        this.executor = executor;
        this.size = size;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (running == size) {
                if (waiting.size() == MOST_WAITING) {
                    throw new RejectedExecutionException();
                }
                waiting.add(task);
                return;
            }
            running++;
        }
        boolean accepted = false;
        try {
            submit(task);
            accepted = true;
        } finally {
            if (!accepted) {
                next();
            }
        }
    }

    private void submit(Runnable task) {
        executor.execute(() -> {
            try {
                task.run();
            } finally {
                next();
            }
        });
    }

    /** Goes on with whoever has waited longest, if anybody does. */
    private void next() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                running--;
                return;
            }
        }
        try {
            submit(next);
        } catch (RejectedExecutionException tooMuchToDo) {
            // It was accepted, and so has to run: here, on a thread of the executor.
            try {
                next.run();
            } finally {
                next();
            }
        }
    }
}
