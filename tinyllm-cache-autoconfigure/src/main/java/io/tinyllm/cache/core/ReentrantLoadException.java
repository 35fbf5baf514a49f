package io.tinyllm.cache.core;

/** Thrown to a load that asks its own cache for the key that it is loading, which would never end. */
public final class ReentrantLoadException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     * @param message names the cache, not the key
     */
    public ReentrantLoadException(String message) {
        super(message);
    }
}
