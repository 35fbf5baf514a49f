package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is dirty to the store, a batch at a time, and pauses while the store takes nothing. Safe for use by
 * several threads, of which one flushes at a time.
 */
final class Flusher {

    private static final Log log = LogFactory.getLog(Flusher.class);

    private final BackingStore<Object, Object> store;
    private final DirtyBuffer buffer;
    private final Journal journal;
    private final Backoff backoff;
    private final LongSupplier nanoTime;
    private final ReentrantLock flushing = new ReentrantLock();
    private final LongAdder flushed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private long successes;
    private int failuresInARow;
    private volatile long pausedUntil;
    private volatile @Nullable Thread thread;

    Flusher(
            BackingStore<Object, Object> store,
            DirtyBuffer buffer,
            Journal journal,
            Backoff backoff,
            LongSupplier nanoTime) {
        this.store = store;
        this.buffer = buffer;
        this.journal = journal;
        this.backoff = backoff;
        this.nanoTime = nanoTime;
        this.pausedUntil = nanoTime.getAsLong();
    }

    /** Tells that this thread does nothing else than to flush: an interrupt that a store leaves behind ends there. */
    void isOnItsOwnThread() {
        thread = Thread.currentThread();
    }

    /** Writes the batches that are due. */
    void flushDue(BooleanSupplier stopped) {
        flushing.lock();
        try {
            while (pause() == 0 && !stopped.getAsBoolean()) {
                List<DirtyEntry> batch = buffer.claimBatch(false);
                if (batch.isEmpty()) {
                    return;
                }
                flush(batch, stopped);
            }
        } finally {
            flushing.unlock();
        }
    }

    /** Tries once to write everything, due or not, but for what was given up on. */
    void flushAll(BooleanSupplier stopped) {
        flushing.lock();
        try {
            int left = buffer.dirty();
            while (left > 0 && !stopped.getAsBoolean()) {
                List<DirtyEntry> batch = buffer.claimBatch(true);
                if (batch.isEmpty()) {
                    return;
                }
                flush(batch, stopped);
                left -= batch.size();
            }
        } finally {
            flushing.unlock();
        }
    }

    /** Runs something while nothing is flushed. */
    void whileQuiet(Runnable action) {
        flushing.lock();
        try {
            action.run();
        } finally {
            flushing.unlock();
        }
    }

    /** Whatever goes wrong, no claim outlives this. */
    private void flush(List<DirtyEntry> batch, BooleanSupplier stopped) {
        Set<DirtyEntry> claimed = Collections.newSetFromMap(new IdentityHashMap<>());
        claimed.addAll(batch);
        try {
            flush(batch, stopped, claimed);
        } finally {
            claimed.forEach(buffer::abandon);
        }
    }

    private void flush(List<DirtyEntry> batch, BooleanSupplier stopped, Set<DirtyEntry> claimed) {
        boolean fresh = batch.stream().anyMatch(entry -> entry.attempts == 0);
        Map<Operation, DirtyEntry> entries = new IdentityHashMap<>();
        List<Operation> operations = new ArrayList<>(batch.size());
        for (DirtyEntry entry : batch) {
            Operation operation = Objects.requireNonNull(entry.operation);
            operations.add(operation);
            entries.put(operation, entry);
        }
        BatchWriter writer = new BatchWriter(store, stopped, Thread.currentThread() == thread);
        writer.write(operations);

        long successesBefore = successes;
        successes += writer.successes();
        flushed.add(writer.taken().size());
        failed.add(writer.failures());
        // recorded before the claims end, so that no later write of these keys is in the store while the journal still
        // holds the former
        journal.release(writer.taken());
        writer.taken().forEach(operation -> {
            DirtyEntry entry = Objects.requireNonNull(entries.get(operation));
            buffer.settle(entry, operation);
            claimed.remove(entry);
        });
        writer.refused().forEach((operation, reason) -> {
            DirtyEntry entry = Objects.requireNonNull(entries.get(operation));
            claimed.remove(entry);
            boolean unreadable = reason instanceof UnreadableException;
            if (buffer.refuse(
                    entry,
                    operation,
                    describe(reason),
                    unreadable ? DeadLetter.VALUE_UNREADABLE : DeadLetter.REFUSED,
                    successes,
                    successesBefore)) {
                journal.giveUp(operation, entry.letter());
            }
        });
        if (writer.successes() > 0) {
            noteSuccess();
        } else if (writer.failures() > 0 && batch.size() > 1 && (fresh || failuresInARow > 0)) {
            noteOutage(writer);
        }
    }

    private void noteSuccess() {
        if (failuresInARow > 1) {
            log.info("The backing store takes writes again");
        }
        failuresInARow = 0;
        buffer.reviveAfterOutage();
    }

    /**
     * One operation that fails alone says nothing of the store, nor do several that have failed while others did
     * not.
     */
    private void noteOutage(BatchWriter writer) {
        failuresInARow++;
        pausedUntil = nanoTime.getAsLong() + backoff.after(failuresInARow);
        if (failuresInARow == 2) {
            Throwable reason = writer.refused().values().iterator().next();
            log.warn("The backing store takes no writes; they wait: "
                    + reason.getClass().getName());
        }
    }

    private static String describe(Throwable error) {
        String message = null;
        try {
            message = error.getMessage();
        } catch (RuntimeException | Error itsOwn) {
            log.debug("An exception of the store cannot tell its message", itsOwn);
        }
        return message == null ? error.getClass().getName() : error.getClass().getName() + ": " + message;
    }

    /** The nanoseconds until the store is to be asked again, 0 unless it takes nothing at present. */
    long pause() {
        return Math.max(0, pausedUntil - nanoTime.getAsLong());
    }

    /** Pauses after something unexpected. */
    void rest() {
        pausedUntil = nanoTime.getAsLong() + backoff.after(Backoff.SEVERAL);
    }

    /** Asks the store again without a pause. */
    void resume() {
        pausedUntil = nanoTime.getAsLong();
    }

    long flushed() {
        return flushed.sum();
    }

    long failed() {
        return failed.sum();
    }
}
