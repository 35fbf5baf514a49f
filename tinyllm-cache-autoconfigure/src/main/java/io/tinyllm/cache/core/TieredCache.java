package io.tinyllm.cache.core;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.SingleFlight.Waited;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One cache: the walk of a get and a put over its tiers, top to bottom in this file. Thread-safe.
 *
 * <p>Keys are never null, values may be. Per key, a read that begins after a put, an evict or a clear has returned never
 * sees an older value: each of them, and the storing of what a load brought, runs atomically for the key in the books of
 * the {@linkplain SingleFlight flights}, and a load that something newer overtook stores nothing.
 *
 * <p>What a caller may see thrown: the exception of its load, {@link LoadTimeoutException}, and
 * {@link IllegalStateException} for a load that asks for its own key. Faults of tiers are counted, and read as misses.
 */
public final class TieredCache {

    private static final KeyLocks NO_LOCKS = new KeyLocks();

    /** A start that nobody wants to know. */
    private static final long UNTIMED = Long.MIN_VALUE;

    private final String name;
    private final LongSupplier ticker;

    /** A time that is cheap to read and not behind the ticker: what is due by it may not be due yet. */
    private final LongSupplier ahead;

    private final CacheEntry.Factory entries;
    private final MemoryTier memory;
    private final RemoteTier remote;
    private final WritePolicy writes;
    private final boolean hasStore;
    private final KeyLocks writeLocks;
    private final LowerTiers lower;
    private final NegativeCache negative;
    private final BypassPolicy bypass;
    private final TtlPolicy ttl;
    private final AccessRecorder recorder;
    private final boolean watched;
    private final Staleness staleness;
    private final Background background;
    private final SingleFlight flights;
    private final long loadTimeoutNanos;
    private final Invocations invocations;
    private final CacheCounters counters;
    private final Tracing tracing;
    private final Changes changes = new Changes();

    TieredCache(TieredCacheBuilder builder) {
        this.name = builder.name;
        this.tracing = builder.tracing;
        this.remote = tracing == Tracing.none() || builder.remote == RemoteTier.none()
                ? builder.remote
                : new TracedRemoteTier(builder.remote, tracing, name);
        this.ticker = builder.ticker;
        this.ahead = Objects.requireNonNullElse(builder.ahead, builder.ticker);
        this.entries = builder.entries;
        this.memory = builder.memory;
        this.writes = builder.writes;
        this.hasStore = writes != WritePolicy.none();
        this.writeLocks = hasStore ? new KeyLocks() : NO_LOCKS;
        this.negative = builder.negative;
        this.bypass = builder.bypass;
        this.ttl = builder.ttl;
        this.recorder = builder.recorder;
        this.watched = recorder != AccessRecorder.none();
        this.counters = builder.counters;
        this.staleness = builder.staleness;
        this.background = builder.background;
        this.invocations = builder.invocations;
        this.lower = new LowerTiers(remote, builder.leases, writes, background, counters);
        this.loadTimeoutNanos = builder.loadTimeoutNanos;
        this.flights = new SingleFlight(name, builder.singleFlight, loadTimeoutNanos);
        builder.remote.onInvalidation(new Invalidations());
    }

    /**
     * Starts to build a cache that has a name and no tier yet.
     * @param name its name
     */
    public static TieredCacheBuilder named(String name) {
        return new TieredCacheBuilder(name);
    }

    // ---------------------------------------------------------------------------------------------------------- get

    /**
     * Looks a key up in every tier, without loading.
     * @param key the key
     * @return its entry, or null
     * @throws LoadFailedException if the key is known to fail
     */
    public @Nullable CacheEntry get(Object key) {
        if (bypass.bypassesRead(key)) {
            return bypassed(key);
        }
        CacheEntry entry = fromMemory(key, null);
        if (entry != null) {
            return entry;
        }
        entry = fromNegative(key);
        if (entry != null) {
            return entry;
        }
        if (!lower.exist()) {
            count(key, Outcome.MISS, UNTIMED);
            return null;
        }
        Flight flight = newFlight(key, true);
        entry = lookup(flight);
        count(flight, entry == null ? Outcome.MISS : flight.answer());
        return entry;
    }

    /**
     * As {@link #get(Object)}, without blocking.
     * @param key the key
     * @return null if no tier in this JVM has the key and none outside is to be asked; else the entry to come, null in it
     *     if no tier has the key
     * @throws LoadFailedException if the key is known to fail
     */
    public @Nullable CompletableFuture<@Nullable CacheEntry> lookupAsync(Object key) {
        if (bypass.bypassesRead(key)) {
            bypassed(key);
            return null;
        }
        CacheEntry entry = fromMemory(key, null);
        if (entry == null) {
            entry = fromNegative(key);
        }
        if (entry != null) {
            return CompletableFuture.completedFuture(entry);
        }
        if (!lower.exist()) {
            count(key, Outcome.MISS, UNTIMED);
            return null;
        }
        Flight flight = newFlight(key, true);
        flight.releaseThread();
        flights.enterAlone(flight);
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        lower.peekAsync(key).whenComplete((found, failure) -> {
            CacheEntry promoted = promote(flight, found);
            if (promoted == null) {
                flight.abandon();
            }
            count(flight, promoted == null ? Outcome.MISS : flight.answer());
            answer.complete(promoted);
        });
        return answer;
    }

