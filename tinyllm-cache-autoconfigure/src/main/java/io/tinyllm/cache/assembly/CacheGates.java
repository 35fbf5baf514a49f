package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.port.LoadGate;

/** A gate for the loads of every cache, before their turn among {@code maximum-loads}. Thread-safe. */
@FunctionalInterface
public interface CacheGates {

    /**
     * Makes the gate of a cache.
     * @param cacheName its name
     */
    LoadGate gate(String cacheName);
}
