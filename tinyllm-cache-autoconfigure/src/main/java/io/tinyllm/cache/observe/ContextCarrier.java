package io.tinyllm.cache.observe;

import io.tinyllm.cache.core.port.Scope;

/** Carries what belongs to a thread to another one. Implementations are thread-safe and never throw. */
interface ContextCarrier {

    /** Nothing that was captured. */
    Captured NOTHING = () -> Scope.NONE;

    /** Carries nothing. */
    ContextCarrier NONE = () -> NOTHING;

    /** Takes what belongs to the calling thread. */
    Captured capture();

    /** The context of a thread. */
    @FunctionalInterface
    interface Captured {

        /** Makes it belong to the calling thread too, until the scope is closed. */
        Scope restore();
    }
}
