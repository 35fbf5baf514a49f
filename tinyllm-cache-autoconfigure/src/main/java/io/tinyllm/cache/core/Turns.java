package io.tinyllm.cache.core;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.LoadGate.Kind;
import io.tinyllm.cache.core.port.LoadGate.Pass;
import io.tinyllm.cache.core.port.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Leads the loads of one cache through its {@link LoadGate}: each begins here before it first runs, is entered by every
 * thread that runs a part of it, and ends with its flight. Thread-safe.
 */
final class Turns {

    private final LoadGate gate;
    private final Background background;
    private final String cacheName;
    private final long timeoutNanos;

    Turns(LoadGate gate, Background background, String cacheName, long timeoutNanos) {
        this.gate = gate;
        this.background = background;
        this.cacheName = cacheName;
        this.timeoutNanos = timeoutNanos;
    }

    /** Returns on whose behalf a load would run that the calling thread asks for. */
    Kind kind() {
        return RunningLoads.includeAnyOf(this) ? Kind.NESTED : Kind.CALLER;
    }

    /**
     * Waits until a load may run.
     * @return whether that took its time
     * @throws LoadTimeoutException if it takes longer than load-timeout, or the thread is interrupted meanwhile
     */
    boolean await(Flight flight) {
        CompletableFuture<?> turn = begin(flight);
        if (turn == null) {
            return false;
        }
        try {
            turn.get(timeoutNanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadTimeoutException(
                    "Interrupted while it waited for its turn to load in cache '" + cacheName + "'");
        } catch (TimeoutException | ExecutionException e) {
            throw timeout();
        } finally {
            flight.setInTurn(true);
        }
    }

    /**
     * As {@link #await}, without blocking.
     * @return null if the load may run now; else ends when it may, on a thread for background work, or fails as that
     *     throws
     */
    @Nullable
    CompletableFuture<?> awaitAsync(Flight flight) {
        CompletableFuture<?> turn = begin(flight);
        if (turn == null) {
            return null;
        }
        CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
        background
                .limit(turn.copy(), timeoutNanos)
                .whenComplete((ready, tooLate) -> background.supply(() -> {
                    flight.setInTurn(true);
                    return tooLate == null ? answer.complete(null) : answer.completeExceptionally(timeout());
                }));
        return answer;
    }

    /** Begins a load that has not begun; returns null if it may run at once. */
    private @Nullable CompletableFuture<?> begin(Flight flight) {
        if (!gate.exists() || flight.pass() != null) {
            return null;
        }
        Pass pass = gate.begin(flight.kind());
        flight.setPass(pass);
        CompletableFuture<?> turn = pass.turn();
        if (turn.isDone() && !turn.isCompletedExceptionally()) {
            return null;
        }
        flight.setInTurn(false);
        return turn;
    }

    /** Says that the calling thread runs a load, or a part of it, until the scope is closed. */
    Scope enter(Flight flight) {
        Thread before = flight.owner();
        flight.setOwner(Thread.currentThread());
        Scope inside = RunningLoads.enter(this, flight);
        Pass pass = flight.pass();
        Scope passed = pass == null ? Scope.NONE : pass.enter();
        return () -> {
            passed.close();
            inside.close();
            leave(flight, before);
        };
    }

    /** Returns whether the calling thread is inside of a load of a key that no caller waits for. */
    boolean isInsideBackground(Object key) {
        return RunningLoads.includeBackground(this, key);
    }

    private static void leave(Flight flight, @Nullable Thread before) {
        flight.setOwner(flight.isDone() ? null : before);
    }

    /** Says that an expired entry is served in place of a load that has begun. */
    static void standIn(Flight flight) {
        Pass pass = flight.pass();
        if (pass != null) {
            pass.standIn();
        }
    }

    /** Ends the load of a flight that has ended. */
    static void end(Flight flight, @Nullable Throwable failure) {
        Pass pass = flight.pass();
        if (pass != null) {
            pass.end(failure);
        }
    }

    private LoadTimeoutException timeout() {
        return new LoadTimeoutException(
                "Waited longer than load-timeout (" + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
                        + " ms) for its turn to load in cache '" + cacheName + "'");
    }
}
