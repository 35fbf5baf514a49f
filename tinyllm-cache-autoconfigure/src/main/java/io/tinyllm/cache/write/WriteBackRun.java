package io.tinyllm.cache.write;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The state of write-back from a start to the stop after it: an open journal, a buffer, and two threads, of which one
 * flushes and one looks after the journal, whatever the store does meanwhile. Thread-safe.
 */
final class WriteBackRun {

    private static final Log log = LogFactory.getLog(WriteBackRun.class);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    final Journal journal;
    final DirtyBuffer buffer;
    final Flusher flusher;
    private final String cacheName;
    private final LongSupplier nanoTime;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean running = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean closed;
    private volatile long deadline;

    WriteBackRun(String cacheName, Journal journal, DirtyBuffer buffer, Flusher flusher, LongSupplier nanoTime) {
        this.cacheName = cacheName;
        this.journal = journal;
        this.buffer = buffer;
        this.flusher = flusher;
        this.nanoTime = nanoTime;
    }

    /**
     * Takes over what was left, and begins to flush.
     *
     * @param left by an earlier process, or an earlier run
     */
    void start(List<Journal.Recovered> left, Executor executor) {
        left.forEach(this::restore);
        if (!left.isEmpty()) {
            log.info("Cache '" + cacheName + "': " + left.size() + " writes of an earlier run wait for the store");
        }
        executor.execute(this::flushUntilClosed);
        if (journal.isOnDisk()) {
            executor.execute(this::maintainUntilClosed);
        }
    }

    /** A key that cannot be held (its hash code throws) stays in the journal. */
    private void restore(Journal.Recovered left) {
        try {
            buffer.restore(left);
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            log.warn("Cache '" + cacheName + "': a write of an earlier run stays in the journal, since its key throws "
                    + e.getClass().getName());
        }
    }

    boolean isClosed() {
        return closed;
    }

    private void flushUntilClosed() {
        running.set(true);
        flusher.isOnItsOwnThread();
        try {
            while (!closed) {
                flushOnce();
            }
            drain();
        } catch (InterruptedException e) {
            log.debug("Interrupted while the last writes were brought to the store of cache '" + cacheName + "'", e);
        } finally {
            ended.countDown();
        }
    }

    private void flushOnce() {
        try {
            flusher.flushDue(() -> closed);
            buffer.awaitWork(flusher.pause(), Math.max(SECOND, flusher.pause()));
        } catch (InterruptedException notTheEnd) {
            // the thread is the run's own, and ends with it
            log.debug("The flusher of cache '" + cacheName + "' was interrupted", notTheEnd);
        } catch (Throwable e) {
            flusher.rest();
            log.error("Cache '" + cacheName + "': a flush has failed", e);
        }
    }

    private void maintainUntilClosed() {
        boolean over = false;
        while (!over) {
            try {
                over = stopped.await(SECOND / 4, TimeUnit.NANOSECONDS);
                if (!over) {
                    journal.maintain();
                }
            } catch (InterruptedException notTheEnd) {
                log.debug("The keeper of the journal of cache '" + cacheName + "' was interrupted", notTheEnd);
            } catch (Throwable e) {
                log.error("Cache '" + cacheName + "': the journal could not be looked after", e);
            }
        }
    }

    /** Flushes what is due now, and looks after the journal. */
    void flushDue() {
        flusher.flushDue(() -> closed);
        journal.maintain();
    }

    private void drain() throws InterruptedException {
        flushAll();
        while (buffer.dirty() > 0 && !isLate()) {
            long left = deadline - nanoTime.getAsLong();
            buffer.awaitWork(Math.min(left, SECOND / 10), Math.min(left, SECOND / 10));
            flushAll();
        }
    }

    private void flushAll() {
        flusher.resume();
        try {
            flusher.flushAll(this::isLate);
        } catch (Throwable e) {
            log.error("Cache '" + cacheName + "': a flush has failed", e);
        }
    }

    private boolean isLate() {
        return nanoTime.getAsLong() - deadline >= 0;
    }

    /** Writes what is pending for at most this long, and closes the journal. May be called twice. */
    void close(Duration timeout) {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        deadline = nanoTime.getAsLong() + timeout.toNanos();
        closed = true;
        buffer.wake();
        try {
            if (!running.get()) {
                drain();
            } else if (!ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                log.warn("Cache '" + cacheName + "': the store has not answered in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int left = buffer.dirty() + buffer.deadLetters().size();
        if (left > 0) {
            log.warn("Cache '" + cacheName + "': " + left + " writes did not reach the store; the journal, if there is"
                    + " one, keeps them for the next start");
        }
        stopped.countDown();
        journal.close();
        buffer.close();
    }
}
