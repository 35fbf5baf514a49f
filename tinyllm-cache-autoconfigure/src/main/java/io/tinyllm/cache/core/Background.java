package io.tinyllm.cache.core;

import io.tinyllm.cache.core.Leader.Reload;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runs loads that no caller waits for. Thread-safe. */
public final class Background {

    /** Runs none. */
    public static final Background NONE = new Background(
            task -> {
                throw new RejectedExecutionException();
            },
            null);

    private final Executor executor;
    private final @Nullable UnaryOperator<@Nullable Object> loader;

    /**
     * Creates it.
     * @param executor runs the loads; bounded, and rejects what is too much
     * @param loader loads a key in place of what its caller would do, or null
     */
    public Background(Executor executor, @Nullable UnaryOperator<@Nullable Object> loader) {
        this.executor = executor;
        this.loader = loader;
    }

    /** How to load, or null where nobody knows. */
    @Nullable
    Reload reload(@Nullable Leader leader) {
        UnaryOperator<@Nullable Object> known = loader;
        if (known != null) {
            return flight -> flight.publish(known.apply(flight.key()));
        }
        return leader == null ? null : leader.reload();
    }

    /** Runs a load soon; whether it will. */
    boolean start(Flight flight, Reload reload) {
        try {
            executor.execute(() -> {
                flight.takeThread();
                try {
                    reload.load(flight);
                } catch (LoadFailedException e) {
                    flight.fail(e.failure());
                } catch (Throwable e) {
                    flight.fail(e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
