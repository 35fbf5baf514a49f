package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Write-back: an operation is done once it is in the journal and the buffer; the store gets the last one of each key,
 * in batches, later. What the buffer has no room for, and what the journal cannot take, is written through.
 */
final class WriteBackPolicy implements StoreWriter {

    private static final Log log = LogFactory.getLog(WriteBackPolicy.class);

    private final String cacheName;
    private final GuardedStore store;
    private final Clearing clearing;
    private final StoreReader reader;
    private final WriteBackSettings settings;
    private final DirtyBytes bytes;
    private final Supplier<Journal> journals;
    private final Executor executor;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Overlaps overlaps = new Overlaps();
    private final LongAdder writtenThrough = new LongAdder();
    private volatile WriteBackRun run;

    /**
     * Takes over what the journal has kept, and begins to flush.
     *
     * @param journals opens the journal, once for each start
     * @param bytes what the unflushed operations of all caches may take
     * @param executor runs two tasks, which end with {@link #close}
     * @param nanoTime a ticker, in nanoseconds
     */
    WriteBackPolicy(
            String cacheName,
            BackingStore<Object, Object> store,
            WriteBackSettings settings,
            DirtyBytes bytes,
            Supplier<Journal> journals,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.cacheName = cacheName;
        this.store = new GuardedStore(store);
        this.clearing = Clearing.of(store);
        this.reader = new StoreReader(store);
        this.settings = settings;
        this.bytes = bytes;
        this.journals = journals;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.random = random;
        this.run = begin(List.of());
    }

    private WriteBackRun begin(List<Journal.Recovered> inMemory) {
        Journal journal = journals.get();
        Backoff backoff = new Backoff(random);
        DirtyBuffer buffer = new DirtyBuffer(settings, nanoTime, backoff, bytes);
        Flusher flusher = new Flusher(store, buffer, journal, backoff, nanoTime);
        WriteBackRun begun = new WriteBackRun(cacheName, journal, buffer, flusher, nanoTime);
        begun.start(journal.isOnDisk() ? journal.recovered() : inMemory, executor);
        return begun;
    }

    @Override
    public void forEachPending(Consumer<Object> visitor) {
        run.buffer.forEachKey(visitor);
    }

    @Override
    public boolean isDirty(Object key) {
        return run.buffer.pending(key) != null;
    }

    @Override
    public @Nullable Pending pending(Object key) {
        Operation operation = run.buffer.pending(key);
        if (operation == null) {
            return null;
        }
        try {
            return new Pending(operation.load());
        } catch (UnreadableException noAnswer) {
            return null;
        }
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
        WriteBackRun now = run;
        try {
            // a deletion in place of a value gives back more than it takes, so it need not wait for the value's write
            boolean frees = value == null && now.buffer.pending(key) != null;
            if (!(now.buffer.hasRoom(key) && buffered(now, key, value, frees))) {
                writeThrough(now, key, value);
            }
            done = true;
            return ticket;
        } finally {
            if (!done) {
                ticket.close();
            }
        }
    }

    /**
     * Returns whether an operation is recorded and in the buffer.
     *
     * @param beyond whether it may take more bytes than there are
     */
    private boolean buffered(WriteBackRun now, Object key, @Nullable Object value, boolean beyond) {
        Operation operation = now.isClosed() ? null : record(now, key, value, beyond);
        if (operation == null) {
            return false;
        }
        boolean offered = false;
        try {
            now.buffer.offer(operation);
            offered = true;
            return true;
        } finally {
            if (!offered) {
                // the key throws: its caller gets that, and the journal must not keep what the buffer cannot find
                bytes.give(operation.held());
                now.journal.release(List.of(operation));
            }
        }
    }

