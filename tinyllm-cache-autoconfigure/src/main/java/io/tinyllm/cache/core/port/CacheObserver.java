package io.tinyllm.cache.core.port;

/**
 * Observes the slow things that caches do, loads and operations of the shared tier, and their hits where that is
 * wanted. Implementations are thread-safe and never throw.
 */
public interface CacheObserver {

    /** Observes nothing. */
    static CacheObserver none() {
        return Absent.OBSERVER;
    }

    /** Returns the gate that every load of a cache goes through, and that lets each of them through at once. */
    LoadGate loads(String cacheName);

    /** Returns a shared tier whose operations are observed; the tier itself where nothing is. */
    RemoteTier remote(String cacheName, RemoteTier tier);

    /** Returns a recorder that observes the hits it is told of; the recorder itself where nothing is observed. */
    AccessRecorder hits(String cacheName, AccessRecorder recorder);
}
