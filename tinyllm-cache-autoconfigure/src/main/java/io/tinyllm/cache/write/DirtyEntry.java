package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/**
 * A key whose last operation the store has not taken. Guarded by the lock of the buffer, but for {@link #operation}.
 */
final class DirtyEntry {

    enum State {
        /** Waits for its batch. */
        READY,
        /** Is being written, by the flusher or by a writer. */
        CLAIMED,
        /** Was refused, and waits until it is tried again. */
        WAITING,
        /** Is given up on. */
        DEAD
    }

    /** How often an operation that was given up on in an outage is tried again by itself. */
    static final int MOST_REVIVALS = 3;

    final Object key;

    /** The last acknowledged operation; null while the only one is being written through. */
    volatile @Nullable Operation operation;

    State state;

    /** Ready: since when. Waiting: until when. In nanoseconds of the ticker. */
    long time;

    int attempts;
    int revivals;
    String error = "";
    String reason = DeadLetter.REFUSED;

    /** How many calls of the store had succeeded when this one was refused first. */
    long successesBefore;

    DirtyEntry(Object key, State state, long time) {
        this.key = key;
        this.state = state;
        this.time = time;
    }

    /** The estimated length of the key and the value in bytes. */
    long size() {
        Operation waits = operation;
        return waits == null ? 0 : waits.size();
    }

    boolean isRevivable() {
        return revivals < MOST_REVIVALS;
    }

    DeadLetter letter() {
        Operation waits = operation;
        return new DeadLetter(key, waits == null ? "" : waits.type(), attempts, error, reason);
    }

    /** A later operation, or the word of an operator, begins anew. */
    void startAfresh() {
        attempts = 0;
        revivals = 0;
        error = "";
    }
}