    /**
     * Looks a key up and, where no tier has it, makes the caller lead its load or waits for whoever does.
     * @param key the key
     * @param leader told if the caller has to load
     * @return the entry; null if the caller has to load, in a flight where it was told so, else without storing
     * @throws LoadFailedException if the load of another caller failed, or the key is known to fail
     * @throws LoadTimeoutException if the load of another caller takes too long
     */
    public @Nullable CacheEntry getOrLead(Object key, Leader leader) {
        if (bypass.bypassesRead(key)) {
            return bypassed(key);
        }
        CacheEntry entry = fromMemory(key, leader);
        if (entry != null) {
            return entry;
        }
        entry = fromNegative(key);
        return entry != null ? entry : join(key, leader);
    }

    /**
     * As {@link #getOrLead}, without blocking.
     * @param key the key
     * @param leader told if the caller has to load; later, on another thread, where a tier takes its time
     * @return null if the caller has to load now; else the entry to come, null in it if the caller has to load then
     */
    public @Nullable CompletableFuture<@Nullable CacheEntry> getOrLeadAsync(Object key, Leader leader) {
        if (bypass.bypassesRead(key)) {
            bypassed(key);
            return null;
        }
        CacheEntry entry = fromMemory(key, leader);
        if (entry != null) {
            return CompletableFuture.completedFuture(entry);
        }
        try {
            entry = fromNegative(key);
        } catch (LoadFailedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return entry != null ? CompletableFuture.completedFuture(entry) : joinAsync(key, leader);
    }

    /**
     * Looks a key up and loads it where no tier has it, on the calling thread.
     * @param key the key
     * @param loader the load
     * @return the value, may be null
     * @throws LoadFailedException if the load failed, this caller's too, or the key is known to fail
     * @throws LoadTimeoutException if the load of another caller takes too long
     */
    public @Nullable Object get(Object key, Callable<? extends @Nullable Object> loader) {
        Lead lead = new Lead(flight -> load(flight, loader));
        CacheEntry entry = getOrLead(key, lead);
        if (entry != null) {
            return entry.value();
        }
        return load(lead.flight, loader);
    }

    private @Nullable Object load(@Nullable Flight flight, Callable<? extends @Nullable Object> loader) {
        try {
            Object value = tracing.load(name, loader);
            return flight == null ? value : flight.publish(value).value();
        } catch (Throwable failure) {
            CacheEntry stale = flight == null ? null : flight.fail(failure);
            if (stale != null) {
                return stale.value();
            }
            throw new LoadFailedException(failure);
        }
    }

    /**
     * As {@link #get(Object, Callable)}, without blocking.
     * @param key the key
     * @param loader the load; called at most once, on the calling thread unless a tier takes its time
     * @return the value to come; fails with {@link LoadFailedException} or {@link LoadTimeoutException}
     */
    public CompletableFuture<@Nullable Object> getAsync(
            Object key, Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        Lead lead = new Lead(flight -> loadAsync(flight, loader));
        CompletableFuture<@Nullable CacheEntry> found = getOrLeadAsync(key, lead);
        if (found == null) {
            return loadAsync(lead.flight, loader);
        }
        // A promise of its own: a caller that cancels it must not leave a flight that nobody ends.
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        found.whenComplete((entry, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(Failures.unwrap(failure));
            } else if (entry != null) {
                answer.complete(entry.value());
            } else if (answer.isDone()) {
                lead.abandon();
            } else {
                loadAsync(lead.flight, loader).whenComplete((value, loadFailure) -> {
                    if (loadFailure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(Failures.unwrap(loadFailure));
                    }
                });
            }
        });
        return answer;
    }

    private CompletableFuture<@Nullable Object> loadAsync(
            @Nullable Flight flight, Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        CompletableFuture<? extends @Nullable Object> loading;
        if (flight != null) {
            flight.takeThread();
        }
        try {
            loading = Objects.requireNonNull(
                    tracing.trace(Tracing.LOAD, name, loader::get), "The loader returned no future");
        } catch (Throwable failure) {
            loading = CompletableFuture.failedFuture(failure);
        } finally {
            if (flight != null) {
                flight.releaseThread();
            }
        }
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        loading.whenComplete((value, failure) -> {
            if (failure == null) {
                try {
                    answer.complete(
                            flight == null ? value : flight.publish(value).value());
                } catch (RuntimeException refusedByStore) {
                    answer.completeExceptionally(new LoadFailedException(refusedByStore));
                }
                return;
            }
            Throwable cause = Failures.unwrap(failure);
            CacheEntry stale = flight == null ? null : flight.fail(cause);
            if (stale != null) {
                answer.complete(stale.value());
            } else {
                answer.completeExceptionally(new LoadFailedException(cause));
            }
        });
        return answer;
    }

