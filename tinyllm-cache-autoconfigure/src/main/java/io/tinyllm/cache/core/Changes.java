package io.tinyllm.cache.core;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts the changes of a cache and, while entries from outside are brought back, remembers which keys changed: what
 * was saved of those is out of date. Thread-safe.
 *
 * <p>Keys are remembered as bits of a fixed table, so that memory is bounded; two keys that share a bit cost an entry
 * brought back less, and never a wrong one.
 */
final class Changes {

    private static final int BITS = 20;

    private final LongAdder count = new LongAdder();
    private volatile @Nullable AtomicLongArray changed;

    /** Says that a key changed. Called inside the in-flight table. */
    void key(Object key) {
        count.increment();
        AtomicLongArray table = changed;
        if (table != null) {
            int bit = bit(key);
            table.accumulateAndGet(bit >>> 6, 1L << bit, (a, b) -> a | b);
        }
    }

    /** Says that any key may have changed. */
    void all() {
        count.increment();
        synchronized (this) {
            changed = null;
        }
    }

    /** How many changes there were. */
    long count() {
        return count.sum();
    }

    /** Starts to remember which keys change; whoever did so before is told from now on that every key did. */
    AtomicLongArray begin() {
        AtomicLongArray table = new AtomicLongArray(1 << (BITS - 6));
        synchronized (this) {
            changed = table;
        }
        return table;
    }

    /** Stops to remember. */
    synchronized void end(AtomicLongArray table) {
        if (changed == table) {
            changed = null;
        }
    }

    /**
     * Runs an action unless any key may have changed since {@link #begin}; {@link #all} waits for its end.
     * @return whether it ran
     */
    synchronized boolean during(AtomicLongArray table, Runnable action) {
        if (changed != table) {
            return false;
        }
        action.run();
        return true;
    }

    /** Returns whether a key changed since {@link #begin}, or another that shares its bit. */
    static boolean contains(AtomicLongArray table, Object key) {
        int bit = bit(key);
        return (table.get(bit >>> 6) & (1L << bit)) != 0;
    }

    private static int bit(Object key) {
        return (key.hashCode() * 0x9E3779B9) >>> (32 - BITS);
    }
}
