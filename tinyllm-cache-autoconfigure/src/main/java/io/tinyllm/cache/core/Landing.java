package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Slot.End;
import io.tinyllm.cache.core.Slot.Standing;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TaggedValue;
import io.tinyllm.cache.core.port.WritePolicy;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a load, by its outcome: its value, its failure, or nothing. A flight lands once; whatever comes after
 * the first landing changes nothing, so that cleaning up twice does no harm. Thread-safe.
 *
 * <p>Each landing changes the tiers and leaves the in-flight table in one atomic step for the key, then answers those
 * who wait. A flight that no longer counts, because the key was changed meanwhile, changes nothing and still answers.
 */
final class Landing {

    /** How a load ends that brings nothing. Shared, and so never thrown. */
    private static final CancellationException ABANDONED = new Abandoned();

    private final SingleFlight flights;
    private final Tiers tiers;
    private final Entries entries;
    private final NegativeCache negative;
    private final RemoteTier remote;
    private final WritePolicy writes;
    private final KeyLocks writeLocks;
    private final StoreLandings storeLandings = new StoreLandings();
    private final ForsakenLoads forsaken = new ForsakenLoads();
    private final Requests requests;
    private final CacheCounters counters;
    private final DirtyTags dirty;

    Landing(
            SingleFlight flights,
            Tiers tiers,
            Entries entries,
            NegativeCache negative,
            RemoteTier remote,
            WritePolicy writes,
            KeyLocks writeLocks,
            Requests requests,
            CacheCounters counters,
            DirtyTags dirty) {
        this.flights = flights;
        this.tiers = tiers;
        this.entries = entries;
        this.negative = negative;
        this.remote = remote;
        this.writes = writes;
        this.writeLocks = writeLocks;
        this.requests = requests;
        this.counters = counters;
        this.dirty = dirty;
    }

    long now() {
        return entries.now();
    }

    Moment moment() {
        return tiers.moment();
    }

    // --------------------------------------------------------------------------------------------------------- values

    /**
     * Lands a flight with the value of its load, which is stored unless something newer has happened to the key. One
     * that is its caller's own lands when others may see the value.
     * @return the entry that answers those who wait
     * @throws RuntimeException what the store throws, where writes go to one; the value then answers and is not held
     */
    CacheEntry publish(Flight flight, @Nullable Object value) {
        Publication publication = flight.publication();
        if (publication == null || publication == Publication.AT_ONCE || flight.isDone()) {
            return publishNow(flight, value);
        }
        if (!flight.isDeferred()) {
            flight.markDeferred();
            Turns.end(flight, null);
            count(flight, true, Outcome.LOAD, Outcome.MISS);
            publication.schedule(() -> publishNow(flight, value), () -> land(flight, End.NOTHING, null, ABANDONED));
        }
        return entries.answer(value);
    }

    private CacheEntry publishNow(Flight flight, @Nullable Object value) {
        if (flight.isDone() || value == null || !writes.exists()) {
            return publishToTiers(flight, value, true);
        }
        // The result of a load is a write like any other, unless something newer has happened to the key.
        try (KeyLocks.Held lock = writeLocks.lock(flight.key());
                StoreLandings.UnderWay underWay = storeLandings.begin()) {
            if (!lock.isHeld() || !flights.counts(flight)) {
                return publishToTiers(flight, value, false);
            }
            if (dirty.hides(flight.key())) {
                // A write that is under way is newer than what was loaded.
                return publishToTiers(flight, value, false);
            }
            CacheEntry row = flight.isStoreUnknown() ? askedAgain(flight) : null;
            if (row != null) {
                count(flight, !flight.isDeferred(), Outcome.LOAD, Outcome.MISS);
                return row;
            }
            try (WritePolicy.Write write = writes.put(flight.key(), value)) {
                Tagged tags = tiers.tags(flight.key(), value, flight.moment());
                dirty.written(flight.key(), tags);
                return publishToTiers(flight, value, write.mayPublish(), tags);
            } catch (Throwable e) {
                publishToTiers(flight, value, false);
                throw e;
            }
        }
    }

    /** Lands a flight with the row of a store that could not tell before the load: that is not replaced. */
    private @Nullable CacheEntry askedAgain(Flight flight) {
        try {
            Object row = writes.load(flight.key());
            return row == null ? null : promote(flight, new RemoteEntry(row, CacheEntry.NEVER, Outcome.STORE_HIT));
        } catch (Throwable e) {
            // Counted by the policy as a failed load of the store, and before as a fault of this cache.
            Failures.keepInterrupt(e);
            return null;
        }
    }

    /** Dismisses every load, and waits for the results that are on their way into the store. */
    void dismissAll() {
        flights.dismissAll();
        if (!writeLocks.isInside()) {
            storeLandings.await();
        }
    }

