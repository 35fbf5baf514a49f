package io.tinyllm.cache.remote;

import io.tinyllm.cache.core.port.RemoteTier;
import org.jspecify.annotations.Nullable;

/**
 * A remote tier on a backend that may be away, and that says so: one of the copies that a {@link ReplicatedRemoteTier}
 * is made of. Thread-safe.
 */
interface ReplicaTier extends RemoteTier {

    /** The name of the backend. */
    String backend();

    /** Returns whether the backend is to be asked at all. It may fail nevertheless. */
    @Override
    boolean isUsable();

    /** Returns whether the tier hides some keys, since it is still making good what the backend has missed. */
    boolean isCatchingUp();

    /** Returns whether the backend has been there at all. */
    default boolean hasConnected() {
        return true;
    }

    /** Estimates the bytes that a key takes on the heap, each time the same. */
    default long weigh(Object key) {
        return 0;
    }

    /** Adds an action for when the backend goes away or comes back; it is short. */
    void onStateChange(Runnable observer);

    /**
     * As {@link #prepare}, for what another copy holds.
     * @param key the key
     * @param value the value, may be null
     * @param remainingNanos how long it stays fresh from now on, also where the tier has a time to live of its own
     */
    default Write prepareCopy(Object key, @Nullable Object value, long remainingNanos) {
        return prepare(key, value, remainingNanos);
    }
}
