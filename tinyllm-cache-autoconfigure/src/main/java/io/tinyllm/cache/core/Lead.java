package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A caller that brings its loader along; remembers the load that it leads. Thread-safe as its use is. */
final class Lead implements Leader {

    private final Reload reload;
    private @Nullable Load load;

    Lead(Reload reload) {
        this.reload = reload;
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
    public Reload reload() {
        return reload;
    }

    @Override
    public void lead(Load led) {
        load = led;
    }
}