    /** The entry of the local tier, if it may be served. The path of a hit: no lock, no allocation, no system clock. */
    private @Nullable CacheEntry fromMemory(Object key, @Nullable Leader leader) {
        long started = recorder.samplesHit() ? ticker.getAsLong() : UNTIMED;
        CacheEntry entry = memory.get(key);
        if (entry == null) {
            return null;
        }
        long now = ahead.getAsLong();
        if (now - entry.createdNanos() >= entry.lookNanos()) {
            Outcome outcome = outcomeOfAge(key, entry, leader);
            if (outcome != Outcome.MEMORY_HIT) {
                return outcome == Outcome.STALE_HIT ? counted(entry, key, outcome, started) : null;
            }
        }
        counters.memoryHits.increment();
        entry.used(now);
        recorder.record(key, Outcome.MEMORY_HIT, since(started));
        return entry;
    }

    /** Whether an entry is served fresh, served stale or, as a miss, not served; starts its refresh when that is due. */
    private Outcome outcomeOfAge(Object key, CacheEntry entry, @Nullable Leader leader) {
        long age = ticker.getAsLong() - entry.createdNanos();
        boolean fresh = age < entry.ttlNanos();
        boolean servable = fresh || age - entry.ttlNanos() < staleness.whileRevalidateNanos();
        if (!servable) {
            return Outcome.MISS;
        }
        boolean refreshing = age < entry.softNanos() || refresh(key, entry, leader);
        return fresh ? Outcome.MEMORY_HIT : refreshing ? Outcome.STALE_HIT : Outcome.MISS;
    }

    /** Starts the background load of a key, unless one is in progress. Whether one is. */
    private boolean refresh(Object key, CacheEntry entry, @Nullable Leader leader) {
        if (flights.contains(key)) {
            return true;
        }
        Leader.Reload reload = background.reload(leader);
        if (reload == null) {
            return false;
        }
        Flight flight = newFlight(key, true);
        flight.releaseThread();
        flight.markLed();
        if (!flights.enterAlone(flight)) {
            return true;
        }
        if (memory.peek(key) != entry) {
            flight.abandon();
            return true;
        }
        boolean started = background.start(flight, reload);
        if (!started) {
            flight.abandon();
            counters.error();
        }
        return started;
    }

    /** The entry of a key that stands in for a load that failed, or null. */
    private @Nullable CacheEntry servableOnError(Object key, boolean inBackground) {
        CacheEntry entry = inBackground || staleness.ifErrorNanos() > 0 ? memory.peek(key) : null;
        if (entry == null) {
            return null;
        }
        long age = ticker.getAsLong() - entry.createdNanos();
        long window = inBackground
                ? Math.max(staleness.ifErrorNanos(), staleness.whileRevalidateNanos())
                : staleness.ifErrorNanos();
        if (age >= entry.ttlNanos() && age - entry.ttlNanos() >= window) {
            return null;
        }
        if (!inBackground) {
            entry.used(ahead.getAsLong());
        }
        return entry;
    }

    private @Nullable CacheEntry freshInMemory(Object key) {
        CacheEntry entry = memory.peek(key);
        return entry != null && isFresh(entry) ? entry : null;
    }

    /** The entry that a read would be answered with, stale or not. */
    private @Nullable CacheEntry servedFromMemory(Object key) {
        CacheEntry entry = memory.peek(key);
        if (entry == null) {
            return null;
        }
        long age = ticker.getAsLong() - entry.createdNanos();
        return age < entry.ttlNanos() || age - entry.ttlNanos() < staleness.whileRevalidateNanos() ? entry : null;
    }

    /** What this JVM holds of a key: its fresh entry, or that it is known to be null. */
    private @Nullable CacheEntry presentHere(Object key) {
        CacheEntry entry = freshInMemory(key);
        if (entry != null) {
            return entry;
        }
        NegativeCache.Negative known = negative.get(key);
        return known != null && known.failure() == null ? newEntry(null, 0, CacheEntry.NEVER) : null;
    }

    private boolean isFresh(CacheEntry entry) {
        return ticker.getAsLong() - entry.createdNanos() < entry.ttlNanos();
    }