    private CacheEntry publishToTiers(Flight flight, @Nullable Object value, boolean mayBeHeld) {
        return publishToTiers(flight, value, mayBeHeld, tiers.tags(flight.key(), value, flight.moment()));
    }

    private CacheEntry publishToTiers(Flight flight, @Nullable Object value, boolean mayBeHeld, @Nullable Tagged tags) {
        Object key = flight.key();
        boolean absence = value == null && negative.handlesNull();
        long lifeNanos = absence || !mayBeHeld || tiers.refuses(tags) ? 0 : tiers.lifeNanos(key, value);
        boolean held = lifeNanos > 0;
        CacheEntry entry = held ? entries.create(value, lifeNanos, tags) : entries.answer(value, tags);
        if (flight.isDone()) {
            return entry;
        }
        RemoteTier.Write write = held
                ? remote.prepareLoaded(key, TaggedValue.of(value, tags), entries.sharedNanos(key, value, lifeNanos))
                : null;
        boolean first = land(
                flight,
                End.RESULT,
                new Answer(entry, Outcome.MISS),
                null,
                () -> {
                    if (absence) {
                        tiers.rememberNullLoaded(key, tags);
                    } else if (held) {
                        hold(flight, entry, write);
                        counters.stores.increment();
                    } else {
                        tiers.forgetLoaded(key);
                    }
                },
                () -> {
                    if (write != null) {
                        // Where another has changed the key its value is there. Memory gets what is there at the next
                        // read.
                        write.sendIfAbsent();
                    }
                });
        count(flight, first && !flight.isDeferred(), Outcome.LOAD, Outcome.MISS);
        return entry;
    }

    /**
     * Lands a flight with what a lower tier had, which the tiers above hold then too; returns null where that is
     * nothing.
     */
    @Nullable
    CacheEntry promote(Flight flight, @Nullable RemoteEntry found) {
        if (found == null) {
            return null;
        }
        Object key = flight.key();
        Object value = TaggedValue.unwrap(found.value());
        boolean stored = found.source() == Outcome.STORE_HIT;
        Tagged tags = stored
                ? tiers.tags(key, value, flight.moment())
                : found.value() instanceof TaggedValue tagged
                        ? new Tagged(tagged.tags().names(), flight.moment())
                        : null;
        long lifeNanos = tiers.refuses(tags) ? 0 : Math.min(tiers.lifeNanos(key, value), found.remainingNanos());
        boolean uncommitted = mayBeUncommitted(flight, found);
        boolean held = lifeNanos > 0 && !uncommitted;
        CacheEntry entry = held ? entries.create(value, lifeNanos, tags) : entries.answer(value, tags);
        RemoteTier.Write write = held && stored
                ? remote.prepareLoaded(key, TaggedValue.of(value, tags), entries.sharedNanos(key, value, lifeNanos))
                : null;
        land(flight, uncommitted ? End.ANSWER : End.FOUND, new Answer(entry, found.source()), () -> {
            if (held) {
                hold(flight, entry, write);
            } else if (stored && flight.purpose() == Flight.Purpose.REFRESH) {
                tiers.forgetLoaded(key);
            }
        });
        return entry;
    }

    /** Returns whether a store may have answered with what only the transaction of the caller sees. */
    private static boolean mayBeUncommitted(Flight flight, RemoteEntry found) {
        Publication publication = flight.publication();
        return found.source() == Outcome.STORE_HIT && publication != null && publication != Publication.AT_ONCE;
    }

    private void hold(Flight flight, CacheEntry entry, RemoteTier.@Nullable Write write) {
        BiConsumer<Object, CacheEntry> place = flight.place();
        if (place == null) {
            tiers.hold(flight.key(), entry, write);
        } else {
            tiers.hold(flight.key(), entry, write, place);
        }
    }

    /** Lands a flight with what the tiers have learnt of its key since it began. */
    void answer(Flight flight, CacheEntry entry, Outcome outcome) {
        land(flight, End.ANSWER, new Answer(entry, outcome), () -> {});
    }

    /** Lands a flight with a value that answers those who wait and is not to be stored. */
    void finish(Flight flight, @Nullable Object value) {
        if (!hasLanded(flight)) {
            boolean first = land(flight, End.ANSWER, new Answer(entries.answer(value), Outcome.MISS), () -> {});
            count(flight, first, Outcome.LOAD, Outcome.MISS);
        }
    }

    // ---------------------------------------------------------------------------------------------- failures, nothing

