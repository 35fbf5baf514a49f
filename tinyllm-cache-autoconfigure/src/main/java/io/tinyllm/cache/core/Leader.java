package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** A caller that can load what the cache does not hold. */
@FunctionalInterface
public interface Leader {

    /**
     * Says that the caller has to load and to end the flight.
     * @param flight the flight it now leads
     */
    void lead(Flight flight);

    /**
     * How to load the same key again later, on another thread and without the caller.
     * @return null where the caller knows no way
     */
    default @Nullable Reload reload() {
        return null;
    }

    /**
     * How to load the same key at any later time, and as often as wanted. It may be remembered for long.
     * @return null where the caller knows no way, or only one for now
     */
    default @Nullable Reload reinvocation() {
        return null;
    }

    /** Loads a key in the background. */
    @FunctionalInterface
    interface Reload {

        /**
         * Loads, and ends the flight.
         * @param flight the flight to end
         */
        void load(Flight flight);
    }
}
