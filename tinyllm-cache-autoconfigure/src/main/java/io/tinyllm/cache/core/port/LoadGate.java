package io.tinyllm.cache.core.port;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The gate that every load of one cache goes through, whoever runs it and however: it says when the load may run, and
 * is told on which threads it runs and how it ends. A read of the store is part of the load that it spares or precedes.
 * Implementations are thread-safe; none of their methods blocks or throws.
 */
public interface LoadGate {

    /** A gate that stands open, and is told nothing. */
    static LoadGate none() {
        return Absent.GATE;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * Registers a load that wants to run.
     * @param kind on whose behalf it runs
     * @return the pass of this load, to be ended
     */
    Pass begin(Kind kind);

    /** Returns how many loads are through the gate and have not ended. */
    default int running() {
        return 0;
    }

    /** Returns how many loads wait for their turn. */
    default int waiting() {
        return 0;
    }

    /** On whose behalf a load runs. */
    enum Kind {
        /** A caller waits for it. */
        CALLER,
        /** A load of the same cache, which is running, waits for it. */
        NESTED,
        /** No caller waits for it. */
        BACKGROUND
    }

    /** One load on its way through the gate. */
    interface Pass {

        /**
         * Returns when the load may run.
         * @return ends once it may, with a failure where it may not run at all, which only a background load is told;
         *     completed by a thread that must not be kept
         */
        default CompletableFuture<?> turn() {
            return Absent.NOW;
        }

        /** Says that the calling thread runs the load, or a part of it, until the scope is closed. */
        default Scope enter() {
            return Scope.NONE;
        }

        /** Says that an expired entry is served in its place. */
        default void standIn() {}

        /**
         * Says that the load has ended, or never runs. Only the first call counts.
         * @param failure what it failed with; null where it did not; {@link java.util.concurrent.CancellationException}
         *     where it ends without any result
         */
        default void end(@Nullable Throwable failure) {}
    }
}
