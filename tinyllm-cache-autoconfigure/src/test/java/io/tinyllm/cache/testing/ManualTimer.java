package io.tinyllm.cache.testing;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A timer and its time, which stands still until a test moves it on; what falls due runs on the thread of the test. */
public final class ManualTimer extends ScheduledThreadPoolExecutor {

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(task -> task.dueNanos));
    private long nanos;

    public ManualTimer() {
        super(0);
    }

    /** Returns the time of this timer. */
    public LongSupplier ticker() {
        return () -> nanos;
    }

    /** Moves the time on and runs what falls due meanwhile, each at its time. */
    public void advance(long amount, TimeUnit unit) {
        long end = nanos + unit.toNanos(amount);
        for (Task next = tasks.peek(); next != null && next.dueNanos <= end; next = tasks.peek()) {
            tasks.poll();
            nanos = Math.max(nanos, next.dueNanos);
            next.run();
        }
        nanos = end;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        Task task = new Task(command, nanos + unit.toNanos(delay));
        tasks.add(task);
        return task;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("Give it a Runnable: the lambda has a value");
    }

    @Override
    public void execute(Runnable command) {
        command.run();
    }

    private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {

        private final long dueNanos;

        Task(Runnable command, long dueNanos) {
            super(command, null);
            this.dueNanos = dueNanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueNanos - nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
