package io.tinyllm.cache.metrics;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.core.port.Tracing;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Traces loads and operations of the shared tier as observations of Micrometer: spans where the application traces,
 * timers in any case. Their names and tags hold no key: {@value #LOADING} and {@value #REDIS}, with {@code cache} and,
 * for the latter, {@code operation} (get, put, remove, clear). Thread-safe.
 */
public final class ObservedTracing implements Tracing {

    /** The name of the observation of a load. */
    public static final String LOADING = "tinyllm.cache.loading";

    /** The name of the observation of an operation of the shared tier. */
    public static final String REDIS = "tinyllm.cache.redis";

    private final Supplier<ObservationRegistry> supplier;
    private volatile @Nullable ObservationRegistry registry;
    private final Runnable onError;

    /**
     * Creates tracing.
     * @param registry where observations go, asked for when first needed
     * @param onError runs when what handles observations fails, which harms no caller of a cache
     */
    public ObservedTracing(Supplier<ObservationRegistry> registry, Runnable onError) {
        this.supplier = registry;
        this.onError = onError;
    }

    @Override
    public Span start(String operation, String cacheName) {
        try {
            boolean load = operation.equals(LOAD);
            Observation observation = Observation.createNotStarted(load ? LOADING : REDIS, registry())
                    .contextualName((load ? "load " : "redis " + operation + " ") + cacheName)
                    .lowCardinalityKeyValue("cache", cacheName);
            if (!load) {
                observation.lowCardinalityKeyValue("operation", operation);
            }
            return new Observed(observation.start());
        } catch (RuntimeException e) {
            onError.run();
            return Tracing.none().start(operation, cacheName);
        }
    }

    private ObservationRegistry registry() {
        ObservationRegistry known = registry;
        if (known == null) {
            known = supplier.get();
            registry = known;
        }
        return known;
    }

    private final class Observed implements Span {

        private final Observation observation;
        private final AtomicBoolean ended = new AtomicBoolean();

        Observed(Observation observation) {
            this.observation = observation;
        }

        @Override
        public Scope enter() {
            Observation.Scope before = registry().getCurrentObservationScope();
            try {
                Observation.Scope scope = observation.openScope();
                return () -> guarded(scope::close, before);
            } catch (RuntimeException e) {
                failed(before);
                return () -> {};
            }
        }

        @Override
        public void end(@Nullable Throwable failure) {
            if (ended.compareAndSet(false, true)) {
                Observation.Scope current = registry().getCurrentObservationScope();
                guarded(
                        () -> {
                            if (failure != null) {
                                observation.error(failure);
                            }
                            observation.stop();
                        },
                        current);
            }
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
    }
}
