package io.tinyllm.cache.write;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where operations wait until the store has them. Safe for use by several threads.
 *
 * <p>An operation is live from {@link #append} until {@link #release}, or a later one on its key; what is live when the
 * process ends is what {@link #recovered} answers after the next start.
 */
interface Journal extends Closeable {

    /** The operations that were live when the journal was opened, one a key, in order. */
    List<Recovered> recovered();

    /**
     * Encodes an operation.
     *
     * @throws RuntimeException if the key or the value cannot be recorded
     */
    Prepared prepare(Object key, @Nullable Object value);

    /**
     * Records an operation, which ends the former one of its key: when it returns, a replay of what is on the disk
     * finds it, whatever becomes of the process.
     *
     * @throws IOException if it could not be recorded; the operation is not live then
     */
    Operation append(Prepared prepared) throws IOException;

    /** A number for an operation that is not recorded. */
    long nextSequence();

    /**
     * Ends operations, which the store has taken. Never throws.
     *
     * @return whether that is recorded; if not, it is as soon as it can be
     */
    boolean release(List<Operation> operations);

    /**
     * Returns whether a write of this key that goes to the store at once may be acknowledged: no older operation on it
     * outlives this process, and the end of the present one can be recorded.
     */
    boolean canEnd(Object key);

    /** Records that an operation is given up on, so that the next start knows. Never fails. */
    void giveUp(Operation operation, DeadLetter letter);

    /** The operations that cannot be delivered since their keys cannot be read. */
    List<DeadLetter> unreadable();

    /** Tries again to read the keys that could not be, and answers the operations of those that can. */
    List<Recovered> retryUnreadable();

    /** Returns whether what is recorded outlives the process. */
    default boolean isOnDisk() {
        return true;
    }

    /** How many damaged places were found when it was opened. */
    default int damaged() {
        return 0;
    }

    /** Returns whether {@link #append} can be expected to work. */
    boolean isHealthy();

    /** Forces the disk where that is due, looks whether it is still there, and tries to get well. Never fails. */
    void maintain();

    @Override
    void close();

    /**
     * An operation to be recorded.
     *
     * @param digest of the key
     * @param record its bytes, not sealed
     * @param size the length of the key and the value in bytes, an estimate where they have no record
     */
    record Prepared(Object key, @Nullable Object value, KeyDigest digest, byte[] record, long size) {}

    /**
     * An operation that outlived its process.
     *
     * @param givenUp how it was given up on, null if it was not
     */
    record Recovered(Operation operation, JournalRecord.@Nullable GivenUp givenUp) {}

    /**
     * A journal that keeps nothing.
     *
     * @param sizes estimates the bytes of keys and values
     */
    static Journal none(ToLongFunction<Object> sizes) {
        return new Journal() {

            private static final KeyDigest NO_DIGEST = new KeyDigest(0, 0);

            private final AtomicLong sequence = new AtomicLong();

            @Override
            public List<Recovered> recovered() {
                return List.of();
            }

            @Override
            public Prepared prepare(Object key, @Nullable Object value) {
                long size = sizes.applyAsLong(key) + (value == null ? 0 : sizes.applyAsLong(value));
                return new Prepared(key, value, NO_DIGEST, new byte[0], size);
            }

            @Override
            public Operation append(Prepared prepared) {
                return new Operation(prepared.key(), prepared.value(), nextSequence(), prepared.size());
            }

            @Override
            public long nextSequence() {
                return sequence.incrementAndGet();
            }

            @Override
            public boolean release(List<Operation> operations) {
                return true;
            }

            @Override
            public boolean canEnd(Object key) {
                return true;
            }

            @Override
            public void giveUp(Operation operation, DeadLetter letter) {}

            @Override
            public List<DeadLetter> unreadable() {
                return List.of();
            }

            @Override
            public List<Recovered> retryUnreadable() {
                return List.of();
            }

            @Override
            public boolean isOnDisk() {
                return false;
            }

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
