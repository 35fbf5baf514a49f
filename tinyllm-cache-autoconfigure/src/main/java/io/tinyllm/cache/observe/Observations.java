package io.tinyllm.cache.observe;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.tinyllm.cache.core.port.Scope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Starts, enters and ends observations, and counts the failures of what handles them. Thread-safe; never throws. */
final class Observations {

    /** The name of the observation of a load. */
    static final String LOAD = "tinyllm.cache.load";

    /** The name of the observation of an operation of the shared tier. */
    static final String REDIS = "tinyllm.cache.redis";

    /** The name of the observation of a hit. */
    static final String GET = "tinyllm.cache.get";

    private final Supplier<ObservationRegistry> supplier;
    private final Runnable onError;
    private volatile @Nullable ObservationRegistry registry;

    Observations(Supplier<ObservationRegistry> registry, Runnable onError) {
        this.supplier = registry;
        this.onError = onError;
    }

    /** Returns what the calling thread is observed to do, or null. */
    @Nullable
    Observation current() {
        return registry().getCurrentObservation();
    }

    /** Starts an observation of a cache; one that does nothing where that fails. */
    Observation start(String name, String cacheName) {
        return start(name, cacheName, new Observation.Context());
    }

    /** As {@link #start(String, String)}, with a context, which decides on its parent where it is a load's. */
    Observation start(String name, String cacheName, Observation.Context context) {
        try {
            Observation observation = Observation.createNotStarted(name, () -> context, registry())
                    .lowCardinalityKeyValue("cache", cacheName);
            if (context instanceof LoadContext load && load.isBackground()) {
                context.setParentObservation(null);
            }
            return observation.start();
        } catch (RuntimeException e) {
            onError.run();
            return Observation.NOOP;
        }
    }

    /** Makes what the calling thread does a part of an observation, until the scope is closed. */
    Scope enter(Observation observation) {
        Observation.Scope before = registry().getCurrentObservationScope();
        Observation.Scope scope = Observation.Scope.NOOP;
        try {
            scope = observation.openScope();
        } catch (RuntimeException e) {
            failed(before);
        }
        Observation.Scope opened = scope;
        return () -> guarded(opened::close, before);
    }

    /** Ends an observation. */
    void stop(Observation observation, String outcome, @Nullable Throwable failure) {
        guarded(
                () -> {
                    observation.lowCardinalityKeyValue("outcome", outcome);
                    if (failure != null) {
                        observation.error(failure);
                    }
                    observation.stop();
                },
                registry().getCurrentObservationScope());
    }

    private void guarded(Runnable action, Observation.@Nullable Scope after) {
        try {
            action.run();
        } catch (RuntimeException e) {
            failed(after);
        }
    }

    /** A handler that fails halfway must not leave this thread in a scope that nobody closes. */
    private void failed(Observation.@Nullable Scope after) {
        onError.run();
        registry().setCurrentObservationScope(after);
    }

    private ObservationRegistry registry() {
        ObservationRegistry known = registry;
        if (known == null) {
            known = supplier.get();
            registry = known;
        }
        return known;
    }
}
