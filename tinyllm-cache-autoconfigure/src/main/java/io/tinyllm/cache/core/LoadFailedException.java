package io.tinyllm.cache.core;

/**
 * Carries the exception of a load to a caller that did not run it: one that waited for another's, or asked for a key
 * whose failure is remembered. Has no stack of its own; adapters unwrap it.
 */
public final class LoadFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Throwable failure;

    /**
     * Creates the carrier.
     * @param failure what the load threw
     */
    public LoadFailedException(Throwable failure) {
        super(null, failure, false, false);
        this.failure = failure;
    }

    /** The exception that the load threw. */
    public Throwable failure() {
        return failure;
    }
}
