package io.tinyllm.cache.remote;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A write under way that takes effect only where the store has nothing of its key. Thread-safe. */
final class Offer extends Operation<Object, Object> {

    private final BackendGuard guard;
    private final long size;

    /**
     * Creates one that is not sent yet.
     * @param guard of the store's backend
     * @param executor runs what depends on its end
     * @param size the bytes that it takes, 0 for few
     * @param deadlineNanos when it is given up
     */
    Offer(BackendGuard guard, Executor executor, long size, long deadlineNanos) {
        super(executor, deadlineNanos);
        this.guard = guard;
        this.size = size;
    }

    /** Sends it, unless the guard refuses. */
    CompletableFuture<?> send(Deadlines deadlines, Supplier<CompletableFuture<?>> sending) {
        RemoteFailure refusal = guard.enter(size);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        deadlines.send(this, sending::get);
        return this;
    }

    @Override
    void released() {
        guard.release(size);
    }

    @Override
    void ended(@Nullable RemoteFailure failure) {
        guard.leave(failure);
    }

    @Override
    @Nullable
    Object result(@Nullable Object reply) {
        return null;
    }
}
