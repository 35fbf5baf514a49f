package io.tinyllm.cache.remote;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that one cache keeps outside this JVM. Thread-safe. No method blocks. Operations on one key take effect in
 * the order in which they were sent; one that failed has either taken effect by then, or will do so before any that is
 * sent afterwards, or never. Futures end on the thread that does the input and output, so that their dependents have to
 * be short, and fail with {@link RemoteFailure}. There is no deadline.
 */
public interface RemoteStore {

    /** Reads what is stored under a key; null where there is nothing. */
    CompletableFuture<byte @Nullable []> get(byte[] key);

    /**
     * Stores bytes under a key.
     * @param key the key
     * @param value the bytes
     * @param ttlMillis how long they stay, in milliseconds; 0 for as long as the store allows
     */
    CompletableFuture<?> set(byte[] key, byte[] value, long ttlMillis);

    /**
     * Stores bytes under a key where there is nothing.
     * @param key the key
     * @param value the bytes
     * @param ttlMillis how long they stay, in milliseconds; 0 for as long as the store allows
     */
    CompletableFuture<?> setIfAbsent(byte[] key, byte[] value, long ttlMillis);

    /**
     * Removes a key. Others hear of it where there was something.
     * @return whether there was
     */
    CompletableFuture<Boolean> delete(byte[] key);

    /**
     * Removes a key, and has others hear of it in any case: they may hold something of the key that the store does not.
     * @return whether the store had it
     */
    CompletableFuture<Boolean> retract(byte[] key);

    /** Removes every key, in constant time. Reads that are sent afterwards see none of them, even if it fails. */
    CompletableFuture<?> clear();

    /** The time that the store expires entries by, in milliseconds since the epoch. */
    long currentTimeMillis();

    /**
     * The same, by which an entry of the store's is to be judged: where the store's clock was set back, what was
     * written before is as old as it was before.
     * @param createdMillis when the entry was written, by the clock of the store at that time
     */
    default long currentTimeMillis(long createdMillis) {
        return currentTimeMillis();
    }

    /** Says that the store has answered a read with another key's entry: its answers are not to be trusted. */
    default void answersAnother() {}

    /** Sets the listener to changes that others make. At most one listener; set before the store is used. */
    default void onChange(ChangeListener listener) {}

    /** Hears of changes that others made; on a thread that may do short work. */
    interface ChangeListener {

        /** Another writer changed or removed a key, or the store let it expire. */
        void changed(byte[] key);

        /**
         * The same, but at the time when this JVM found the key missing, most probably because it did. Where another
         * has changed it, {@link #changed} follows.
         * @return to be run where it did
         */
        Runnable doubted(byte[] key);

        /** Any key may have changed unheard. */
        void allChanged();
    }
}
