package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.UnsupportedKeyException;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns at loading by leases in a remote store. A lease is short, and renewed for as long as the load may take: one
 * whose holder died holds the others up no longer than it lasts. Those who wait look again after a pause that grows up
 * to 50 ms. Where the store fails, everybody loads. Thread-safe.
 */
public final class RemoteLeases implements LoadLeases {

    /** How long a lease lasts unless it is renewed. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(3);

    private static final long SHORTEST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 50;

    private final GuardedRemoteTier tier;
    private final LeaseStore store;
    private final KeyCodec keys;
    private final BackendGuard guard;
    private final long leaseMillis;
    private final long patienceNanos;
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final LongSupplier ticker;

    /**
     * @param tier where loaded entries appear
     * @param store grants the leases
     * @param guard of the store's backend
     * @param keys encodes keys
     * @param lease how long a lease lasts
     * @param patience how long a load is waited for
     * @param timer looks again and renews; never blocked
     * @param executor runs what depends on a turn
     * @param ticker the monotonic time in nanoseconds
     */
    public RemoteLeases(
            GuardedRemoteTier tier,
            LeaseStore store,
            BackendGuard guard,
            KeyCodec keys,
            Duration lease,
            Duration patience,
            ScheduledExecutorService timer,
            Executor executor,
            LongSupplier ticker) {
        this.tier = tier;
        this.store = store;
        this.guard = guard;
        this.keys = keys;
        this.leaseMillis = lease.toMillis();
        this.patienceNanos = Math.min(TtlPolicy.saturatedNanos(patience), Long.MAX_VALUE / 2);
        this.timer = timer;
        this.executor = executor;
        this.ticker = ticker;
    }

    @Override
    public CompletableFuture<Lease> await(Object key) {
        byte[] id;
        try {
            id = keys.shortKey(key);
        } catch (UnsupportedKeyException e) {
            return CompletableFuture.completedFuture(Lease.FREE);
        }
        Wait wait = new Wait(key, id);
        wait.look();
        return wait.turn;
    }

    /** One caller who wants to load a key. */
    private final class Wait {

        private final Object key;
        private final byte[] id;
        private final byte[] token = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
        private final long deadlineNanos = ticker.getAsLong() + patienceNanos;
        private final CompletableFuture<Lease> turn = new CompletableFuture<>();
        private long pauseMillis = SHORTEST_PAUSE_MILLIS;

        Wait(Object key, byte[] id) {
            this.key = key;
            this.id = id;
        }

        /** Asks for the lease and, behind it, for what its last holder may have left. */
        void look() {
            if (!guard.isUsable() || ticker.getAsLong() - deadlineNanos > 0) {
                end(Lease.FREE);
                return;
            }
            CompletableFuture<Boolean> acquired = Timeouts.limit(
                    store.acquire(id, token, leaseMillis).copy(), timer, TimeUnit.MILLISECONDS.toNanos(leaseMillis));
            tier.get(key).whenComplete((found, failure) -> {
                if (failure != null) {
                    // Nobody waits longer for the lease than for the entry.
                    acquired.whenComplete((mine, refusal) -> store.release(id, token));
                    end(Lease.FREE);
                    return;
                }
                acquired.whenComplete((mine, refusal) -> {
                    if (refusal != null) {
                        store.release(id, token);
                        end(Lease.FREE);
                    } else if (found != null) {
                        end(found, mine);
                    } else if (mine) {
                        end(new Lease(null, new HeldLease()));
                    } else {
                        later();
                    }
                });
            });
        }

        private void end(RemoteEntry found, boolean mine) {
            if (mine) {
                store.release(id, token);
            }
            end(new Lease(found, Lease.FREE.release()));
        }

        private void end(Lease answer) {
            try {
                executor.execute(() -> turn.complete(answer));
            } catch (RejectedExecutionException e) {
                turn.complete(answer);
            }
        }

        private void later() {
            try {
                timer.schedule(this::look, pauseMillis, TimeUnit.MILLISECONDS);
                pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
            } catch (RejectedExecutionException e) {
                end(Lease.FREE);
            }
        }

        /** A lease that is held, until it is run. */
        private final class HeldLease implements Runnable {

            private final AtomicBoolean over = new AtomicBoolean();
            private final @Nullable Future<?> renewal = renewing();

            private @Nullable Future<?> renewing() {
                try {
                    long pause = Math.max(1, leaseMillis / 3);
                    return timer.scheduleAtFixedRate(this::renew, pause, pause, TimeUnit.MILLISECONDS);
                } catch (RejectedExecutionException e) {
                    return null;
                }
            }

            private void renew() {
                if (ticker.getAsLong() - deadlineNanos > 0) {
                    // Nobody waits for so long: whoever comes now loads anew.
                    stop();
                } else {
                    store.renew(id, token, leaseMillis);
                }
            }

            private void stop() {
                if (renewal != null) {
                    renewal.cancel(false);
                }
            }

            @Override
            public void run() {
                if (over.compareAndSet(false, true)) {
                    stop();
                    store.release(id, token);
                }
            }
        }
    }
}
