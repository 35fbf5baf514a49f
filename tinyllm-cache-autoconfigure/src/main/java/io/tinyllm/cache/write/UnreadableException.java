package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/**
 * Bytes of a journal that are no key or value of this release of the application. The message quotes nothing of
 * them.
 */
public final class UnreadableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates it.
     *
     * @param message what is wrong, without keys and values
     * @param cause why, where something was thrown
     */
    public UnreadableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
