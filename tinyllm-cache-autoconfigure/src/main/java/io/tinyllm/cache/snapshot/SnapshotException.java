package io.tinyllm.cache.snapshot;

/** Says that a snapshot could not be saved, or that its directory cannot be used. What was saved before is unharmed. */
public final class SnapshotException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
