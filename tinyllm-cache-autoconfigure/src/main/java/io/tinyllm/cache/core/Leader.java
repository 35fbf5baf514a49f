package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** A caller that can load what the cache does not hold. */
@FunctionalInterface
public interface Leader {

    /**
     * Takes over a load.
     * @param load the load, which the caller has to run and to end
     */
    void lead(Load load);

    /**
     * Returns when others may see what the caller loads; null where the load is everybody's who asks for its key. A
     * load that is the caller's own waits for no other, answers nobody else, and its failure is remembered for nobody.
     */
    default @Nullable Publication publication() {
        return null;
    }

    /**
     * Returns how to load the same key again later, on another thread and without the caller; null where the caller
     * knows no way.
     */
    default @Nullable Reload reload() {
        return null;
    }

    /**
     * Returns how to load the same key at any later time, and as often as wanted; null where the caller knows no way,
     * or only one for now. It may be remembered for long.
     */
    default @Nullable Reload reinvocation() {
        return null;
    }

    /** Loads a key in the background. */
    @FunctionalInterface
    interface Reload {

        /**
         * Runs a load, and ends it.
         * @param load the load to end
         */
        void load(Load load);
    }
}
