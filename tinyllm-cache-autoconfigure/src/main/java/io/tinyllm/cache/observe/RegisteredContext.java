package io.tinyllm.cache.observe;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.tinyllm.cache.core.port.Scope;

/**
 * Carries what is registered with Micrometer's context registry, but for the observation that a thread is in: what is
 * carried is no part of that. Thread-safe.
 */
final class RegisteredContext implements ContextCarrier {

    private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder()
            .captureKeyPredicate(key -> !ObservationThreadLocalAccessor.KEY.equals(key))
            .build();
    private final Runnable onError;

    /**
     * Creates a carrier.
     * @param onError runs when something registered fails
     */
    RegisteredContext(Runnable onError) {
        this.onError = onError;
    }

    @Override
    public Captured capture() {
        ContextSnapshot snapshot;
        try {
            snapshot = snapshots.captureAll();
        } catch (RuntimeException e) {
            onError.run();
            return NOTHING;
        }
        return () -> restore(snapshot);
    }

    private Scope restore(ContextSnapshot snapshot) {
        try {
            ContextSnapshot.Scope scope = snapshot.setThreadLocals();
            return () -> close(scope);
        } catch (RuntimeException e) {
            onError.run();
            return Scope.NONE;
        }
    }

    private void close(ContextSnapshot.Scope scope) {
        try {
            scope.close();
        } catch (RuntimeException e) {
            onError.run();
        }
    }
}