    /** An absence that is remembered; a failure that is remembered is thrown. */
    private @Nullable CacheEntry fromNegative(Object key) {
        NegativeCache.Negative known = negative.get(key);
        if (known == null) {
            return null;
        }
        count(key, Outcome.NEGATIVE_HIT, UNTIMED);
        Throwable failure = known.failure();
        if (failure != null) {
            throw new LoadFailedException(failure);
        }
        return newEntry(null, 0, CacheEntry.NEVER);
    }

    private @Nullable CacheEntry bypassed(Object key) {
        count(key, Outcome.BYPASS, UNTIMED);
        return null;
    }

    /** Joins the flight of a key: leads it through the lower tiers, or waits for its leader. */
    private @Nullable CacheEntry join(Object key, Leader leader) {
        long started = UNTIMED;
        while (true) {
            Flight mine = newFlight(key, false);
            started = started == UNTIMED ? mine.startedNanos() : started;
            Flight flight = enter(mine);
            if (flight == mine) {
                return lead(mine, leader);
            }
            Waited waited;
            try {
                waited = flights.await(flight);
            } catch (LoadFailedException | LoadTimeoutException e) {
                if (flight.isPrefetch()) {
                    // Without it the caller would have loaded for itself.
                    flights.replace(mine);
                    return lead(mine, leader);
                }
                CacheEntry stale = servableOnError(key, false);
                count(key, stale == null ? Outcome.MISS : Outcome.STALE_HIT, started);
                if (stale == null) {
                    throw e;
                }
                return stale;
            }
            CacheEntry entry = waited.entry();
            if (entry != null) {
                return counted(entry, key, flight.answer(), started);
            }
            if (!waited.done()) {
                flights.replace(mine);
                return lead(mine, leader);
            }
        }
    }

    /** Joins the flight of a key, and counts the caller whom the books turn away. */
    private Flight enter(Flight mine) {
        try {
            return flights.enter(mine);
        } catch (ReentrantLoadException e) {
            count(mine, Outcome.MISS);
            throw e;
        }
    }

    private @Nullable CacheEntry lead(Flight flight, Leader leader) {
        try {
            invocations.remember(flight.key(), leader);
            CacheEntry entry = again(flight);
            if (entry == null && lower.exist()) {
                entry = promote(flight, lower.find(flight));
                if (entry != null) {
                    count(flight, flight.answer());
                }
            }
            if (entry == null) {
                handOver(flight, leader);
            }
            return entry;
        } catch (Throwable e) {
            flight.abandon();
            throw e;
        }
    }

    /** As {@link #join}, without blocking: null if the caller leads and has to load now. */
    private @Nullable CompletableFuture<@Nullable CacheEntry> joinAsync(Object key, Leader leader) {
        Flight mine = newFlight(key, false);
        Flight flight = enter(mine);
        if (flight == mine) {
            return leadAsync(mine, leader);
        }
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        flights.awaitAsync(flight).whenComplete((entry, failure) -> {
            if (entry != null) {
                answer.complete(counted(entry, key, flight.answer(), mine.startedNanos()));
            } else if (failure != null && !flight.isPrefetch()) {
                CacheEntry stale = servableOnError(key, false);
                count(mine, stale == null ? Outcome.MISS : Outcome.STALE_HIT);
                if (stale == null) {
                    answer.completeExceptionally(failure);
                } else {
                    answer.complete(stale);
                }
            } else if (answer.isDone()) {
                // Its caller has given up: nobody would end the load that it could lead now.
                count(mine, Outcome.MISS);
            } else {
                lookAgain(key, leader, answer);
            }
        });
        return answer;
    }

    private void lookAgain(Object key, Leader leader, CompletableFuture<@Nullable CacheEntry> answer) {
        CompletableFuture<@Nullable CacheEntry> next;
        try {
            next = getOrLeadAsync(key, new Elsewhere(leader));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
            return;
        }
        if (next == null) {
            answer.complete(null);
        } else {
            next.whenComplete((entry, failure) -> {
                if (failure == null) {
                    answer.complete(entry);
                } else {
                    answer.completeExceptionally(Failures.unwrap(failure));
                }
            });
        }
    }

    private @Nullable CompletableFuture<@Nullable CacheEntry> leadAsync(Flight flight, Leader leader) {
        CacheEntry entry;
        try {
            invocations.remember(flight.key(), leader);
            entry = again(flight);
        } catch (LoadFailedException e) {
            return CompletableFuture.failedFuture(e);
        } catch (Throwable e) {
            flight.abandon();
            throw e;
        }
        if (entry != null) {
            return CompletableFuture.completedFuture(entry);
        }
        if (!lower.exist()) {
            handOver(flight, leader);
            return null;
        }
        // The calling thread goes on, and may ask for the same key.
        flight.releaseThread();
        // A promise of its own: a caller that cancels it must not cancel the landing of the flight.
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        lower.findAsync(flight).whenComplete((found, failure) -> {
            CacheEntry promoted = promote(flight, found);
            if (promoted == null) {
                handOver(flight, leader);
            } else {
                count(flight, flight.answer());
            }
            if (!answer.complete(promoted)) {
                // Its caller has given up, and will not load.
                flight.abandon();
            }
        });
        return answer;
    }

