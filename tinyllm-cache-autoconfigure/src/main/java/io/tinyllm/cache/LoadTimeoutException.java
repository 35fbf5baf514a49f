package io.tinyllm.cache;

/**
 * Thrown to a caller that waited longer than the cache's {@code load-timeout} for another caller's load of the same
 * key. The load itself goes on, and the next caller may load anew.
 *
 * <p>The message names the cache, never the key.
 */
public final class LoadTimeoutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     * @param message the detail message
     */
    public LoadTimeoutException(String message) {
        super(message);
    }
}
