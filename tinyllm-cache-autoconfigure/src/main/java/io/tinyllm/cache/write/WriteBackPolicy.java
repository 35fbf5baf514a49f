package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Write-back: an operation is done once it is in the journal and the buffer; the store gets the last one of each key, in
 * batches, later. What the buffer has no room for, and what the journal cannot take, is written through.
 */
final class WriteBackPolicy implements StoreWriter {

    private static final Log log = LogFactory.getLog(WriteBackPolicy.class);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final String cacheName;
    private final BackingStore<Object, Object> store;
    private final boolean storeClears;
    private final StoreReader reader;
    private final Journal journal;
    private final DirtyBuffer buffer;
    private final Flusher flusher;
    private final LongSupplier nanoTime;
    private final Overlaps overlaps = new Overlaps();
    private final LongAdder writtenThrough = new LongAdder();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean running = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closed;
    private volatile long deadline;

    /**
     * Takes over what the journal has kept, and begins to flush.
     *
     * @param executor runs one task, which ends with {@link #close}
     * @param nanoTime a ticker, in nanoseconds
     */
    WriteBackPolicy(
            String cacheName,
            BackingStore<Object, Object> store,
            WriteBackSettings settings,
            Journal journal,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.cacheName = cacheName;
        this.store = store;
        this.storeClears = overridesClear(store);
        this.reader = new StoreReader(store);
        this.journal = journal;
        this.nanoTime = nanoTime;
        Backoff backoff = new Backoff(random);
        this.buffer = new DirtyBuffer(settings, nanoTime, backoff);
        this.flusher = new Flusher(store, buffer, journal, backoff, nanoTime);
        List<Journal.Recovered> recovered = journal.recovered();
        recovered.forEach(buffer::restore);
        if (!recovered.isEmpty()) {
            log.info("Cache '" + cacheName + "': " + recovered.size() + " writes of an earlier run wait for the store");
        }
        executor.execute(this::run);
    }

    private static boolean overridesClear(BackingStore<?, ?> store) {
        Class<?> type = store.getClass();
        while (type.getSuperclass() != null && type.getName().contains("$$")) {
            // a generated proxy overrides everything
            type = type.getSuperclass();
        }
        try {
            return type.getMethod("clear").getDeclaringClass() != BackingStore.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public @Nullable Pending pending(Object key) {
        Operation operation = buffer.pending(key);
        return operation == null ? null : new Pending(operation.value());
    }

    @Override
    public @Nullable Object load(Object key) {
        return reader.load(key);
    }

    @Override
    public Map<Object, Object> loadAll(Collection<?> keys) {
        return reader.loadAll(keys);
    }

    @Override
    public Write put(Object key, @Nullable Object value) {
        return write(overlaps.enter(key, true), key, value);
    }

    @Override
    public Write evict(Object key) {
        return write(overlaps.enter(key, false), key, null);
    }

    private Write write(Write ticket, Object key, @Nullable Object value) {
        boolean done = false;
        try {
            Operation operation = !closed && buffer.hasRoom(key) ? record(key, value) : null;
            if (operation == null) {
                writeThrough(key, value);
            } else {
                Operation former = buffer.offer(operation);
                if (former != null) {
                    journal.supersede(former);
                }
            }
            done = true;
            return ticket;
        } finally {
            if (!done) {
                ticket.close();
            }
        }
    }

    private @Nullable Operation record(Object key, @Nullable Object value) {
        try {
            return journal.append(key, value);
        } catch (IOException | RuntimeException e) {
            log.debug("A write of cache '" + cacheName + "' could not be recorded", e);
            return null;
        }
    }

    private void writeThrough(Object key, @Nullable Object value) {
        DirtyEntry entry = buffer.claim(key);
        Operation former = entry.operation;
        boolean done = false;
        try {
            if (closed && former != null) {
                // what the journal still holds of this key is written at the next start, over what is written now
                throw new IllegalStateException("Cache '" + cacheName + "' is closed");
            }
            if (value == null) {
                store.deleteAll(List.of(key));
            } else {
                store.writeAll(Map.of(key, value));
            }
            done = true;
        } finally {
            if (!done) {
                buffer.abandon(entry);
            }
        }
        writtenThrough.increment();
        if (former != null) {
            journal.release(List.of(former));
        }
        buffer.settle(entry, former);
    }

    @Override
    public Write clear() {
        Write ticket = overlaps.enterClear();
        boolean done = false;
        try {
            if (storeClears) {
                flusher.whileQuiet(this::clearStore);
            }
            done = true;
            return ticket;
        } finally {
            if (!done) {
                ticket.close();
            }
        }
    }

    /** What the store refuses to take before it is cleared is cleared as well. */
    private void clearStore() {
        long last = journal.nextSequence();
        flusher.resume();
        flusher.flushAll(() -> flusher.pause() > 0);
        store.clear();
        journal.release(buffer.dropUpTo(last));
    }

    @Override
    public int retryDeadLetters() {
        int retried = buffer.reviveAll();
        flusher.resume();
        buffer.wake();
        return retried;
    }

    @Override
    public WriteStatistics statistics() {
        return new WriteStatistics(
                "write-back",
                buffer.dirty(),
                flusher.flushed(),
                flusher.failed(),
                reader.failures(),
                writtenThrough.sum(),
                journal.isHealthy(),
                buffer.deadLetters());
    }

    /** What the task does until the policy is closed: flush, look after the journal, wait. */
    private void run() {
        running.set(true);
        try {
            while (!closed) {
                try {
                    flushDue();
                } catch (RuntimeException | Error e) {
                    log.error("Cache '" + cacheName + "': a flush has failed", e);
                }
                buffer.awaitWork(flusher.pause(), Math.max(SECOND, flusher.pause()));
            }
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.warn("Cache '" + cacheName + "': the flusher was interrupted, the store gets no more writes");
        } finally {
            ended.countDown();
        }
    }

    /** Flushes what is due now. */
    void flushDue() {
        flusher.flushDue(() -> closed);
        journal.maintain();
    }

    private void drain() throws InterruptedException {
        flusher.resume();
        flusher.flushAll(this::isLate);
        while (buffer.dirty() > 0 && !isLate()) {
            long left = deadline - nanoTime.getAsLong();
            buffer.awaitWork(Math.min(left, SECOND / 10), Math.min(left, SECOND / 10));
            flusher.resume();
            flusher.flushAll(this::isLate);
        }
    }

    private boolean isLate() {
        return nanoTime.getAsLong() - deadline >= 0;
    }

    @Override
    public void close(Duration timeout) {
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
        journal.close();
    }
}