    /** What the previous leader may have stored, or learnt, between our look and our lead. Ends the flight if it did. */
    private @Nullable CacheEntry again(Flight flight) {
        CacheEntry entry = freshInMemory(flight.key());
        if (entry != null) {
            land(flight, entry, Outcome.MEMORY_HIT);
            return counted(entry, flight.key(), Outcome.MEMORY_HIT, flight.startedNanos());
        }
        try {
            entry = fromNegative(flight.key());
        } catch (LoadFailedException e) {
            flight.abandon();
            throw e;
        }
        if (entry != null) {
            land(flight, entry, Outcome.NEGATIVE_HIT);
        }
        return entry;
    }

    private void handOver(Flight flight, Leader leader) {
        flight.markLed();
        leader.lead(flight);
    }

    /** What the lower tiers have of a key, for memory too, unless a load of the key is in progress. */
    private @Nullable CacheEntry lookup(Flight flight) {
        flights.enterAlone(flight);
        CacheEntry entry = promote(flight, lower.peek(flight.key()));
        if (entry == null) {
            flight.abandon();
        }
        return entry;
    }

    /** Ends a flight with what a lower tier had, for the tiers above too unless something newer happened to the key. */
    @Nullable
    CacheEntry promote(Flight flight, @Nullable RemoteEntry found) {
        if (found == null) {
            return null;
        }
        Object key = flight.key();
        Object value = found.value();
        long ttlNanos = Math.min(ttl.ttlNanos(key, value), found.remainingNanos());
        CacheEntry entry = newEntry(value, ticker.getAsLong(), ttlNanos);
        RemoteTier.Write write = found.source() == Outcome.STORE_HIT ? remote.prepareLoaded(key, value, ttlNanos) : null;
        boolean wanted = !bypass.bypassesWrite(key, value);
        flights.leave(flight, booked -> {
            if (booked && wanted && !flight.booked.suspect) {
                hold(key, entry, write, flight.isUnproven());
            }
        });
        flight.complete(entry, found.source());
        return entry;
    }

    // -------------------------------------------------------------------------------------------- the end of a load

