package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The remote tier of one cache on several backends: a primary, and replicas that take the same changes in the same
 * order for each key. Inside, the primary is a {@link Replica} as well. Reads go to the primary; where it fails or is
 * away to the replicas, one after the other; where it came back and lacks a key too, and then what a replica has is
 * copied to it. The caller waits for the primary alone or, while that is away, for the first replica. A replica whose
 * backend was away answers for no key that was changed meanwhile until it was given the newest value. Thread-safe.
 */
public final class ReplicatedRemoteTier implements RemoteTier {

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);

    private final KeyOrder order = new KeyOrder();
    private final List<Replica> replicas;
    private final Failover failover;
    private final List<Replica> readable;

    /**
     * Creates a tier whose replicas are empty or hold what they held before.
     * @param cacheName the cache
     * @param tiers the primary and, in the order of preference, the replicas
     * @param options how they are kept
     * @param timer runs what is not settled; nothing that it runs blocks
     * @param ticker the monotonic time in nanoseconds
     */
    public ReplicatedRemoteTier(
            String cacheName,
            List<? extends ReplicaTier> tiers,
            ReplicationOptions options,
            ScheduledExecutorService timer,
            LongSupplier ticker) {
        this.failover = new Failover(cacheName, tiers, options, order, timer, ticker);
        this.replicas = failover.replicas();
        this.readable = options.readFromReplicas() ? replicas : replicas.subList(0, 1);
        failover.start();
    }

    /** Returns the state of each replica, the primary first. */
    public List<ReplicaStatus> status() {
        return failover.status();
    }

    @Override
    public boolean isUsable() {
        return readable.stream().anyMatch(replica -> replica.tier.isUsable());
    }

    // ---------------------------------------------------------------------------------------------------------- read

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        Inquiry inquiry = new Inquiry(key);
        return inquiry.replicas.isEmpty() ? inquiry.nothing() : inquiry.ask(0);
    }

    /** One read, which asks one replica after the other. */
    private final class Inquiry {

        private final Object key;
        private final long version;
        private final List<Replica> replicas;
        private final List<Replica> lacking = new ArrayList<>(0);
        private @Nullable Throwable failure;

        Inquiry(Object key) {
            this.key = key;
            // Before any replica is asked: what is read may be older than what changes the version from now on.
            this.version = order.version(key);
            this.replicas = knowing(key);
        }

        CompletableFuture<@Nullable RemoteEntry> ask(int index) {
            Replica replica = replicas.get(index);
            return replica.tier
                    .get(key)
                    .handle((entry, thrown) -> answered(index, entry, thrown))
                    .thenCompose(Function.identity());
        }

        private CompletableFuture<@Nullable RemoteEntry> answered(
                int index, @Nullable RemoteEntry entry, @Nullable Throwable thrown) {
            Replica replica = replicas.get(index);
            if (entry != null) {
                lacking.forEach(other -> failover.fill(other, key, entry, version));
                return CompletableFuture.completedFuture(
                        failover.isPrimary(replica)
                                ? entry
                                : new RemoteEntry(entry.value(), entry.remainingNanos(), Outcome.REPLICA_HIT));
            }
            if (thrown == null) {
                lacking.add(replica);
                if (replica.isSettled() && !replica.isFilling()) {
                    return MISS;
                }
            } else if (failure == null) {
                failure = thrown;
            }
            return index + 1 < replicas.size() ? ask(index + 1) : nothing();
        }

        CompletableFuture<@Nullable RemoteEntry> nothing() {
            if (!lacking.isEmpty()) {
                return MISS;
            }
            if (failure == null && readable.stream().anyMatch(replica -> replica.tier.isUsable())) {
                return MISS;
            }
            return CompletableFuture.failedFuture(
                    failure == null
                            ? new RemoteFailure(Reason.DISCONNECTED, "No backend of the cache is there")
                            : RemoteFailure.of(failure));
        }
    }

    /** The replicas to ask for a key: those that answer and, after them, those that are not trusted to stay yet. */
    private List<Replica> knowing(Object key) {
        List<Replica> known = new ArrayList<>(replicas.size());
        for (Replica replica : readable) {
            if (replica.answers() && replica.isReadable(key)) {
                known.add(replica);
            }
        }
        for (Replica replica : readable) {
            if (!replica.isSettled() && replica.tier.isUsable() && replica.isReadable(key)) {
                known.add(replica);
            }
        }
        return known;
    }

    // --------------------------------------------------------------------------------------------------------- write

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        List<Write> writes = new ArrayList<>(replicas.size());
        for (Replica replica : replicas) {
            writes.add(replica.prepare(key, value, ttlNanos));
        }
        return () -> order.change(key, () -> sendToAll(i -> replicas.get(i).send(key, writes.get(i))));
    }

    @Override
    public Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        List<Write> writes = new ArrayList<>(replicas.size());
        for (Replica replica : replicas) {
            writes.add(replica.prepareLoaded(key, value, ttlNanos));
        }
        return new Write() {
            @Override
            public CompletableFuture<?> send() {
                return order.change(key, () -> sendToAll(i -> replicas.get(i).sendLoaded(key, writes.get(i))));
            }

            @Override
            public CompletableFuture<?> sendIfAbsent() {
                return order.change(key, () -> offer(key, writes));
            }
        };
    }

    /** Offers a value to the replica that is asked first: another that lacks the key might take what that refuses. */
    private CompletableFuture<?> offer(Object key, List<Write> writes) {
        List<Replica> known = knowing(key);
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Replica first = known.get(0);
        return failover.watch(first.offer(writes.get(replicas.indexOf(first))));
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        return order.change(key, () -> sendToAll(i -> replicas.get(i).remove(key)));
    }

    @Override
    public CompletableFuture<?> removeLoaded(Object key) {
        return order.change(
                key,
                () -> sendToAll(i -> {
                    Replica replica = replicas.get(i);
                    return replica.sendLoaded(key, () -> replica.tier.removeLoaded(key));
                }));
    }

    @Override
    public void heldHere(Object key) {
        replicas.forEach(replica -> replica.tier.heldHere(key));
    }

    @Override
    public CompletableFuture<?> clear() {
        return order.changeAll(() -> sendToAll(i -> replicas.get(i).clear()));
    }

    /** Sends a change to each replica; the caller waits for the first whose backend is there. */
    private CompletableFuture<?> sendToAll(IntFunction<CompletableFuture<?>> sending) {
        CompletableFuture<?> awaited = null;
        CompletableFuture<?> first = null;
        for (int i = 0; i < replicas.size(); i++) {
            boolean usable = replicas.get(i).tier.isUsable();
            CompletableFuture<?> sent = failover.watch(sending.apply(i));
            first = first == null ? sent : first;
            awaited = awaited == null && usable ? sent : awaited;
        }
        return awaited != null ? awaited : Objects.requireNonNull(first);
    }

    // ---------------------------------------------------------------------------------------------- changes of others

    @Override
    public void onInvalidation(InvalidationListener listener) {
        failover.onInvalidation(listener);
    }
}