    private @Nullable Operation record(WriteBackRun now, Object key, @Nullable Object value, boolean beyond) {
        Operation recorded = null;
        long taken = 0;
        try {
            Journal.Prepared prepared = now.journal.prepare(key, value);
            long held = new Operation(key, value, 0, prepared.size()).held();
            if (beyond) {
                bytes.take(held);
            } else if (!bytes.tryTake(held)) {
                return null;
            }
            taken = held;
            recorded = now.journal.append(prepared);
            return recorded;
        } catch (Exception | StackOverflowError | LinkageError e) {
            log.debug("A write of cache '" + cacheName + "' could not be recorded", e);
            return null;
        } finally {
            if (recorded == null) {
                bytes.give(taken);
            }
        }
    }

    private void writeThrough(WriteBackRun now, Object key, @Nullable Object value) {
        boolean nested = store.isInside();
        DirtyEntry entry = now.buffer.claim(key, !nested);
        if (entry == null) {
            // the store itself writes to its cache: to wait for its present call would be to wait for ever
            if (!nested || !buffered(now, key, value, true)) {
                throw new IllegalStateException("Cache '" + cacheName + "': another write of this key does not end");
            }
            return;
        }
        Operation former = entry.operation;
        boolean done = false;
        try {
            if (now.isClosed() && former != null) {
                // what the journal still holds of this key is written at the next start, over what is written now
                throw new IllegalStateException("Cache '" + cacheName + "' is closed");
            }
            if (!now.journal.canEnd(key)) {
                throw notAcknowledged();
            }
            if (value == null) {
                store.deleteAll(List.of(key));
            } else {
                store.writeAll(Map.of(key, value));
            }
            done = true;
        } finally {
            if (!done) {
                now.buffer.abandon(entry);
            }
        }
        writtenThrough.increment();
        boolean recorded = former == null || now.journal.release(List.of(former));
        now.buffer.settle(entry, former);
        if (!recorded) {
            throw notAcknowledged();
        }
    }

    private IllegalStateException notAcknowledged() {
        return new IllegalStateException("Cache '" + cacheName + "': the journal cannot record that older writes have"
                + " ended, and the next start would repeat them, so that this one is not acknowledged");
    }

    @Override
    public Write clear() {
        Write ticket = overlaps.enterClear();
        boolean done = false;
        try {
            if (clearing != Clearing.KEEPS) {
                WriteBackRun now = run;
                now.flusher.whileQuiet(() -> clearStore(now));
            }
            done = true;
            return ticket;
        } finally {
            if (!done) {
                ticket.close();
            }
        }
    }

    /** What the store refuses to take before it is cleared is cleared as well, where it is known to be cleared. */
    private void clearStore(WriteBackRun now) {
        long last = now.journal.nextSequence();
        now.flusher.resume();
        now.flusher.flushAll(() -> now.flusher.pause() > 0);
        store.clear();
        if (clearing == Clearing.CLEARS && !now.journal.release(now.buffer.dropUpTo(last))) {
            throw notAcknowledged();
        }
    }

    @Override
    public int retryDeadLetters() {
        WriteBackRun now = run;
        List<Journal.Recovered> readable = now.journal.retryUnreadable();
        readable.forEach(each -> now.buffer.restore(new Journal.Recovered(each.operation(), null)));
        int retried = now.buffer.reviveAll()
                + readable.size()
                + now.journal.unreadable().size();
        now.flusher.resume();
        now.buffer.wake();
        return retried;
    }

    @Override
    public WriteStatistics statistics() {
        WriteBackRun now = run;
        List<DeadLetter> letters = new ArrayList<>(now.buffer.deadLetters());
        letters.addAll(now.journal.unreadable());
        return new WriteStatistics(
                "write-back",
                now.buffer.dirty(),
                now.flusher.flushed(),
                now.flusher.failed(),
                reader.failures(),
                writtenThrough.sum(),
                now.journal.isHealthy(),
                now.journal.damaged(),
                List.copyOf(letters));
    }

    /** Flushes what is due now. */
    void flushDue() {
        run.flushDue();
    }

    @Override
    public synchronized void close(Duration timeout) {
        run.close(timeout);
    }

    @Override
    public synchronized void start() {
        WriteBackRun former = run;
        if (former.isClosed()) {
            run = begin(former.buffer.left());
        }
    }
}
