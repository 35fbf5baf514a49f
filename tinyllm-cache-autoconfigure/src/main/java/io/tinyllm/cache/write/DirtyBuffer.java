package io.tinyllm.cache.write;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose last operation the store has not taken, and who may write each of them now: one at a time, which is
 * what keeps the operations of a key in order. Safe for use by several threads; {@link #pending} takes no lock.
 *
 * <p>A key is claimed, written, and then settled or refused. An operation that comes while its key is claimed makes it
 * ready again when the claim ends.
 */
final class DirtyBuffer {

    private static final long LONGEST_CLAIM = TimeUnit.MINUTES.toNanos(1);

    private final WriteBackSettings settings;
    private final LongSupplier nanoTime;
    private final Backoff backoff;
    private final DirtyBytes bytes;

    private final ConcurrentHashMap<Object, DirtyEntry> entries = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition unclaimed = lock.newCondition();
    private final DueEntries due;
    private final DeadEntries dead;
    private int waitingForClaims;
    private boolean woken;

    DirtyBuffer(WriteBackSettings settings, LongSupplier nanoTime, Backoff backoff, DirtyBytes bytes) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.backoff = backoff;
        this.bytes = bytes;
        this.due = new DueEntries(settings, bytes.ofABatch());
        this.dead = new DeadEntries(settings.maximumDeadLetters());
    }

    /** Gives an entry another operation, or none, and back the bytes of the former. Under the lock. */
    private void replace(DirtyEntry entry, @Nullable Operation next) {
        Operation former = entry.operation;
        entry.operation = next;
        if (former != null) {
            bytes.give(former.held());
        }
    }

    private void forget(DirtyEntry entry) {
        entries.remove(entry.key, entry);
        replace(entry, null);
    }

    void forEachKey(Consumer<Object> visitor) {
        entries.keySet().forEach(visitor);
    }

    @Nullable
    Operation pending(Object key) {
        if (entries.isEmpty()) {
            return null;
        }
        DirtyEntry entry = entries.get(key);
        return entry == null ? null : entry.operation;
    }

    /** Returns whether an operation on this key needs no more room than there is. */
    boolean hasRoom(Object key) {
        lock.lock();
        try {
            return entries.size() - dead.size() < settings.maximumDirty() || entries.containsKey(key);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes an acknowledged operation, whose bytes were taken before. It is of no account when a later one is here
     * already.
     */
    void offer(Operation operation) {
        lock.lock();
        try {
            DirtyEntry entry = entries.get(operation.key());
            if (entry == null) {
                entry = new DirtyEntry(operation.key(), DirtyEntry.State.READY, nanoTime.getAsLong());
                entry.operation = operation;
                entries.put(operation.key(), entry);
                enqueue(entry);
                return;
            }
            Operation former = entry.operation;
            if (former != null && former.sequence() > operation.sequence()) {
                bytes.give(operation.held());
                return;
            }
            replace(entry, operation);
            if (entry.state == DirtyEntry.State.DEAD) {
                dead.remove(entry);
                entry.startAfresh();
                makeReady(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes what an earlier process left, given up on or not. What is here already is later. */
    void restore(Journal.Recovered left) {
        lock.lock();
        try {
            Operation operation = left.operation();
            if (entries.containsKey(operation.key())) {
                return;
            }
            DirtyEntry entry = new DirtyEntry(operation.key(), DirtyEntry.State.READY, nanoTime.getAsLong());
            entry.operation = operation;
            bytes.take(operation.held());
            entries.put(entry.key, entry);
            JournalRecord.GivenUp givenUp = left.givenUp();
            if (givenUp != null && dead.hasRoom()) {
                entry.attempts = givenUp.attempts();
                entry.error = givenUp.error();
                entry.reason = givenUp.reason();
                entry.state = DirtyEntry.State.DEAD;
                dead.add(entry);
            } else {
                enqueue(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    private void makeReady(DirtyEntry entry) {
        entry.state = DirtyEntry.State.READY;
        entry.time = nanoTime.getAsLong();
        enqueue(entry);
    }

    private void enqueue(DirtyEntry entry) {
        if (due.addReady(entry)) {
            work.signal();
        }
    }

    /**
     * The next operations to write, which are claimed by that. What was refused does not share a batch with what was
     * not, and they take turns.
     *
     * @param all whether to take also what is not due
     * @return none if there is none
     */
    List<DirtyEntry> claimBatch(boolean all) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            List<DirtyEntry> batch = due.take(all, now);
            batch.forEach(entry -> entry.state = DirtyEntry.State.CLAIMED);
            return batch.isEmpty() ? probe(now) : batch;
        } finally {
            lock.unlock();
        }
    }

    /** When nothing else tells whether the store is back: one of those given up on while it took nothing at all. */
    private List<DirtyEntry> probe(long now) {
        DirtyEntry probe = due.isEmpty() ? dead.probe(now) : null;
        if (probe == null) {
            return List.of();
        }
        probe.state = DirtyEntry.State.CLAIMED;
        return List.of(probe);
    }

    /**
     * Claims a key for a writer, and waits while another has it, for a time that no call of a store should take. An
     * entry that is made for this takes no operation yet.
     *
     * @param wait whether to wait; not where the thread is in a call of the store, which may be what it would wait for
     * @return the entry; null if another has it
     */
    @Nullable
    DirtyEntry claim(Object key, boolean wait) {
        lock.lock();
        try {
            DirtyEntry entry = entries.get(key);
            long left = wait ? LONGEST_CLAIM : 0;
            while (entry != null && entry.state == DirtyEntry.State.CLAIMED) {
                if (left <= 0) {
                    return null;
                }
                waitingForClaims++;
                try {
                    left = Waits.uninterrupted(unclaimed, left);
                } finally {
                    waitingForClaims--;
                }
                entry = entries.get(key);
            }
            if (entry == null) {
                entry = new DirtyEntry(key, DirtyEntry.State.CLAIMED, nanoTime.getAsLong());
                entries.put(key, entry);
            } else {
                unlist(entry);
                entry.state = DirtyEntry.State.CLAIMED;
            }
            return entry;
        } finally {
            lock.unlock();
        }
    }

    private void unlist(DirtyEntry entry) {
        switch (entry.state) {
            case READY, WAITING -> due.remove(entry);
            case DEAD -> dead.remove(entry);
            case CLAIMED -> throw new IllegalStateException("Claimed by another");
        }
    }

    /**
     * Ends a claim: the store has taken this operation, or one in its place.
     *
     * @param taken what the entry held when it was written; null if nothing
     */
    void settle(DirtyEntry entry, @Nullable Operation taken) {
        lock.lock();
        try {
            if (entry.operation == taken || entry.operation == null) {
                forget(entry);
            } else {
                entry.startAfresh();
                makeReady(entry);
            }
            signalUnclaimed();
        } finally {
            lock.unlock();
        }
    }

    /** Ends a claim of a writer which the store has refused: what was acknowledged before is what counts. */
    void abandon(DirtyEntry entry) {
        lock.lock();
        try {
            if (entry.operation == null) {
                forget(entry);
            } else {
                makeReady(entry);
            }
            signalUnclaimed();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends a claim: the store has refused this operation, or it cannot be read.
     *
     * @param reason one of the reasons of {@link DeadLetter}
     *
     * @param successes how many calls of the store have succeeded
     * @param successesBefore how many had before this operation was tried
     * @return whether it is given up on now
     */
    boolean refuse(
            DirtyEntry entry, Operation tried, String error, String reason, long successes, long successesBefore) {
        lock.lock();
        try {
            signalUnclaimed();
            if (entry.operation != tried) {
                entry.startAfresh();
            }
            if (entry.attempts == 0) {
                entry.successesBefore = successesBefore;
            }
            entry.attempts++;
            entry.error = error;
            entry.reason = reason;
            long pause = backoff.after(entry.attempts);
            if (entry.attempts >= settings.maximumAttempts() && dead.hasRoom()) {
                entry.state = DirtyEntry.State.DEAD;
                if (successes > entry.successesBefore) {
                    entry.revivals = DirtyEntry.MOST_REVIVALS;
                }
                dead.add(entry);
                dead.probeAt(nanoTime.getAsLong() + pause);
                return true;
            }
            entry.state = DirtyEntry.State.WAITING;
            entry.time = nanoTime.getAsLong() + pause;
            due.addWaiting(entry);
            work.signal();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void signalUnclaimed() {
        if (waitingForClaims > 0) {
            unclaimed.signalAll();
        }
    }

    /** Tries again what was given up on while the store took nothing at all, now that it takes something. */
    void reviveAfterOutage() {
        lock.lock();
        try {
            dead.revivable().forEach(entry -> {
                entry.revivals++;
                revive(entry);
            });
        } finally {
            lock.unlock();
        }
    }

    /** Tries again all that was given up on, and returns how many that are. */
    int reviveAll() {
        lock.lock();
        try {
            List<DirtyEntry> all = dead.all();
            all.forEach(entry -> {
                entry.revivals = 0;
                revive(entry);
            });
            return all.size();
        } finally {
            lock.unlock();
        }
    }

    private void revive(DirtyEntry entry) {
        dead.remove(entry);
        entry.attempts = 0;
        entry.state = DirtyEntry.State.WAITING;
        entry.time = nanoTime.getAsLong();
        due.addWaiting(entry);
        work.signal();
    }

    /** Drops what was acknowledged up to this operation and is claimed by nobody; returns it. */
    List<Operation> dropUpTo(long sequence) {
        List<Operation> dropped = new ArrayList<>();
        lock.lock();
        try {
            for (DirtyEntry entry : entries.values()) {
                Operation operation = entry.operation;
                if (operation != null && operation.sequence() <= sequence) {
                    if (entry.state == DirtyEntry.State.CLAIMED) {
                        // a writer has it, which must not bring the operation back where the store refuses its own
                        replace(entry, null);
                    } else {
                        unlist(entry);
                        forget(entry);
                    }
                    dropped.add(operation);
                }
            }
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something is due or {@link #wake} is called: at least and at most so many nanoseconds. */
    void awaitWork(long atLeast, long atMost) throws InterruptedException {
        lock.lock();
        try {
            long begin = nanoTime.getAsLong();
            long now = begin;
            while (!woken) {
                long pause = Math.min(begin + atMost - now, Math.max(begin + atLeast - now, due.until(now)));
                if (pause <= 0) {
                    return;
                }
                work.awaitNanos(pause);
                now = nanoTime.getAsLong();
            }
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends {@link #awaitWork} now. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The operations that wait for the store, without those given up on. */
    int dirty() {
        lock.lock();
        try {
            return entries.size() - dead.size();
        } finally {
            lock.unlock();
        }
    }

    List<DeadLetter> deadLetters() {
        lock.lock();
        try {
            return dead.all().stream().map(DirtyEntry::letter).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Gives all bytes back: the buffer is not used any more. What waits can still be read. */
    void close() {
        lock.lock();
        try {
            entries.values().forEach(entry -> {
                Operation operation = entry.operation;
                if (operation != null) {
                    bytes.give(operation.held());
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** The operations that wait for the store, given up on or not, in order. */
    List<Journal.Recovered> left() {
        lock.lock();
        try {
            List<Journal.Recovered> left = new ArrayList<>();
            for (DirtyEntry entry : entries.values()) {
                Operation operation = entry.operation;
                if (operation != null) {
                    boolean given = entry.state == DirtyEntry.State.DEAD;
                    left.add(new Journal.Recovered(
                            operation,
                            given ? new JournalRecord.GivenUp(entry.attempts, entry.error, entry.reason) : null));
                }
            }
            left.sort(Comparator.comparingLong(each -> each.operation().sequence()));
            return left;
        } finally {
            lock.unlock();
        }
    }
}
