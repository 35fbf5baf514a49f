package io.tinyllm.cache.observe;

import io.micrometer.observation.ObservationRegistry;
import io.tinyllm.cache.core.port.AccessRecorder;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.RemoteTier;
import java.util.function.Supplier;

/**
 * Observations of Micrometer, which are spans where the application traces: {@value Observations#LOAD} for each load,
 * {@value Observations#REDIS} for each operation of the shared tier and, where that is wanted, {@value
 * Observations#GET} for each hit. Their names and tags hold the names of caches, never a key. What handles observations
 * may fail: that is counted, and harms no caller. Thread-safe.
 */
public final class CacheObservations implements CacheObserver {

    private final Observations observations;
    private final ContextCarrier carrier;
    private final boolean hits;

    /**
     * Creates observations.
     * @param registry where they go, asked for when first needed
     * @param hits whether hits are observed
     * @param carriesContext whether background loads run in the context that is registered with Micrometer's context
     *     propagation, which has to be there then
     * @param onError runs when what handles observations fails
     */
    public CacheObservations(
            Supplier<ObservationRegistry> registry, boolean hits, boolean carriesContext, Runnable onError) {
        this.observations = new Observations(registry, onError);
        this.carrier = carriesContext ? new RegisteredContext(onError) : ContextCarrier.NONE;
        this.hits = hits;
    }

    @Override
    public LoadGate loads(String cacheName) {
        return new ObservedLoads(observations, carrier, cacheName);
    }

    @Override
    public RemoteTier remote(String cacheName, RemoteTier tier) {
        return tier.exists() ? new ObservedRemoteTier(tier, observations, cacheName) : tier;
    }

    @Override
    public AccessRecorder hits(String cacheName, AccessRecorder recorder) {
        return hits ? new ObservedHits(recorder, observations, cacheName) : recorder;
    }
}
