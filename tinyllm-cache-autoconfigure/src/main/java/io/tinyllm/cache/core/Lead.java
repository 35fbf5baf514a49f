package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A caller that brings its loader along; remembers the load that it leads. Thread-safe as its use is. */
final class Lead implements Leader {

    /** A load of everybody's. */
    static final Supplier<@Nullable Publication> EVERYBODYS = () -> null;

    private final Reload reload;
    private final @Nullable Leader caller;
    private final Supplier<@Nullable Publication> publication;
    private @Nullable Load load;

    /**
     * Creates the caller of one load.
     * @param reload runs its loader again
     * @param publication says when others may see what it loads, null where the load is everybody's
     */
    Lead(Reload reload, Supplier<@Nullable Publication> publication) {
        this.reload = reload;
        this.caller = null;
        this.publication = publication;
    }

    /**
     * Creates the caller of one load.
     * @param reload runs its loader again
     * @param caller knows whose load it is, and how to load the key later
     */
    Lead(Reload reload, Leader caller) {
        this.reload = reload;
        this.caller = caller;
        this.publication = EVERYBODYS;
    }

    /** Loads for a caller that has to: what it leads, or, where a rule keeps it away from the cache, just so. */
    @Nullable
    Object run(Callable<? extends @Nullable Object> loader) {
        if (load != null) {
            return load.run(loader);
        }
        try {
            return loader.call();
        } catch (Throwable failure) {
            throw new LoadFailedException(failure);
        }
    }

    CompletableFuture<@Nullable Object> runAsync(
            Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        if (load != null) {
            return load.runAsync(loader);
        }
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        try {
            loader.get().whenComplete((value, failure) -> settle(answer, value, failure));
        } catch (Throwable failure) {
            settle(answer, null, failure);
        }
        return answer;
    }

    /** Loads once it is known that the caller has to. */
    CompletableFuture<@Nullable Object> runAsyncAfter(
            CompletableFuture<@Nullable CacheEntry> found,
            Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        // A promise of its own: a caller that cancels it must not leave a load that nobody ends.
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        found.whenComplete((entry, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(Failures.unwrap(failure));
            } else if (entry != null) {
                answer.complete(entry.value());
            } else if (!answer.isDone()) {
                runAsync(loader).whenComplete((value, loadFailure) -> {
                    if (loadFailure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(Failures.unwrap(loadFailure));
                    }
                });
            } else if (load != null) {
                load.abandon();
            }
        });
        return answer;
    }

    private static void settle(
            CompletableFuture<@Nullable Object> answer, @Nullable Object value, @Nullable Throwable failure) {
        if (failure == null) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(new LoadFailedException(Failures.unwrap(failure)));
        }
    }

    @Override
    public @Nullable Reload reload() {
        return caller == null ? reload : caller.reload();
    }

    @Override
    public @Nullable Reload reinvocation() {
        return caller == null ? null : caller.reinvocation();
    }

    @Override
    public @Nullable Publication publication() {
        return caller == null ? publication.get() : caller.publication();
    }

    @Override
    public void lead(Load led) {
        load = led;
    }
}
