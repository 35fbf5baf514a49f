package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.LoadLeases.Lease;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.TaggedValue;
import io.tinyllm.cache.core.port.WritePolicy;
import io.tinyllm.cache.core.port.WritePolicy.Pending;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The tiers below the local one, top to bottom: writes that the store has not yet seen, the remote tier, the store.
 * Thread-safe. A fault is counted and reads as a miss.
 */
final class LowerTiers {

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);

    /** Stands for an entry that could not be asked for. */
    private static final RemoteEntry FAILED = new RemoteEntry(null, 0, Outcome.MISS);

    /** Stands for a lease that was not waited for. */
    private static final Lease NO_LEASE = new Lease(null, () -> {});

    private final RemoteTier remote;
    private final LoadLeases leases;
    private final boolean hasLeases;
    private final WritePolicy writes;
    private final Turns turns;
    private final Background background;
    private final CacheCounters counters;
    private final TagPolicy tags;
    private final DirtyTags dirty;
    private final boolean hasRemote;
    private final boolean hasStore;

    LowerTiers(
            RemoteTier remote,
            LoadLeases leases,
            WritePolicy writes,
            Turns turns,
            Background background,
            CacheCounters counters,
            TagPolicy tags,
            DirtyTags dirty) {
        this.remote = remote;
        this.leases = leases;
        this.hasLeases = leases.exists();
        this.writes = writes;
        this.turns = turns;
        this.background = background;
        this.counters = counters;
        this.tags = tags;
        this.dirty = dirty;
        this.hasRemote = remote.exists();
        this.hasStore = writes.exists();
    }

    /** Returns whether there is anything below the local tier. */
    boolean exist() {
        return hasRemote || hasStore;
    }

    /** The entry that they have for a caller that will not load the key, or null. Blocks. */
    @Nullable
    RemoteEntry peek(Flight flight) {
        Object key = flight.key();
        Pending pending = pending(key);
        if (pending != null) {
            return answer(pending.value());
        }
        RemoteEntry found = known(hasRemote ? fromRemote(key) : null);
        return found != null || !hasStore ? found : fromStoreInTurn(flight);
    }

    /** The entry that they have for a flight, whose turn it is to load where they have none. Blocks. */
    @Nullable
    RemoteEntry find(Flight flight) {
        Object key = flight.key();
        Pending pending = pending(key);
        if (pending != null) {
            return answer(pending.value());
        }
        RemoteEntry found = hasRemote ? fromRemote(key) : null;
        // Null is a miss. FAILED says that the tier could not be asked, and then no lease is waited for either.
        if (found == null && waitsForOthers(flight)) {
            found = leased(flight, lease(key));
        }
        found = known(found);
        return found != null || !hasStore ? found : fromStoreInTurn(flight);
    }

    /** Returns whether a flight waits for what other JVMs load. */
    private boolean waitsForOthers(Flight flight) {
        return hasLeases && !flight.isPrivate() && !flight.isImpatient();
    }

    /**
     * The value that the store has, or is to get, of a key that is loaded anew, or null: that must not be replaced.
     * Blocks.
     */
    @Nullable
    RemoteEntry ofStore(Flight flight) {
        if (!hasStore) {
            return null;
        }
        Pending pending = pending(flight.key());
        return pending != null ? answer(pending.value()) : fromStore(flight);
    }

    /** As {@link #peek}, without blocking the caller. */
    CompletableFuture<@Nullable RemoteEntry> peekAsync(Flight flight) {
        Object key = flight.key();
        Pending pending = pending(key);
        return pending != null
                ? CompletableFuture.completedFuture(answer(pending.value()))
                : orStore(flight, remoteOf(key).thenApply(LowerTiers::known));
    }

    /** As {@link #find}, without blocking the caller. */
    CompletableFuture<@Nullable RemoteEntry> findAsync(Flight flight) {
        Object key = flight.key();
        Pending pending = pending(key);
        if (pending != null) {
            return CompletableFuture.completedFuture(answer(pending.value()));
        }
        CompletableFuture<@Nullable RemoteEntry> found = remoteOf(key);
        if (waitsForOthers(flight)) {
            found = found.thenCompose(entry -> entry != null
                    ? CompletableFuture.completedFuture(entry)
                    : leases.await(key).thenApply(lease -> leased(flight, lease)));
        }
        return orStore(flight, found.thenApply(LowerTiers::known));
    }

    private @Nullable Pending pending(Object key) {
        return !hasStore || dirty.hides(key) ? null : writes.pending(key);
    }

    private CompletableFuture<@Nullable RemoteEntry> remoteOf(Object key) {
        return hasRemote
                ? remote.get(key).thenApply(this::unlessEvicted).exceptionally(failure -> {
                    counters.error();
                    return FAILED;
                })
                : MISS;
    }

    private CompletableFuture<@Nullable RemoteEntry> orStore(
            Flight flight, CompletableFuture<@Nullable RemoteEntry> found) {
        return hasStore
                ? found.thenCompose(
                        entry -> entry != null ? CompletableFuture.completedFuture(entry) : fromStoreAsync(flight))
                : found;
    }

    private CompletableFuture<@Nullable RemoteEntry> fromStoreAsync(Flight flight) {
        CompletableFuture<?> turn = turns.awaitAsync(flight);
        return turn == null ? background.supply(() -> fromStore(flight)) : turn.thenApply(ready -> fromStore(flight));
    }

    private @Nullable RemoteEntry fromStoreInTurn(Flight flight) {
        turns.await(flight);
        return fromStore(flight);
    }

    /** Waits for the lease of a key. One that comes after the waiter has gone is given back. */
    private Lease lease(Object key) {
        CompletableFuture<Lease> coming = leases.await(key);
        Lease lease = await(coming, NO_LEASE);
        if (lease != NO_LEASE) {
            return lease;
        }
        coming.thenAccept(late -> late.release().run());
        return Lease.FREE;
    }

    /** The entry that another JVM has loaded meanwhile; else the flight has the lease until it ends. */
    private @Nullable RemoteEntry leased(Flight flight, Lease lease) {
        RemoteEntry found = unlessEvicted(lease.found());
        if (found == null) {
            flight.result().whenComplete((entry, failure) -> lease.release().run());
        }
        return found;
    }

    private @Nullable RemoteEntry fromRemote(Object key) {
        return unlessEvicted(await(remote.get(key), FAILED));
    }

    private @Nullable RemoteEntry unlessEvicted(@Nullable RemoteEntry found) {
        return found != null && found.value() instanceof TaggedValue tagged && tags.isEvictedFromShared(tagged.tags())
                ? null
                : found;
    }

    private static @Nullable RemoteEntry known(@Nullable RemoteEntry found) {
        return found == FAILED ? null : found;
    }

    private <T extends @Nullable Object> T await(CompletableFuture<T> future, T otherwise) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            counters.error();
        }
        return otherwise;
    }

    private @Nullable RemoteEntry fromStore(Flight flight) {
        try (Scope scope = turns.enter(flight)) {
            RemoteEntry row = answer(writes.load(flight.key()));
            // What is older than a write that is under way answers, and is held by nobody.
            return row != null && dirty.hides(flight.key()) ? new RemoteEntry(row.value(), 0, row.source()) : row;
        } catch (Throwable e) {
            flight.markStoreUnknown();
            counters.error();
            Failures.keepInterrupt(e);
            return null;
        }
    }

    private static @Nullable RemoteEntry answer(@Nullable Object value) {
        return value == null ? null : new RemoteEntry(value, CacheEntry.NEVER, Outcome.STORE_HIT);
    }
}
