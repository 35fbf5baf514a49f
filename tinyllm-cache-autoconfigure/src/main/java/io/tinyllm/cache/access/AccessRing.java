package io.tinyllm.cache.access;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded ring of accesses for many writers and one reader at a time. A writer claims a slot by advancing the tail
 * and publishes it by its key, which it writes last; the reader empties the slot before it gives it back by advancing
 * the head.
 */
final class AccessRing {

    /** Far enough apart for head and tail never to share a cache line, with each other or with anything else. */
    private static final int HEAD = 16;

    private static final int TAIL = 32;

    private final AtomicLongArray cursors = new AtomicLongArray(48);
    private final AtomicReferenceArray<@Nullable Object> keys;
    private final long[] records;
    private final long[] sessions;
    private final int mask;

    AccessRing(int capacity, boolean withSessions) {
        this.keys = new AtomicReferenceArray<>(capacity);
        this.records = new long[capacity];
        this.sessions = new long[withSessions ? capacity : 0];
        this.mask = capacity - 1;
    }

    /** Adds an access, unless the ring already holds as many as the limit. Returns whether there was room. */
    boolean offer(Object key, long packed, int limit, long session) {
        while (true) {
            long tail = cursors.getAcquire(TAIL);
            if (tail - cursors.getAcquire(HEAD) >= limit) {
                return false;
            }
            if (cursors.compareAndSet(TAIL, tail, tail + 1)) {
                int index = (int) tail & mask;
                records[index] = packed;
                if (sessions.length > 0) {
                    sessions[index] = session;
                }
                keys.setRelease(index, key);
                return true;
            }
        }
    }

    /** Moves accesses to a batch, up to one that is still being written. */
    void drainTo(AccessBatch batch, AccessBytes bytes) {
        long head = cursors.getAcquire(HEAD);
        long tail = cursors.getAcquire(TAIL);
        for (; head < tail && !batch.isFull(); head++) {
            int index = (int) head & mask;
            Object key = keys.getAcquire(index);
            if (key == null) {
                break;
            }
            batch.add(key, records[index], sessions.length == 0 ? 0 : sessions[index]);
            bytes.give(Packed.weight(records[index]));
            keys.setPlain(index, null);
        }
        cursors.setRelease(HEAD, head);
    }
}
