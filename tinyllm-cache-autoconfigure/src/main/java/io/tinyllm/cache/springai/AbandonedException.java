package io.tinyllm.cache.springai;

import java.util.concurrent.CancellationException;

/** Ends the load of an answer that nobody waits for any more. Whoever comes to wait for it after all asks anew. */
final class AbandonedException extends CancellationException {

    private static final long serialVersionUID = 1L;

    AbandonedException() {
        super("Everybody who waited for this answer has left");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
