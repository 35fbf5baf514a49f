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
 * Which copies of a replicated cache answer, and how one that was away gets what it has missed. A copy goes at once when its
 * backend does. It comes back when it is not behind any more and its backend has stayed for a while, which doubles each
 * time that this does not last. For a while longer what it lacks is looked up elsewhere and copied to it, since a backend
 * may have forgotten more than it has missed. Thread-safe.
 */
final class Failover {

    private static final Log log = LogFactory.getLog(Failover.class);
    private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);
    private static final int COPIES_AT_A_TIME = 64;
    private static final long LASTING_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long LONGEST_FILLING_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final String cacheName;
    private final List<Copy> copies;
    private final ReplicationOptions options;
    private final KeyOrder order;
    private final ScheduledExecutorService timer;
    private final LongSupplier ticker;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile Copy serving;
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
        List<Copy> all = new ArrayList<>();
        for (ReplicaTier tier : tiers) {
            all.add(new Copy(tier, options.maximumMissed(), this::settleLater));
        }
        this.copies = List.copyOf(all);
        this.serving = copies.get(0);
    }

    void start() {
        copies.forEach(copy -> copy.tier.onStateChange(() -> {
            if (!copy.tier.isUsable()) {
                copy.gone = true;
            }
            settleSoon();
        }));
        settle();
    }

    List<Copy> copies() {
        return copies;
    }

    boolean isPrimary(Copy copy) {
        return copy == copies.get(0);
    }

    List<ReplicaStatus> status() {
        return copies.stream()
                .map(copy -> new ReplicaStatus(copy.tier.backend(), state(copy), copy.lag(), copy.missed.size()))
                .toList();
    }

    private State state(Copy copy) {
        if (!copy.tier.isUsable()) {
            return State.DOWN;
        }
        if (!isPrimary(copy) && copy == serving) {
            return State.FAILED_OVER;
        }
        if (!isAtRest(copy)) {
            return State.CATCHING_UP;
        }
        return isPrimary(copy) ? State.PRIMARY : State.REPLICA;
    }

    private static boolean isAtRest(Copy copy) {
        return copy.isSettled() && !copy.isFilling() && copy.missed.isEmpty();
    }

    // ---------------------------------------------------------------------- who answers

    private void settleSoon() {
        schedule(0);
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

    /** Looks at every copy, and again later where one is not at rest. */
    private void settle() {
        Copy before;
        Copy after;
        boolean restless;
        synchronized (this) {
            long now = ticker.getAsLong();
            copies.forEach(copy -> settle(copy, now));
            before = serving;
            after = choose(before);
            serving = after;
            restless = copies.stream().anyMatch(copy -> copy.tier.isUsable() && !isAtRest(copy));
        }
        if (before != after) {
            switched(after);
        }
        copies.forEach(this::catchUp);
        if (restless) {
            settleLater();
        }
    }

    private void settle(Copy copy, long now) {
        boolean usable = copy.tier.isUsable();
        if (!usable || copy.gone) {
            copy.gone = false;
            if (!copy.away) {
                copy.away = true;
                boolean lasted = copy.isSettled() && now - copy.settledNanos > LASTING_NANOS;
                long next = lasted || copy.holdNanos == 0 ? options.hold().toNanos() : 2 * copy.holdNanos;
                copy.holdNanos = Math.min(next, options.longestHold().toNanos());
            }
            copy.settled(false, false);
        }
        if (!usable) {
            return;
        }
        if (copy.away) {
            copy.away = false;
            copy.upSinceNanos = now;
        }
        if (!copy.isSettled()) {
            boolean stayed = now - copy.upSinceNanos >= copy.holdNanos;
            if (stayed && !copy.tier.isCatchingUp() && copy.missed.isEmpty()) {
                copy.settledNanos = now;
                copy.fillUntilNanos = now + options.filling().toNanos();
                copy.settled(true, copy.everSettled);
                copy.everSettled = true;
            }
        } else if (copy.isFilling()
                && (now - copy.fillUntilNanos >= 0 || now - copy.settledNanos > LONGEST_FILLING_NANOS)) {
            copy.settled(true, false);
        }
    }

    private Copy choose(Copy before) {
        Copy primary = copies.get(0);
        if (primary.answers() || !options.readFromReplicas()) {
            return primary;
        }
        return copies.stream().filter(Copy::answers).findFirst().orElse(before);
    }

    private void switched(Copy now) {
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

    /** Gives a copy what it has missed, some keys at a time, for as long as that succeeds. */
    private void catchUp(Copy copy) {
        if (copy.missed.isEmpty()
                || !copy.tier.isUsable()
                || copy.tier.isCatchingUp()
                || !copy.catchingUp.compareAndSet(false, true)) {
            return;
        }
        List<Object> due = copy.missed.isLost() ? List.of() : copy.missed.due(COPIES_AT_A_TIME);
        CompletableFuture<?> progress = copy.missed.isLost()
                ? order.changeAll(copy::clear)
                : CompletableFuture.allOf(
                        due.stream().map(key -> catchUp(copy, key)).toArray(CompletableFuture<?>[]::new));
        progress.whenComplete((done, failure) -> {
            copy.catchingUp.set(false);
            if (failure == null && !due.isEmpty()) {
                settleSoon();
            } else {
                settleLater();
            }
        });
    }

    /** Gives a copy the newest value of a key, or removes the key where nobody has it. */
    private CompletableFuture<?> catchUp(Copy copy, Object key) {
        // Before the other is asked: what changes these from then on is newer than its answer.
        int epoch = order.epoch();
        long number = copy.missed.due(key);
        BooleanSupplier unchanged = () -> number != 0 && copy.missed.due(key) == number && order.epoch() == epoch;
        Copy source = source(copy, key);
        if (source == null) {
            return order.keepIf(key, unchanged, () -> copy.remove(key), DONE);
        }
        return source.tier
                .get(key)
                .handle((entry, failure) -> {
                    boolean known = entry != null && source.isReadable(key);
                    Write write = known
                            ? copy.tier.prepareCopy(key, entry.value(), entry.remainingNanos())
                            : () -> copy.tier.remove(key);
                    return order.keepIf(key, unchanged, () -> copy.send(key, write), DONE);
                })
                .thenCompose(given -> given);
    }

    private @Nullable Copy source(Copy copy, Object key) {
        for (Copy other : copies) {
            if (other != copy && other.tier.isUsable() && !other.tier.isCatchingUp() && other.isReadable(key)) {
                return other;
            }
        }
        return null;
    }

    /** Gives a copy that lacks a key what another has of it, unless the key has changed since. */
    void fill(Copy copy, Object key, RemoteEntry entry, long version) {
        if (!copy.isFilling()) {
            return;
        }
        Write write = copy.tier.prepareCopy(key, entry.value(), entry.remainingNanos());
        order.keepIf(
                key, () -> order.version(key) == version && copy.isReadable(key), () -> copy.send(key, write), DONE);
        copy.fillUntilNanos = ticker.getAsLong() + options.filling().toNanos();
    }

    // ---------------------------------------------------------------------------------------------- changes of others

    void onInvalidation(InvalidationListener listener) {
        this.listener = listener;
        copies.forEach(copy -> copy.tier.onInvalidation(new Heard(copy, listener)));
    }

    /** Passes on what the copy that answers tells. What any of them tells makes copies under way void. */
    private final class Heard implements InvalidationListener {

        private final Copy copy;
        private final InvalidationListener listener;

        Heard(Copy copy, InvalidationListener listener) {
            this.copy = copy;
            this.listener = listener;
        }

        @Override
        public void invalidate(Object key) {
            order.change(key, () -> DONE);
            if (copy == serving) {
                listener.invalidate(key);
            }
        }

        @Override
        public void expire(Object key) {
            if (copy == serving) {
                listener.expire(key);
            }
        }

        @Override
        public void invalidateAll() {
            order.changeAll(() -> DONE);
            if (copy == serving) {
                listener.invalidateAll();
            }
        }
    }
}
