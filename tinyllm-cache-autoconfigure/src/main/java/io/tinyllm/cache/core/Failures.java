package io.tinyllm.cache.core;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Undoes what futures and blocking waits do to exceptions and interrupts. Stateless. */
public final class Failures {

    private Failures() {}

    /** Sets the interrupt flag of the calling thread again where a failure says that it was interrupted. */
    static void keepInterrupt(Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    /** The exception itself, without the wrappers that futures put around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
