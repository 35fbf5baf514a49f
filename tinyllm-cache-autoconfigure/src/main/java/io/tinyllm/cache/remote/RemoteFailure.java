package io.tinyllm.cache.remote;

import java.util.Locale;
import java.util.concurrent.CompletionException;

/** The failure of an operation on a remote tier. Carries no key, no value and no stack trace. */
public final class RemoteFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why an operation failed; its {@link #tag()} tags a counter. */
    public enum Reason {
        /** There was no answer within the deadline. */
        TIMEOUT(true),
        /** The connection broke with the operation under way. */
        CONNECTION(true),
        /** There is no connection, so that nothing was sent. */
        DISCONNECTED(false),
        /** The server cannot answer for now: it is loading, or its cluster is down. */
        UNAVAILABLE(true),
        /** The server is full, and was told to evict nothing. */
        OOM(false),
        /** The server is a read-only replica. */
        READONLY(false),
        /** The server does not allow it. */
        DENIED(false),
        /** The server answered with another error. */
        ERROR(false),
        /** Too many operations are under way. */
        REJECTED(false),
        /** The circuit breaker is open. */
        BREAKER(false);

        private final boolean tripping;

        Reason(boolean tripping) {
            this.tripping = tripping;
        }

        /** Returns whether it speaks for a store that is better left alone for a while. */
        boolean isTripping() {
            return tripping;
        }

        /** Its name as a tag of a meter. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Reason reason;

    public RemoteFailure(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** The failure that an exception stands for. */
    static RemoteFailure of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RemoteFailure known
                ? known
                : new RemoteFailure(Reason.ERROR, cause.getClass().getName());
    }

    /** Why the operation failed. */
    public Reason reason() {
        return reason;
    }
}
