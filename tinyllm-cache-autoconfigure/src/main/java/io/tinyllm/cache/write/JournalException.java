package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/** A journal that cannot be opened. The message says why, and names the property to change. */
public final class JournalException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
