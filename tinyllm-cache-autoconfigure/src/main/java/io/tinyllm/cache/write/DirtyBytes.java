package io.tinyllm.cache.write;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes of memory that unflushed operations of all caches may take together. Thread-safe. */
public final class DirtyBytes {

    private final long maximum;
    private final AtomicLong taken = new AtomicLong();

    /**
     * Creates it.
     *
     * @param maximum the most bytes that {@link #tryTake} lets be taken
     */
    public DirtyBytes(long maximum) {
        this.maximum = maximum;
    }

    /** A bound that is never reached. */
    public static DirtyBytes unlimited() {
        return new DirtyBytes(Long.MAX_VALUE);
    }

    /** Takes bytes, unless more than the maximum would be taken by that. */
    boolean tryTake(long bytes) {
        if (taken.addAndGet(bytes) <= maximum) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    /** Takes bytes for what is in memory already. */
    void take(long bytes) {
        taken.addAndGet(bytes);
    }

    void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** The bytes that are taken. */
    public long taken() {
        return taken.get();
    }

    /** The most bytes that may be. */
    public long maximum() {
        return maximum;
    }

    /** The most bytes of values in one call of a store; one operation may be longer. */
    long ofABatch() {
        return Math.max(1 << 20, maximum / 4);
    }
}
