package io.tinyllm.cache.access;

/**
 * Learns from the accesses to one cache. Called by one thread at a time; what it throws is counted and harms nobody.
 */
@FunctionalInterface
public interface AccessConsumer {

    /**
     * Sees what happened since the last time.
     * @param batch the accesses, not empty; valid during the call only
     */
    void onAccesses(AccessBatch batch);
}
