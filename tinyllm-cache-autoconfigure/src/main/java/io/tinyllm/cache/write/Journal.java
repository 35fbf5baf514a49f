package io.tinyllm.cache.write;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where operations wait until the store has them. Safe for use by several threads.
 *
 * <p>An operation is live from {@link #append} until {@link #release}; what is live when the process ends is what
 * {@link #recovered} answers after the next start.
 */
interface Journal extends Closeable {

    /** What was live when the journal was opened, one operation a key, in order. */
    List<Recovered> recovered();

    /**
     * Records an operation: when it returns, the operation survives the end of the process.
     *
     * @throws IOException if it could not be recorded; the operation is not live then
     */
    Operation append(Object key, @Nullable Object value) throws IOException;

    /** A number for an operation that is not recorded. */
    long nextSequence();

    /** Ends an operation that a later one on its key, appended already, replaces. Never fails. */
    void supersede(Operation operation);

    /** Ends operations that the store has taken. Never fails: what cannot be recorded now is when it can. */
    void release(List<Operation> operations);

    /** Records that an operation is given up on, so that the next start knows. Never fails. */
    void giveUp(Operation operation, int attempts, String error);

    /** Whether {@link #append} can be expected to work. */
    boolean isHealthy();

    /** Forces the disk where that is due, and tries to get well. Never fails. */
    void maintain();

    @Override
    void close();

    /**
     * An operation that outlived its process.
     *
     * @param attempts of the operation before it was given up on; 0 if it was not
     * @param error why it was given up on; empty if it was not
     */
    record Recovered(Operation operation, int attempts, String error) {}

    /** A journal that keeps nothing. */
    static Journal none() {
        return new Journal() {
            private final AtomicLong sequence = new AtomicLong();

            @Override
            public List<Recovered> recovered() {
                return List.of();
            }

            @Override
            public Operation append(Object key, @Nullable Object value) {
                return new Operation(key, value, nextSequence());
            }

            @Override
            public long nextSequence() {
                return sequence.incrementAndGet();
            }

            @Override
            public void supersede(Operation operation) {}

            @Override
            public void release(List<Operation> operations) {}

            @Override
            public void giveUp(Operation operation, int attempts, String error) {}

            @Override
            public boolean isHealthy() {
                return true;
            }

            @Override
            public void maintain() {}

            @Override
            public void close() {}
        };
    }
}
