package io.tinyllm.cache.core;

/**
 * When others may see what a load has brought that is its caller's own: one that runs in a transaction, for one, which
 * may have read what is not committed. Thread-safe.
 */
@FunctionalInterface
public interface Publication {

    /** As the load ends. */
    Publication AT_ONCE = (publish, abandon) -> publish.run();

    /**
     * Runs one of two actions, now or later, once.
     * @param publish stores the result, unless something newer has happened to its key by then
     * @param abandon stores nothing
     */
    void schedule(Runnable publish, Runnable abandon);
}
