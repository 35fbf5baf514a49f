package io.tinyllm.cache.remote;

import io.tinyllm.cache.core.port.RemoteTier.InvalidationListener;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.RemoteTier.Write;
import io.tinyllm.cache.remote.ReplicaStatus.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Decides which replicas of a cache answer, and gives one that was away what it has missed. A replica goes at once when
 * its backend does. It comes back when it is not behind any more and its backend has stayed for a while, which doubles
 * each time that this does not last. For a while longer what it lacks is looked up elsewhere and copied to it, since a
 * backend may have forgotten more than it has missed. Thread-safe.
 */
final class Failover {

    private static final Log log = LogFactory.getLog(Failover.class);
    private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);
    private static final int KEYS_AT_A_TIME = 64;
    private static final long LASTING_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long LONGEST_FILLING_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final String cacheName;
    private final List<Replica> replicas;
    private final ReplicationOptions options;
    private final KeyOrder order;
    private final ScheduledExecutorService timer;
    private final LongSupplier ticker;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile Replica serving;
    private volatile @Nullable InvalidationListener listener;

    Failover(
            String cacheName,
            List<? extends ReplicaTier> tiers,
            ReplicationOptions options,
            KeyOrder order,
            ScheduledExecutorService timer,
            LongSupplier ticker) {
        if (tiers.isEmpty()) {
            throw new IllegalArgumentException("There is no primary");
        }
        this.cacheName = cacheName;
        this.options = options;
        this.order = order;
        this.timer = timer;
        this.ticker = ticker;
        List<Replica> all = new ArrayList<>();
        for (ReplicaTier tier : tiers) {
            all.add(new Replica(tier, options.maximumMissed()));
        }
        this.replicas = List.copyOf(all);
        this.serving = replicas.get(0);
    }

    void start() {
        replicas.forEach(replica -> replica.tier.onStateChange(() -> {
            if (!replica.tier.isUsable()) {
                replica.gone = true;
            }
            settleSoon();
        }));
        settle();
    }

    List<Replica> replicas() {
        return replicas;
    }

    boolean isPrimary(Replica replica) {
        return replica == replicas.get(0);
    }

    List<ReplicaStatus> status() {
        return replicas.stream()
                .map(replica ->
                        new ReplicaStatus(replica.tier.backend(), state(replica), replica.lag(), replica.missed.size()))
                .toList();
    }

    private State state(Replica replica) {
        if (!replica.tier.isUsable()) {
            return State.DOWN;
        }
        if (!isPrimary(replica) && replica == serving) {
            return State.FAILED_OVER;
        }
        if (!isAtRest(replica)) {
            return State.CATCHING_UP;
        }
        return isPrimary(replica) ? State.PRIMARY : State.REPLICA;
    }

    private static boolean isAtRest(Replica replica) {
        return replica.isSettled() && !replica.isFilling() && replica.missed.isEmpty();
    }

    // ---------------------------------------------------------------------- who answers

    private void settleSoon() {
        schedule(0);
    }

    /** Looks at the replicas again where a write of one fails. */
    CompletableFuture<?> watch(CompletableFuture<?> sent) {
        return sent.whenComplete((done, failure) -> {
            if (failure != null) {
                settleLater();
            }
        });
    }

    private void settleLater() {
        if (!scheduled.get()) {
            schedule(options.pause().toNanos());
        }
    }

    private void schedule(long nanos) {
        boolean soon = nanos == 0;
        if (!soon && !scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            timer.schedule(
                    () -> {
                        if (!soon) {
                            scheduled.set(false);
                        }
                        settle();
                    },
                    nanos,
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closing.
        }
    }

    /** Looks at every replica, and again later where one is not at rest. */
    private void settle() {
        Replica before;
        Replica after;
        boolean restless;
        synchronized (this) {
            long now = ticker.getAsLong();
            replicas.forEach(replica -> settle(replica, now));
            before = serving;
            after = choose(before);
            serving = after;
            restless = replicas.stream().anyMatch(replica -> replica.tier.isUsable() && !isAtRest(replica));
        }
        if (before != after) {
            switched(after);
        }
        replicas.forEach(this::catchUp);
        if (restless) {
            settleLater();
        }
    }

    private void settle(Replica replica, long now) {
        boolean usable = replica.tier.isUsable();
        if (!usable || replica.gone) {
            replica.gone = false;
            if (!replica.away) {
                replica.away = true;
                boolean lasted = replica.isSettled() && now - replica.settledNanos > LASTING_NANOS;
                long next = lasted || replica.holdNanos == 0 ? options.hold().toNanos() : 2 * replica.holdNanos;
                replica.holdNanos = Math.min(next, options.longestHold().toNanos());
            }
            replica.settled(false, false);
        }
        if (!usable) {
            return;
        }
        if (replica.away) {
            replica.away = false;
            replica.upSinceNanos = now;
        }
        if (!replica.isSettled()) {
            boolean stayed = now - replica.upSinceNanos >= replica.holdNanos;
            if (stayed && !replica.tier.isCatchingUp() && replica.missed.isEmpty()) {
                replica.settledNanos = now;
                replica.fillUntilNanos = now + options.filling().toNanos();
                replica.settled(true, replica.everSettled);
                replica.everSettled = true;
            }
        } else if (replica.isFilling()
                && (now - replica.fillUntilNanos >= 0 || now - replica.settledNanos > LONGEST_FILLING_NANOS)) {
            replica.settled(true, false);
        }
    }

    private Replica choose(Replica before) {
        Replica primary = replicas.get(0);
        if (primary.answers() || !options.readFromReplicas()) {
            return primary;
        }
        return replicas.stream().filter(Replica::answers).findFirst().orElse(before);
    }

    private void switched(Replica now) {
        if (isPrimary(now)) {
            log.info("Cache '" + cacheName + "' is served by backend '" + now.tier.backend() + "' again");
        } else {
            log.warn("Cache '" + cacheName + "' is served by backend '" + now.tier.backend() + "' instead");
        }
        InvalidationListener current = listener;
        if (current != null) {
            current.invalidateAll();
        }
    }

    // ---------------------------------------------------------------------- catching up

    /** Gives a replica what it has missed, some keys at a time, for as long as that succeeds. */
    private void catchUp(Replica replica) {
        if (replica.missed.isEmpty()
                || !replica.tier.isUsable()
                || replica.tier.isCatchingUp()
                || !replica.catchingUp.compareAndSet(false, true)) {
            return;
        }
        List<Object> due = replica.missed.isLost() ? List.of() : replica.missed.due(KEYS_AT_A_TIME);
        CompletableFuture<?> progress = replica.missed.isLost()
                ? order.changeAll(replica::clear)
                : CompletableFuture.allOf(
                        due.stream().map(key -> catchUp(replica, key)).toArray(CompletableFuture<?>[]::new));
        progress.whenComplete((done, failure) -> {
            replica.catchingUp.set(false);
            if (failure == null && !due.isEmpty()) {
                settleSoon();
            } else {
                settleLater();
            }
        });
    }

    /** Gives a replica the newest value of a key, or removes the key where nobody has it. */
    private CompletableFuture<?> catchUp(Replica replica, Object key) {
        // Before the other is asked: what changes these from then on is newer than its answer.
        int epoch = order.epoch();
        // In order with changes: while a removal that this one has missed is being sent, others still have the value.
        long number = order.keepIf(key, () -> true, () -> replica.missed.due(key), 0L);
        BooleanSupplier unchanged = () -> number != 0 && replica.missed.due(key) == number && order.epoch() == epoch;
        Replica source = source(replica, key);
        if (source == null) {
            return order.keepIf(key, unchanged, () -> replica.remove(key), DONE);
        }
        return source.tier
                .get(key)
                .handle((entry, failure) -> {
                    boolean known = entry != null && source.isReadable(key);
                    Write write = known
                            ? replica.tier.prepareCopy(key, entry.value(), entry.remainingNanos())
                            : () -> replica.tier.remove(key);
                    return order.keepIf(key, unchanged, () -> replica.send(key, write), DONE);
                })
                .thenCompose(given -> given);
    }

    private @Nullable Replica source(Replica replica, Object key) {
        for (Replica other : replicas) {
            if (other != replica && other.tier.isUsable() && !other.tier.isCatchingUp() && other.isReadable(key)) {
                return other;
            }
        }
        return null;
    }

    /** Gives a replica that lacks a key what another has of it, unless the key has changed since. */
    void fill(Replica replica, Object key, RemoteEntry entry, long version) {
        if (!replica.isFilling()) {
            return;
        }
        Write write = replica.tier.prepareCopy(key, entry.value(), entry.remainingNanos());
        order.keepIf(
                key,
                () -> order.version(key) == version && replica.isReadable(key),
                () -> watch(replica.send(key, write)),
                DONE);
        replica.fillUntilNanos = ticker.getAsLong() + options.filling().toNanos();
    }

    // ---------------------------------------------------------------------------------------------- changes of others

    void onInvalidation(InvalidationListener listener) {
        this.listener = listener;
        replicas.forEach(replica -> replica.tier.onInvalidation(new Heard(replica, listener)));
    }

    /**
     * Passes on the changes that the serving replica tells of. What any of them tells makes values being copied void.
     */
    private final class Heard implements InvalidationListener {

        private final Replica replica;
        private final InvalidationListener listener;

        Heard(Replica replica, InvalidationListener listener) {
            this.replica = replica;
            this.listener = listener;
        }

        @Override
        public void invalidate(Object key) {
            order.change(key, () -> DONE);
            if (replica == serving) {
                listener.invalidate(key);
            }
        }

        @Override
        public Runnable doubt(Object key) {
            return replica == serving ? listener.doubt(key) : () -> {};
        }

        @Override
        public void invalidateAll() {
            order.changeAll(() -> DONE);
            if (replica == serving) {
                listener.invalidateAll();
            }
        }
    }
}
