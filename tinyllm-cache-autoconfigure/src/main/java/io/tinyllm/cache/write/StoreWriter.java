package io.tinyllm.cache.write;

import io.tinyllm.cache.core.port.WritePolicy;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;

/**
 * A write policy over a store, with what the cache does not need of it: bulk reads, dead letters, figures, and its
 * end.
 */
public interface StoreWriter extends WritePolicy {

    /**
     * The values of several keys in the store, for prefetch and warm-up. A key whose load fails is left out and
     * counted.
     */
    Map<Object, Object> loadAll(Collection<?> keys);

    /** Tries once more what was given up on. Returns how many that are. */
    int retryDeadLetters();

    /** The figures of the policy: what it has done, and what is left to do. */
    WriteStatistics statistics();

    /** Goes on after {@link #close}, with what was left; does nothing where it was not closed. */
    default void start() {}

    /**
     * Writes what is pending, for at most this long. What is left stays in the journal; writes that come later go to
     * the store at once, until {@link #start}. May be called twice.
     */
    void close(Duration timeout);
}
