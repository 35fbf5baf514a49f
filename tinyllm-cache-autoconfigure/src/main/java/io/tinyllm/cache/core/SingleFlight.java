package io.tinyllm.cache.core;

import io.tinyllm.cache.LoadTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The books of the loads in progress, by key. Thread-safe.
 *
 * <p>Everything that changes a key runs inside {@link #supersede} or {@link #leave}, which are atomic for the key. That is what decides
 * between a load and a put, an evict or a clear that overlaps it: the latter take the flight out of the books, and a load
 * stores its result only while its flight is in them.
 */
final class SingleFlight {

    /**
     * Which flight a thread waits for, in all caches of the JVM: two loads that wait for each other's keys would
     * otherwise wait for good.
     */
    private static final ConcurrentHashMap<Thread, Flight> WAITING = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<Object, Flight> flights = new ConcurrentHashMap<>();
    private final String cacheName;
    private final boolean shared;
    private final long timeoutNanos;

    SingleFlight(String cacheName, boolean shared, long timeoutNanos) {
        this.cacheName = cacheName;
        this.shared = shared;
        this.timeoutNanos = timeoutNanos;
    }

    /**
     * Joins the flight of a key.
     * @param candidate what the caller leads where there is no flight to join
     * @return the candidate, or the flight of another caller to wait for
     * @throws ReentrantLoadException if the calling thread is the one that loads the key
     */
    Flight enter(Flight candidate) {
        Flight entered = flights.compute(candidate.key(), (key, current) -> {
            if (current == null || current.isOverdue()) {
                return candidate;
            }
            if (!shared) {
                candidate.booked = current;
                current.members++;
            }
            return current;
        });
        if (entered == candidate || candidate.booked != candidate) {
            return candidate;
        }
        if (entered.owner() == Thread.currentThread()) {
            throw new ReentrantLoadException("A load of cache '" + cacheName
                    + "' asked the same cache for the key that it is loading: it would wait for itself for ever");
        }
        return entered;
    }

    /**
     * Enters the books only where the key has no flight at all.
     * @return whether the flight is in the books
     */
    boolean enterAlone(Flight candidate) {
        return flights.putIfAbsent(candidate.key(), candidate) == null;
    }

    /** Puts a flight in the books in place of one that must not be waited for. */
    void replace(Flight candidate) {
        flights.put(candidate.key(), candidate);
    }

    /**
     * Runs an action that changes a key, and takes the key's flight, if any, out of the books.
     * @param key the key
     * @param action the change; short, and never touches these books
     */
    void supersede(Object key, Runnable action) {
        flights.compute(key, (k, current) -> {
            action.run();
            return null;
        });
    }

    /**
     * Runs an action that may change a key, and takes the key's flight out of the books if it did.
     * @param key the key
     * @param action the change; answers whether it was made; short, and never touches these books
     */
    void supersedeIf(Object key, BooleanSupplier action) {
        flights.compute(key, (k, current) -> action.getAsBoolean() ? null : current);
    }

    /**
     * Runs an action that drops what this JVM holds of a key. A flight that is still reading keeps nothing of what it
     * finds; one that is loading is taken out of the books, where asked for.
     * @param key the key
     * @param loads whether what is being loaded is void as well
     * @param action the change; short, and never touches these books
     */
    void invalidate(Object key, boolean loads, Runnable action) {
        flights.compute(key, (k, current) -> {
            action.run();
            if (current != null) {
                current.suspect = true;
            }
            return current != null && loads && current.loading ? null : current;
        });
    }

    /**
     * Runs an action that may change a key, where no load of it is in progress.
     * @param key the key
     * @param action the change; answers whether it was made; short, and never touches these books
     * @return whether it ran and was made
     */
    boolean ifNone(Object key, BooleanSupplier action) {
        boolean[] made = new boolean[1];
        flights.compute(key, (k, current) -> {
            made[0] = current == null && action.getAsBoolean();
            return current;
        });
        return made[0];
    }

    /**
     * Takes an ending flight out of the books.
     * @param flight the flight
     * @param landing runs atomically with it, and is told whether the flight was still in the books; short, and never
     *     touches them
     */
    void leave(Flight flight, Landing landing) {
        flights.compute(flight.key(), (key, current) -> {
            boolean booked = current != null && current == flight.booked;
            landing.land(booked);
            return booked && --flight.booked.members == 0 ? null : current;
        });
    }

    /** Takes every flight out of the books. */
    void supersedeAll() {
        for (Object key : flights.keySet()) {
            flights.computeIfPresent(key, (k, current) -> null);
        }
    }

    /** How many loads are in progress. */
    int size() {
        return flights.size();
    }

    /** Whether a flight is in the books. */
    boolean isBooked(Flight flight) {
        return flights.get(flight.key()) == flight.booked;
    }

    /** Whether a load of a key is in progress. */
    boolean contains(Object key) {
        return flights.containsKey(key);
    }

    /**
     * Waits for a flight that another caller leads.
     * @param flight the flight
     * @return how the wait ended
     * @throws LoadFailedException if the load failed
     * @throws LoadTimeoutException if it took too long
     */
    Waited await(Flight flight) {
        Thread self = Thread.currentThread();
        WAITING.put(self, flight);
        try {
            if (isCycle(flight, self)) {
                return Waited.NOT;
            }
            flight.startIfWaiting();
            CacheEntry entry = flight.result().get(timeoutNanos, TimeUnit.NANOSECONDS);
            return new Waited(true, entry);
        } catch (InterruptedException e) {
            // The caller's own method is the one that knows how to end an interrupted call.
            self.interrupt();
            return Waited.NOT;
        } catch (TimeoutException e) {
            flight.markOverdue();
            throw timeout();
        } catch (ExecutionException e) {
            throw (LoadFailedException) e.getCause();
        } finally {
            WAITING.remove(self);
        }
    }

    /** As {@link #await}, without blocking: the future fails as that throws. */
    CompletableFuture<@Nullable CacheEntry> awaitAsync(Flight flight) {
        flight.startIfWaiting();
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        flight.result().copy().orTimeout(timeoutNanos, TimeUnit.NANOSECONDS).whenComplete((entry, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause == null) {
                answer.complete(entry);
            } else if (cause instanceof TimeoutException) {
                flight.markOverdue();
                answer.completeExceptionally(timeout());
            } else {
                answer.completeExceptionally(cause);
            }
        });
        return answer;
    }

    private LoadTimeoutException timeout() {
        return new LoadTimeoutException(
                "Waited longer than load-timeout (" + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
                        + " ms) for another caller's load in cache '" + cacheName + "'");
    }

    private static boolean isCycle(Flight flight, Thread self) {
        Flight next = flight;
        // Bounded, because the waits of other threads change while we look at them.
        for (int i = 0; next != null && i < 64; i++) {
            Thread owner = next.owner();
            if (owner == self) {
                return true;
            }
            next = owner == null ? null : WAITING.get(owner);
        }
        return false;
    }

    /** What the end of a flight does to its key. */
    @FunctionalInterface
    interface Landing {

        /** Does it. */
        void land(boolean booked);
    }

    /**
     * How a wait ended.
     * @param done whether the flight was waited for at all
     * @param entry its entry, null where it ended without one
     */
    record Waited(boolean done, @Nullable CacheEntry entry) {

        static final Waited NOT = new Waited(false, null);
    }
}