    /**
     * Lands a flight with the failure of its load, for those who wait too, unless a stale value stands in.
     * @return the stale entry that answers the leader and those who wait instead, or null
     */
    @Nullable
    CacheEntry fail(Flight flight, Throwable failure) {
        if (hasLanded(flight)) {
            return null;
        }
        Object key = flight.key();
        boolean refresh = flight.purpose() == Flight.Purpose.REFRESH;
        // Nobody has asked for what is staged: whoever waits meanwhile asks for itself.
        boolean others = flight.purpose() != Flight.Purpose.STAGING && !isOfOneCaller(failure);
        CacheEntry stale = others && failure instanceof Exception ? tiers.standIn(key, refresh) : null;
        if (stale != null) {
            Turns.standIn(flight);
            boolean first = land(flight, End.ANSWER, new Answer(stale, Outcome.STALE_HIT), failure);
            count(flight, first, Outcome.LOAD_FAILURE, Outcome.STALE_HIT);
            return stale;
        }
        Tagged tags = others && negative.exists() ? tiers.tags(key, null, flight.moment()) : null;
        CompletableFuture<@Nullable Answer> waiting = flights.leave(flight, End.NOTHING, standing -> {
            if (standing == Standing.COUNTS && others && !flight.isPrivate() && !tiers.refuses(tags)) {
                tolerantly(() -> negative.rememberFailure(key, failure, tags));
            }
            postponeRefresh(flight);
        });
        LoadFailedException thrown = new LoadFailedException(failure);
        boolean first = flight.completeExceptionally(thrown);
        Turns.end(flight, failure);
        if (waiting != null && others) {
            waiting.completeExceptionally(thrown);
        } else if (waiting != null) {
            waiting.complete(null);
        }
        count(flight, first, Outcome.LOAD_FAILURE, Outcome.MISS);
        return null;
    }

    /** Returns whether a load failed for what happened to the caller that ran it, and might go well for the next. */
    private static boolean isOfOneCaller(Throwable failure) {
        return failure instanceof InterruptedException || failure instanceof CancellationException;
    }

    /** Returns whether a flight has landed, or will without anybody's doing. */
    private static boolean hasLanded(Flight flight) {
        return flight.isDone() || flight.isDeferred();
    }

    /** Watches a load that is handed to whoever has to end it. */
    <T> T watched(Flight flight, T load) {
        return forsaken.watched(flight, load);
    }

    /** Lands the flights whose loads nobody can end any more: futures that were dropped, for one. */
    void abandonForsaken() {
        for (Flight flight = forsaken.poll(); flight != null; flight = forsaken.poll()) {
            abandon(flight);
        }
    }

    /** Lands a flight without a result: whoever waits looks again and may load. */
    void abandon(Flight flight) {
        if (!hasLanded(flight)
                && land(flight, End.NOTHING, null, ABANDONED)
                && flight.isLoading()
                && flight.purpose() == Flight.Purpose.REQUEST) {
            requests.count(flight, Outcome.MISS);
        }
    }

    // --------------------------------------------------------------------------------------------------------- common

    private boolean land(Flight flight, End end, Answer answer, Runnable change) {
        return land(flight, end, answer, null, change, () -> {});
    }

    /** Lands a flight with what changes nothing. */
    private boolean land(Flight flight, End end, @Nullable Answer answer, @Nullable Throwable failure) {
        return land(flight, end, answer, failure, () -> {}, () -> {});
    }

    private boolean land(
            Flight flight,
            End end,
            @Nullable Answer answer,
            @Nullable Throwable failure,
            Runnable change,
            Runnable doubted) {
        CompletableFuture<@Nullable Answer> waiting = flights.leave(flight, end, standing -> {
            if (standing != Standing.OUTDATED) {
                tolerantly(standing == Standing.COUNTS ? change : doubted);
            }
            if (end == End.ANSWER || end == End.NOTHING) {
                postponeRefresh(flight);
            }
        });
        boolean first = flight.complete(answer);
        Turns.end(flight, failure);
        if (waiting != null) {
            waiting.complete(answer);
        }
        return first;
    }

    /** Changes tiers for a landing, which must come to its end whatever they do. */
    private void tolerantly(Runnable change) {
        try {
            change.run();
        } catch (Throwable e) {
            counters.error();
        }
    }

    /** Without a stack, which would hold the classes of whoever was the first to come by. */
    private static final class Abandoned extends CancellationException {

        private static final long serialVersionUID = 1L;

        Abandoned() {
            super("Ended without a result");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** A refresh that has brought nothing is not tried again at once. */
    private void postponeRefresh(Flight flight) {
        if (flight.purpose() == Flight.Purpose.REFRESH) {
            tolerantly(() -> tiers.postponeRefresh(flight.key()));
        }
    }

    private void count(Flight flight, boolean first, Outcome load, Outcome request) {
        if (first) {
            requests.loaded(flight, load);
            if (flight.isLoading() && flight.purpose() == Flight.Purpose.REQUEST) {
                requests.count(flight, request);
            }
        }
    }
}
