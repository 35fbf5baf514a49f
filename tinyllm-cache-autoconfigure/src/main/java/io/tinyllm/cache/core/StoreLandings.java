package io.tinyllm.cache.core;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The results of loads that are on their way into the store. Whoever clears the store waits for them, so that none
 * arrives after that. Thread-safe.
 */
final class StoreLandings {

    /** The longest that a call of a store should take. */
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<CompletableFuture<@Nullable Void>, Thread> underWay = new ConcurrentHashMap<>();

    /** Says that the calling thread may write the result of a load, until what is returned is closed. */
    UnderWay begin() {
        CompletableFuture<@Nullable Void> landed = new CompletableFuture<>();
        underWay.put(landed, Thread.currentThread());
        return () -> {
            underWay.remove(landed);
            landed.complete(null);
        };
    }

    /**
     * Waits for those that are under way. An interrupt ends no wait; a thread that is itself writing one, whose store
     * clears the cache, waits for none.
     */
    void await() {
        if (underWay.containsValue(Thread.currentThread())) {
            return;
        }
        boolean interrupted = false;
        for (CompletableFuture<?> landed : underWay.keySet()) {
            interrupted |= await(landed);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean await(CompletableFuture<?> landed) {
        boolean interrupted = false;
        while (true) {
            try {
                landed.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (TimeoutException | ExecutionException e) {
                return interrupted;
            }
        }
    }

    /** A result that is under way. */
    @FunctionalInterface
    interface UnderWay extends AutoCloseable {

        @Override
        void close();
    }
}
