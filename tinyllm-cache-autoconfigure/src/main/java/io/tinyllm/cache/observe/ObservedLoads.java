package io.tinyllm.cache.observe;

import io.micrometer.observation.Observation;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.Scope;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Lets every load of a cache through, and observes it from where it first runs to its end. One that no caller waits for
 * is a part of nothing, and runs in the context of the caller that has set it off. Thread-safe.
 */
final class ObservedLoads implements LoadGate {

    private final Observations observations;
    private final ContextCarrier carrier;
    private final String cacheName;

    ObservedLoads(Observations observations, ContextCarrier carrier, String cacheName) {
        this.observations = observations;
        this.carrier = carrier;
        this.cacheName = cacheName;
    }

    @Override
    public Pass begin(Kind kind) {
        return kind == Kind.BACKGROUND
                ? new ObservedLoad(new LoadContext(true, observations.current()), carrier.capture())
                : new ObservedLoad(new LoadContext(false, null), ContextCarrier.NOTHING);
    }

    private final class ObservedLoad implements Pass {

        private final LoadContext context;
        private final ContextCarrier.Captured carried;
        private @Nullable Observation observation;
        private boolean stale;
        private boolean ended;

        ObservedLoad(LoadContext context, ContextCarrier.Captured carried) {
            this.context = context;
            this.carried = carried;
        }

        @Override
        public Scope enter() {
            Scope outer = carried.restore();
            Scope inner = observations.enter(started());
            return () -> {
                inner.close();
                outer.close();
            };
        }

        private synchronized Observation started() {
            Observation known = observation;
            if (known == null) {
                known = observations.start(Observations.LOAD, cacheName, context);
                observation = known;
            }
            return known;
        }

        @Override
        public synchronized void standIn() {
            stale = true;
        }

        @Override
        public synchronized void end(@Nullable Throwable failure) {
            Observation running = observation;
            if (ended || running == null) {
                return;
            }
            ended = true;
            running.lowCardinalityKeyValue("stale", Boolean.toString(stale));
            if (failure instanceof CancellationException) {
                observations.stop(running, "abandoned", null);
            } else {
                observations.stop(running, failure == null ? "success" : "failure", failure);
            }
        }
    }
}