    CacheEntry publish(Flight flight, @Nullable Object value) {
        if (flight.isDone() || value == null || !hasStore) {
            return publishToTiers(flight, value, true);
        }
        // The result of a load is a write like any other, unless something newer happened to the key meanwhile.
        Lock lock = writeLocks.of(flight.key());
        lock.lock();
        try {
            if (!flights.isBooked(flight)) {
                return publishToTiers(flight, value, false);
            }
            try (WritePolicy.Write write = writes.put(flight.key(), value)) {
                return publishToTiers(flight, value, write.mayPublish());
            } catch (RuntimeException e) {
                publishToTiers(flight, value, false);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    private CacheEntry publishToTiers(Flight flight, @Nullable Object value, boolean wanted) {
        Object key = flight.key();
        long ttlNanos = ttl.ttlNanos(key, value);
        CacheEntry entry = newEntry(value, ticker.getAsLong(), ttlNanos);
        if (flight.isDone()) {
            return entry;
        }
        if (value == null && negative.handlesNull()) {
            flights.leave(flight, booked -> {
                if (booked) {
                    forget(key);
                    negative.rememberNull(key);
                }
            });
        } else if (!wanted || bypass.bypassesWrite(key, value)) {
            flights.leave(flight, booked -> {
                if (booked) {
                    forget(key);
                }
            });
        } else {
            RemoteTier.Write write = remote.prepareLoaded(key, value, ttlNanos);
            flights.leave(flight, booked -> {
                if (booked) {
                    hold(key, entry, write, flight.isUnproven());
                    counters.stores.increment();
                }
            });
        }
        loaded(flight, flight.complete(entry), Outcome.LOAD);
        return entry;
    }

    void finish(Flight flight, @Nullable Object value) {
        if (flight.isDone()) {
            return;
        }
        CacheEntry answer = newEntry(value, ticker.getAsLong(), CacheEntry.NEVER);
        loaded(flight, land(flight, answer, Outcome.MISS), Outcome.LOAD);
    }

    @Nullable
    CacheEntry fail(Flight flight, Throwable failure) {
        if (flight.isDone()) {
            return null;
        }
        Object key = flight.key();
        if (flight.isPrefetch()) {
            // Nobody asked, and whoever waits meanwhile has a request of its own to ask with: nothing is remembered.
            flights.leave(flight, booked -> {});
            loaded(flight, flight.completeFailed(failure), Outcome.LOAD_FAILURE);
            return null;
        }
        CacheEntry stale = failure instanceof Exception ? servableOnError(key, flight.isBackground()) : null;
        flights.leave(flight, booked -> {
            if (booked && stale == null) {
                negative.rememberFailure(key, failure);
            } else if (booked && stale != null && flight.isBackground()) {
                memory.put(key, refreshedLater(stale));
            }
        });
        if (stale == null) {
            loaded(flight, flight.completeExceptionally(new LoadFailedException(failure)), Outcome.LOAD_FAILURE);
        } else {
            loaded(flight, flight.complete(stale, Outcome.STALE_HIT), Outcome.LOAD_FAILURE);
        }
        return stale;
    }

    /** The same entry, whose refresh has failed and is not tried again at every read. */
    private CacheEntry refreshedLater(CacheEntry entry) {
        long age = ticker.getAsLong() - entry.createdNanos();
        CacheEntry same = entries.create(
                entry.value(), entry.createdNanos(), age + Staleness.RETRY_NANOS, entry.ttlNanos(), entry.keepNanos());
        // It was a read that began the refresh.
        same.used(ahead.getAsLong());
        return same;
    }

    void abandon(Flight flight) {
        if (!flight.isDone() && land(flight, null, Outcome.MISS) && flight.isLedByCaller()) {
            count(flight, Outcome.MISS);
        }
    }

    private boolean land(Flight flight, @Nullable CacheEntry entry, Outcome answer) {
        flights.leave(flight, booked -> {});
        return flight.complete(entry, answer);
    }

    private void loaded(Flight flight, boolean first, Outcome outcome) {
        if (!first) {
            return;
        }
        long nanos = ticker.getAsLong() - flight.startedNanos();
        counters.loadNanos.add(nanos);
        counters.loads.increment();
        if (outcome == Outcome.LOAD_FAILURE) {
            counters.loadFailures.increment();
        }
        recorder.record(flight.key(), outcome, nanos);
        if (flight.isLedByCaller()) {
            count(flight, flight.answer());
        }
    }

    // ---------------------------------------------------------------------------------------------- put, evict, clear

    /**
     * Stores a value. Whatever load of the key is in progress stores nothing any more.
     * @param key the key
     * @param value the value, may be null
     * @throws RuntimeException what the store throws, where writes go to one; no tier then has the key
     */
    public void put(Object key, @Nullable Object value) {
        if (!hasStore) {
            store(key, value, false);
            return;
        }
        written(key, () -> writes.put(key, value), write -> {
            if (!write.mayPublish()) {
                remove(key);
                putBy(key);
            } else {
                store(key, value, false);
            }
            return true;
        });
    }

    /**
     * Stores a value where the key has none, atomically in this JVM.
     * @param key the key
     * @param value the value, may be null
     * @return the entry that was there, or null if the value was stored
     * @throws RuntimeException what the store throws, where writes go to one; no tier then has the key
     */
    public @Nullable CacheEntry putIfAbsent(Object key, @Nullable Object value) {
        Lock lock = hasStore ? writeLocks.of(key) : null;
        if (lock != null) {
            lock.lock();
        }
        try {
            CacheEntry present = presentHere(key);
            if (present == null && lower.exist()) {
                present = lookup(newFlight(key, true));
            }
            if (present != null) {
                return present;
            }
            if (hasStore) {
                put(key, value);
                return null;
            }
            return store(key, value, true);
        } finally {
            if (lock != null) {
                lock.unlock();
            }
        }
    }

    /** Runs a write of the store and what the tiers do after it, in one order with every other write of the key. */
    private boolean written(
            Object key, Supplier<WritePolicy.Write> storeWrite, Predicate<WritePolicy.Write> tiersFollow) {
        Lock lock = writeLocks.of(key);
        lock.lock();
        try {
            WritePolicy.Write write;
            try {
                write = storeWrite.get();
            } catch (RuntimeException e) {
                remove(key);
                throw e;
            }
            try (write) {
                return tiersFollow.test(write);
            }
        } finally {
            lock.unlock();
        }
    }

    private void putBy(Object key) {
        counters.puts.increment();
        recorder.record(key, Outcome.PUT, -1);
    }

    private @Nullable CacheEntry store(Object key, @Nullable Object value, boolean onlyIfAbsent) {
        if (bypass.bypassesWrite(key, value)) {
            if (!onlyIfAbsent) {
                remove(key);
            }
            return null;
        }
        Change change = new Change();
        if (value == null && negative.handlesNull()) {
            flights.supersedeIf(key, () -> {
                change.present = onlyIfAbsent ? presentHere(key) : null;
                if (change.present == null) {
                    change.sent = forget(key);
                    negative.rememberNull(key);
                }
                return change.present == null;
            });
        } else {
            long ttlNanos = ttl.ttlNanos(key, value);
            CacheEntry entry = newEntry(value, ticker.getAsLong(), ttlNanos);
            RemoteTier.Write write = remote.prepare(key, value, ttlNanos);
            flights.supersedeIf(key, () -> {
                change.present = onlyIfAbsent ? presentHere(key) : null;
                if (change.present == null) {
                    change.sent = hold(key, entry, write, false);
                }
                return change.present == null;
            });
            if (change.present == null) {
                counters.stores.increment();
            }
        }
        if (change.present == null) {
            await(change);
            putBy(key);
        }
        return change.present;
    }

    /**
     * Removes a key. Whatever load of it is in progress stores nothing.
     * @param key the key
     * @return whether this JVM held it
     * @throws RuntimeException what the store throws, where evictions delete from one; no tier then has the key
     */
    public boolean evict(Object key) {
        boolean held = hasStore ? written(key, () -> writes.evict(key), write -> remove(key)) : remove(key);
        recorder.record(key, Outcome.EVICT, -1);
        return held;
    }

    /**
     * Removes every key. Whatever load is in progress stores nothing.
     * @return whether this JVM held any
     * @throws RuntimeException what the store throws, where it is cleared too; the tiers are then empty nevertheless
     */
    public boolean clear() {
        try (WritePolicy.Write write = writes.clear()) {
            return removeAll();
        } catch (RuntimeException e) {
            removeAll();
            throw e;
        }
    }

    private boolean removeAll() {
        boolean held = memory.size() > 0 || negative.size() > 0;
        // Flights first: a load that stores before it is struck off is wiped below, one that comes after stores
        // nothing.
        flights.supersedeAll();
        changes.all();
        Change change = new Change();
        change.sent = remote.clear();
        // And again: a look-up that came in between may have been answered by what the remote tier had before.
        flights.supersedeAll();
        memory.clear();
        negative.clear();
        await(change);
        return held;
    }

    private boolean remove(Object key) {
        Change change = new Change();
        flights.supersede(key, () -> {
            change.present = servedFromMemory(key);
            change.wasNegative = negative.get(key) != null;
            change.sent = forget(key);
        });
        await(change);
        return change.present != null || change.wasNegative;
    }

    /** Runs in the books of the flights: sending never blocks, and so tiers see one order of changes to a key. */
    private @Nullable CompletableFuture<?> hold(
            Object key, CacheEntry entry, RemoteTier.@Nullable Write write, boolean unproven) {
        changes.key(key);
        negative.remove(key);
        if (unproven) {
            memory.putUnproven(key, entry);
        } else {
            memory.put(key, entry);
        }
        return write == null ? null : write.send();
    }

    /** Runs in the books of the flights. */
    private CompletableFuture<?> forget(Object key) {
        changes.key(key);
        negative.remove(key);
        memory.remove(key);
        return remote.remove(key);
    }

    /** Ends when the remote tier has acknowledged a change, or its deadline has. */
    private void await(Change change) {
        CompletableFuture<?> sent = change.sent;
        if (sent == null || sent.isDone() && !sent.isCompletedExceptionally()) {
            return;
        }
        try {
            sent.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            counters.error();
        }
    }

    // ------------------------------------------------------------------------------------------ changes made elsewhere

    /** Drops what others have changed in this JVM, and leaves the tiers below alone. */
    private final class Invalidations implements RemoteTier.InvalidationListener {

        @Override
        public void invalidate(Object key) {
            flights.invalidate(key, true, () -> drop(key));
        }

        @Override
        public void expire(Object key) {
            flights.invalidate(key, false, () -> drop(key));
        }

        private void drop(Object key) {
            changes.key(key);
            memory.remove(key);
            negative.remove(key);
        }

        @Override
        public void invalidateAll() {
            flights.supersedeAll();
            changes.all();
            memory.clear();
            negative.clear();
        }
    }

    // ------------------------------------------------------------------------------------------------- saved entries

    /** Begins to bring back entries that were saved earlier; they go to the local tier only. */
    public Restoration beginRestoration() {
        return new Restoration(this, changes);
    }

    /** How many changes there were to what the cache holds, brought back entries apart. */
    public long changes() {
        return changes.count();
    }

    boolean restore(Object key, @Nullable Object value, long remainingNanos, BooleanSupplier changed) {
        if (bypass.bypassesRead(key) || bypass.bypassesWrite(key, value) || (value == null && negative.handlesNull())) {
            return false;
        }
        long ttlNanos = Math.min(ttl.ttlNanos(key, value), remainingNanos);
        if (ttlNanos <= 0) {
            return false;
        }
        CacheEntry entry = newEntry(value, ticker.getAsLong(), ttlNanos);
        return flights.ifNone(key, () -> {
            boolean free = !changed.getAsBoolean() && memory.peek(key) == null && negative.get(key) == null;
            if (free) {
                memory.put(key, entry);
            }
            return free;
        });
    }

    // -------------------------------------------------------------------------------------------------------- prefetch

    /** Loads keys that nobody has asked for. */
    public Prefetches prefetches() {
        return new Prefetches(this, remote, lower, background, invocations);
    }

    /** Whether a key is neither bypassed, nor fresh in memory, nor negative, nor dirty, nor being loaded. */
    boolean lacks(Object key) {
        return !bypass.bypassesRead(key)
                && freshInMemory(key) == null
                && negative.get(key) == null
                && !flights.contains(key)
                && (!hasStore || writes.pending(key) == null);
    }

    /** How long a load is waited for. */
    long loadTimeoutNanos() {
        return loadTimeoutNanos;
    }

    /** Begins to load a key that nobody has asked for, unless it is being loaded or has come meanwhile. */
    @Nullable
    Flight beginPrefetch(Object key) {
        Flight flight = Flight.prefetch(this, key, ticker.getAsLong());
        if (!flights.enterAlone(flight)) {
            return null;
        }
        if (freshInMemory(key) != null || negative.get(key) != null) {
            flight.abandon();
            return null;
        }
        return flight;
    }

    // -------------------------------------------------------------------------------------------------------- the rest

    /** The name of the cache. */
    public String name() {
        return name;
    }

    /** What traces its loads. */
    public Tracing tracing() {
        return tracing;
    }

    /** The local tier. */
    public MemoryTier memory() {
        return memory;
    }

    /** The exact figures. */
    public CacheCounters counters() {
        return counters;
    }

    /**
     * Makes the caller lead a load of a key, whatever is held or in progress, for a load that is run once more.
     * @param key the key
     * @return the flight to end
     */
    public Flight leadAnew(Object key) {
        Flight flight = newFlight(key, false);
        flights.replace(flight);
        flight.markLed();
        return flight;
    }

    /** How many loads are in progress. */
    public int loadsInProgress() {
        return flights.size();
    }

    private Flight newFlight(Object key, boolean background) {
        return new Flight(this, key, ticker.getAsLong(), background);
    }

    private CacheEntry newEntry(@Nullable Object value, long createdNanos, long ttlNanos) {
        return entries.create(
                value, createdNanos, staleness.softNanos(ttlNanos), ttlNanos, staleness.keepNanos(ttlNanos));
    }

    private CacheEntry counted(CacheEntry entry, Object key, Outcome outcome, long startedNanos) {
        entry.used(ahead.getAsLong());
        count(key, outcome, startedNanos);
        return entry;
    }

    private long since(long startedNanos) {
        return startedNanos == UNTIMED ? -1 : ticker.getAsLong() - startedNanos;
    }

    private void count(Flight flight, Outcome outcome) {
        count(flight.key(), outcome, flight.startedNanos());
    }

    /** Counts how one request of a caller was answered, and how long that took from its start. */
    private void count(Object key, Outcome outcome, long startedNanos) {
        switch (outcome) {
            case MEMORY_HIT -> counters.memoryHits.increment();
            case NEGATIVE_HIT -> {
                counters.memoryHits.increment();
                counters.negativeHits.increment();
            }
            case STALE_HIT -> {
                counters.memoryHits.increment();
                counters.staleHits.increment();
            }
            case REMOTE_HIT -> counters.remoteHits.increment();
            case REPLICA_HIT -> counters.replicaHits.increment();
            case STORE_HIT -> counters.storeHits.increment();
            case BYPASS -> counters.bypassed.increment();
            default -> counters.misses.increment();
        }
        if (watched) {
            recorder.record(key, outcome, since(startedNanos));
        }
    }

    /** Remembers the flight that a caller leads. */
    private static final class Lead implements Leader {

        private final Reload reload;
        private @Nullable Flight flight;

        Lead(Reload reload) {
            this.reload = reload;
        }

        void abandon() {
            Flight led = flight;
            if (led != null) {
                led.abandon();
            }
        }

        @Override
        public Reload reload() {
            return reload;
        }

        @Override
        public void lead(Flight flight) {
            this.flight = flight;
        }
    }

    /** A caller that is told to load on a thread which is not its own, and so is not the one that loads. */
    private record Elsewhere(Leader leader) implements Leader {

        @Override
        public @Nullable Reload reload() {
            return leader.reload();
        }

        @Override
        public @Nullable Reload reinvocation() {
            return leader.reinvocation();
        }

        @Override
        public void lead(Flight flight) {
            flight.releaseThread();
            leader.lead(flight);
        }
    }

    /** What a change found and did while it had the key's books for itself. */
    private static final class Change {

        private @Nullable CacheEntry present;
        private boolean wasNegative;
        private @Nullable CompletableFuture<?> sent;
    }
}
