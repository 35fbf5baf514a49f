package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Scope;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A load that its holder has to run and to end. However it runs, whoever runs a part of it {@linkplain #enter enters}
 * it. It ends by exactly one of {@link #publish}, {@link #finish}, {@link #fail} and {@link #abandon}; whatever comes
 * after the first of these is ignored, so that cleaning up twice does no harm. Thread-safe.
 *
 * <p>Its result counts however late it comes, unless a put, an evict or a clear of the key, or the result of a load
 * that began later, came in between: it then still answers those who wait for it, but is not stored.
 */
public final class Load {

    private final Flight flight;
    private final Landing landing;
    private final Turns turns;

    Load(Flight flight, Landing landing, Turns turns) {
        this.flight = flight;
        this.landing = landing;
        this.turns = turns;
    }

    /** Returns the key being loaded. */
    public Object key() {
        return flight.key();
    }

    /** Returns whether the load belongs to a cache; loads of other caches may have an equal key. */
    boolean isLandedBy(Landing of) {
        return landing == of;
    }

    /**
     * Returns the result to come: an entry, null where the load ends without one, {@link LoadFailedException} where it
     * fails. The caller may do with the future as it likes.
     */
    public CompletableFuture<@Nullable CacheEntry> toFuture() {
        return flight.result().thenApply(answer -> answer == null ? null : answer.entry());
    }

    /** Returns whether the load is its caller's own, see {@link Leader#publication}. */
    public boolean isPrivate() {
        return flight.isPrivate();
    }

    // --------------------------------------------------------------------------------------------------------- running

    /** Says that the calling thread runs the load, or a part of it, until the scope is closed. */
    public Scope enter() {
        return turns.enter(flight);
    }

    /**
     * Waits, without a thread, until the load may run.
     * @return null if it may run now; else ends when it may, or fails with {@link
     *     io.tinyllm.cache.LoadTimeoutException}
     */
    public @Nullable CompletableFuture<?> turn() {
        return turns.awaitAsync(flight);
    }

    /** Says that the load goes on without the calling thread, which may now ask for the same key. */
    public void releaseThread() {
        flight.setOwner(null);
    }

    /**
     * Runs the load on the calling thread, and ends it with what it returns or throws.
     * @param loader the load
     * @return the value, or a stale one that stands in
     * @throws LoadFailedException if the load fails, or the store refuses its value
     */
    public @Nullable Object run(Callable<? extends @Nullable Object> loader) {
        try {
            Object value;
            flight.markRunsLoader();
            try (Scope scope = enter()) {
                value = loader.call();
            }
            return publish(value).value();
        } catch (Throwable failure) {
            CacheEntry stale = fail(failure);
            if (stale != null) {
                return stale.value();
            }
            throw new LoadFailedException(failure);
        }
    }

    /**
     * As {@link #run}, for a load that goes on without the calling thread.
     * @param loader starts the load
     * @return the value to come; fails with {@link LoadFailedException}
     */
    public CompletableFuture<@Nullable Object> runAsync(
            Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        CompletableFuture<? extends @Nullable Object> loading;
        flight.markRunsLoader();
        try (Scope scope = enter()) {
            loading = Objects.requireNonNull(loader.get(), "The loader returned no future");
        } catch (Throwable failure) {
            loading = CompletableFuture.failedFuture(failure);
        }
        releaseThread();
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        loading.whenComplete((value, failure) -> {
            if (failure == null) {
                try {
                    answer.complete(publish(value).value());
                } catch (Throwable refusedByStore) {
                    fail(refusedByStore);
                    answer.completeExceptionally(new LoadFailedException(refusedByStore));
                }
                return;
            }
            Throwable cause = Failures.unwrap(failure);
            CacheEntry stale = fail(cause);
            if (stale != null) {
                answer.complete(stale.value());
            } else {
                answer.completeExceptionally(new LoadFailedException(cause));
            }
        });
        return answer;
    }

    // ---------------------------------------------------------------------------------------------------------- ending

    /**
     * Ends the load with its value, which is stored unless something newer has happened to the key.
     * @param value the value, may be null
     * @return the entry that answers those who wait
     * @throws RuntimeException what the store throws, where writes go to one
     */
    public CacheEntry publish(@Nullable Object value) {
        return landing.publish(flight, value);
    }

    /**
     * Ends the load with a value that answers those who wait and is not stored.
     * @param value the value, may be null
     */
    public void finish(@Nullable Object value) {
        landing.finish(flight, value);
    }

    /**
     * Ends the load with what it threw, for those who wait too, unless a stale value stands in.
     * @param failure what the load threw
     * @return the stale entry that answers the caller and those who wait instead, or null
     */
    public @Nullable CacheEntry fail(Throwable failure) {
        return landing.fail(flight, failure);
    }

    /** Ends the load without a result: whoever waits looks again and may load. */
    public void abandon() {
        landing.abandon(flight);
    }
}
