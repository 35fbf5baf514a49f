package io.tinyllm.cache.write;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The entries of a buffer that are to be written: those that are ready, oldest first, and those that were refused and
 * wait until they are tried again. Guarded by the lock of the buffer.
 */
final class DueEntries {

    private final WriteBackSettings settings;
    private final long batchBytes;
    private final LinkedHashSet<DirtyEntry> ready = new LinkedHashSet<>();
    private final PriorityQueue<DirtyEntry> waiting = new PriorityQueue<>((a, b) -> Long.signum(a.time - b.time));
    private boolean refusedWereLast;

    /**
     * @param batchBytes the most bytes of values in a batch; one entry may be longer
     */
    DueEntries(WriteBackSettings settings, long batchBytes) {
        this.settings = settings;
        this.batchBytes = batchBytes;
    }

    /** Returns whether whoever waits for work should look again. */
    boolean addReady(DirtyEntry entry) {
        ready.add(entry);
        return ready.size() == 1 || ready.size() == settings.batchSize();
    }

    void addWaiting(DirtyEntry entry) {
        waiting.add(entry);
    }

    void remove(DirtyEntry entry) {
        ready.remove(entry);
        waiting.remove(entry);
    }

    boolean isEmpty() {
        return ready.isEmpty() && waiting.isEmpty();
    }

    /**
     * Takes the next batch out. What was refused does not share a batch with what was not, and they take turns.
     *
     * @param all whether to take also what is not due
     */
    List<DirtyEntry> take(boolean all, long now) {
        boolean freshIsDue = !ready.isEmpty() && (all || untilReady(now) <= 0);
        List<DirtyEntry> batch = new ArrayList<>();
        long room = batchBytes;
        if (!(freshIsDue && refusedWereLast)) {
            DirtyEntry next = waiting.peek();
            while (next != null && batch.size() < settings.batchSize() && room > 0 && (all || next.time - now <= 0)) {
                batch.add(waiting.remove());
                room -= next.size();
                next = waiting.peek();
            }
        }
        refusedWereLast = !batch.isEmpty();
        if (batch.isEmpty() && freshIsDue) {
            Iterator<DirtyEntry> next = ready.iterator();
            while (next.hasNext() && batch.size() < settings.batchSize() && room > 0) {
                DirtyEntry entry = next.next();
                next.remove();
                batch.add(entry);
                room -= entry.size();
            }
        }
        return batch;
    }

    private long untilReady(long now) {
        if (ready.size() >= settings.batchSize()) {
            return 0;
        }
        return ready.isEmpty()
                ? Long.MAX_VALUE
                : ready.iterator().next().time + settings.flushInterval().toNanos() - now;
    }

    /** The nanoseconds until something is due. */
    long until(long now) {
        DirtyEntry refused = waiting.peek();
        return refused == null ? untilReady(now) : Math.min(untilReady(now), refused.time - now);
    }
}
