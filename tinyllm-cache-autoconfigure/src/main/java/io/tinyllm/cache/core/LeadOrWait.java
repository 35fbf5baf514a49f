package io.tinyllm.cache.core;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Flight.Purpose;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate.Kind;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a read that loads, after {@link Lookup} has found nothing here: the in-flight table, the tiers below,
 * the caller's turn. Each step that may wait has an asynchronous twin beside it, which spares a caller that waits the
 * hand-over to another thread. Thread-safe.
 */
final class LeadOrWait {

    /** How many times load-timeout a caller waits before it fails. */
    private static final int MAXIMUM_WAITS = 2;

    private final Lookup lookup;
    private final Tiers tiers;
    private final Entries entries;
    private final Requests requests;
    private final SingleFlight flights;
    private final LowerTiers lower;
    private final Landing landing;
    private final Turns turns;
    private final Background background;
    private final BiConsumer<Object, Leader> onLead;
    private final String cacheName;
    private final long loadTimeoutNanos;

    LeadOrWait(CacheParts parts, Steps steps, Lookup lookup) {
        this.lookup = lookup;
        this.onLead = parts.onLead;
        this.cacheName = parts.name;
        this.loadTimeoutNanos = parts.loadTimeoutNanos;
        this.tiers = steps.tiers();
        this.entries = steps.entries();
        this.requests = steps.requests();
        this.flights = steps.flights();
        this.lower = steps.lower();
        this.landing = steps.landing();
        this.turns = steps.turns();
        this.background = parts.background;
    }

    // ----------------------------------------------------------------------------------------- the in-flight table

    /** Leads the load of a key, or waits for whoever does; null if the caller has to load. */
    @Nullable
    CacheEntry join(Object key, Leader leader) {
        landing.abandonForsaken();
        long started = entries.now();
        Publication publication = leader.publication();
        if (publication != null) {
            Flight own = newFlight(key, started);
            Waiting nesting = joinApart(own, publication);
            return nesting == null ? lead(own, leader) : nest(nesting, own, leader);
        }
        int waits = 0;
        while (true) {
            Flight mine = newFlight(key, started);
            Waiting waiting = waits == 0 ? flights.join(mine) : flights.joinBeside(mine);
            if (waiting == null) {
                if (waits > 0) {
                    mine.markImpatient();
                }
                return lead(mine, leader);
            }
            if (waiting.isInside()) {
                return nest(waiting, mine, leader);
            }
            Waiting.End end;
            try {
                end = waiting.await(loadTimeoutNanos);
                if (end.late() && ++waits == MAXIMUM_WAITS) {
                    throw timeout();
                }
            } catch (LoadFailedException | LoadTimeoutException e) {
                return standIn(mine, e);
            }
            Answer answer = end.answer();
            if (answer != null && tiers.mayAnswer(answer.entry(), mine)) {
                return lookup.counted(answer.entry(), key, answer.outcome(), started);
            }
            if (end.isInVain()) {
                return loadAlone(mine, leader);
            }
        }
    }

    /** As {@link #join}, without blocking: null if the caller has to load now, null in the future if it has to then. */
    @Nullable
    CompletableFuture<@Nullable CacheEntry> joinAsync(Object key, Leader leader) {
        landing.abandonForsaken();
        Flight mine = newFlight(key, entries.now());
        Publication publication = leader.publication();
        Waiting waiting = publication == null ? flights.join(mine) : joinApart(mine, publication);
        if (waiting == null) {
            return leadAsync(mine, leader);
        }
        if (publication != null || waiting.isInside()) {
            nest(waiting, mine, leader);
            return null;
        }
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        awaitAsync(mine, waiting, 1, leader, answer);
        return answer;
    }

    private @Nullable Waiting joinApart(Flight mine, Publication publication) {
        mine.setPublication(publication);
        return flights.joinApart(mine);
    }

    private void awaitAsync(
            Flight mine, Waiting waiting, int waits, Leader leader, CompletableFuture<@Nullable CacheEntry> answer) {
        waiting.awaitAsync(loadTimeoutNanos, background).whenComplete((end, failure) -> {
            Answer had = end == null ? null : end.answer();
            if (failure != null) {
                settle(mine, failure, answer);
            } else if (had != null && tiers.mayAnswer(had.entry(), mine)) {
                answer.complete(lookup.counted(had.entry(), mine.key(), had.outcome(), mine.startedNanos()));
            } else if (answer.isDone()) {
                // Its caller has given up: nobody would end the load that it could lead now.
                requests.count(mine, Outcome.MISS);
            } else if (!end.late()) {
                // Not on the thread of the caller whose load has ended without a result, which is to get its own end.
                background.goOn(() -> lookAgain(mine.key(), leader, answer));
            } else {
                // Not on the timer's thread, which is not to run what callers do with their answers.
                background.goOn(() -> tookTooLong(mine, waits, leader, answer));
            }
        });
    }

    private void tookTooLong(Flight mine, int waits, Leader leader, CompletableFuture<@Nullable CacheEntry> answer) {
        if (waits == MAXIMUM_WAITS) {
            settle(mine, timeout(), answer);
        } else {
            loadBeside(mine, waits, leader, answer);
        }
    }

    private void loadBeside(Flight mine, int waits, Leader leader, CompletableFuture<@Nullable CacheEntry> answer) {
        Waiting waiting = flights.joinBeside(mine);
        if (waiting == null) {
            mine.markImpatient();
            forward(() -> leadAsync(mine, new LeaderElsewhere(leader)), answer);
        } else {
            awaitAsync(mine, waiting, waits + 1, leader, answer);
        }
    }

    private void lookAgain(Object key, Leader leader, CompletableFuture<@Nullable CacheEntry> answer) {
        Leader elsewhere = new LeaderElsewhere(leader);
        forward(
                () -> {
                    CompletableFuture<@Nullable CacheEntry> found = lookup.hereAsync(key, elsewhere);
                    return found == null ? joinAsync(key, elsewhere) : found;
                },
                answer);
    }

    private static void forward(
            Supplier<@Nullable CompletableFuture<@Nullable CacheEntry>> step,
            CompletableFuture<@Nullable CacheEntry> answer) {
        CompletableFuture<@Nullable CacheEntry> found;
        try {
            found = step.get();
        } catch (Throwable e) {
            answer.completeExceptionally(e);
            return;
        }
        if (found == null) {
            answer.complete(null);
            return;
        }
        found.whenComplete((entry, failure) -> {
            if (failure == null) {
                answer.complete(entry);
            } else {
                answer.completeExceptionally(Failures.unwrap(failure));
            }
        });
    }

    private void settle(Flight mine, Throwable failure, CompletableFuture<@Nullable CacheEntry> answer) {
        Throwable cause = Failures.unwrap(failure);
        try {
            answer.complete(standIn(mine, cause instanceof RuntimeException e ? e : new LoadFailedException(cause)));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    /** Answers a caller for whom a load has failed, or taken too long, with a stale entry if one is usable. */
    private CacheEntry standIn(Flight mine, RuntimeException failure) {
        CacheEntry stale = tiers.standIn(mine.key(), false);
        requests.count(mine, stale == null ? Outcome.MISS : Outcome.STALE_HIT);
        if (stale == null) {
            throw failure;
        }
        return stale;
    }

    private LoadTimeoutException timeout() {
        return new LoadTimeoutException("Waited longer than twice load-timeout ("
                + TimeUnit.NANOSECONDS.toMillis(loadTimeoutNanos) + " ms) for another caller's load in cache '"
                + cacheName + "'");
    }

    /** Hands a load to a caller that is inside of a load of the same key. */
    private @Nullable CacheEntry nest(Waiting own, Flight mine, Leader leader) {
        if (leader instanceof Lead && own.runsLoaderHere()) {
            requests.count(mine, Outcome.MISS);
            throw new ReentrantLoadException("A load of cache '" + cacheName
                    + "' asked the same cache for the key that it is loading: it would wait for itself for ever");
        }
        Flight nested = new Flight(mine.key(), Purpose.NESTED, entries.now(), Kind.NESTED).at(tiers.moment());
        turns.await(nested);
        handOver(nested, leader);
        return null;
    }

    /** Hands a load to a caller that waits for nobody, and for whom nobody waits. */
    private @Nullable CacheEntry loadAlone(Flight mine, Leader leader) {
        try {
            turns.await(mine);
        } catch (LoadTimeoutException e) {
            landing.abandon(mine);
            return standIn(mine, e);
        }
        handOver(mine, leader);
        return null;
    }

    // --------------------------------------------------------------------------- the tiers below, the caller's turn

    private @Nullable CacheEntry lead(Flight flight, Leader leader) {
        try {
            onLead.accept(flight.key(), leader);
            CacheEntry entry = landedMeanwhile(flight);
            if (entry == null && lower.exist()) {
                entry = promoted(flight, lower.find(flight));
            }
            if (entry == null && turns.await(flight)) {
                entry = landedMeanwhile(flight);
            }
            if (entry == null) {
                handOver(flight, leader);
            }
            return entry;
        } catch (LoadTimeoutException e) {
            landing.abandon(flight);
            return standIn(flight, e);
        } catch (Throwable e) {
            landing.abandon(flight);
            throw e;
        }
    }

    private @Nullable CompletableFuture<@Nullable CacheEntry> leadAsync(Flight flight, Leader leader) {
        CacheEntry entry;
        try {
            onLead.accept(flight.key(), leader);
            entry = landedMeanwhile(flight);
        } catch (LoadFailedException e) {
            return CompletableFuture.failedFuture(e);
        } catch (Throwable e) {
            landing.abandon(flight);
            throw e;
        }
        if (entry != null) {
            return CompletableFuture.completedFuture(entry);
        }
        CompletableFuture<?> turn = lower.exist() ? null : turns.awaitAsync(flight);
        if (!lower.exist() && turn == null) {
            handOverOrAbandon(flight, leader);
            return null;
        }
        // The calling thread goes on, and may ask for the same key.
        flight.setOwner(null);
        // A promise of its own: a caller that cancels it must not cancel the landing of the flight.
        CompletableFuture<@Nullable CacheEntry> answer = new CompletableFuture<>();
        if (turn == null) {
            lower.findAsync(flight).thenApply(found -> promoted(flight, found)).whenComplete((promoted, failure) -> {
                CompletableFuture<?> ready = promoted == null && failure == null ? turns.awaitAsync(flight) : null;
                if (ready == null) {
                    arrive(flight, promoted, failure, leader, answer);
                } else {
                    ready.whenComplete((now, late) -> arrive(flight, null, late, leader, answer));
                }
            });
        } else {
            turn.whenComplete((ready, late) -> arrive(flight, null, late, leader, answer));
        }
        return answer;
    }

    /** Ends the asynchronous look-up of a leader, with what the tiers have or as it is its turn to load. */
    private void arrive(
            Flight flight,
            @Nullable CacheEntry found,
            @Nullable Throwable late,
            Leader leader,
            CompletableFuture<@Nullable CacheEntry> answer) {
        if (late != null) {
            landing.abandon(flight);
            settle(flight, late, answer);
            return;
        }
        CacheEntry entry = found;
        try {
            entry = entry == null ? landedMeanwhile(flight) : entry;
            if (entry == null) {
                handOver(flight, leader);
            }
        } catch (Throwable e) {
            landing.abandon(flight);
            answer.completeExceptionally(e);
            return;
        }
        if (!answer.complete(entry)) {
            // Its caller has given up, and will not load.
            landing.abandon(flight);
        }
    }

    private @Nullable CacheEntry promoted(Flight flight, @Nullable RemoteEntry found) {
        CacheEntry entry = landing.promote(flight, found);
        if (found != null) {
            requests.count(flight, found.source());
        }
        return entry;
    }

    /** The entry that others have stored, or learnt, between our look and our lead; ends the flight if there is one. */
    private @Nullable CacheEntry landedMeanwhile(Flight flight) {
        CacheEntry entry = tiers.fresh(flight.key());
        if (entry != null) {
            landing.answer(flight, entry, Outcome.MEMORY_HIT);
            return lookup.counted(entry, flight.key(), Outcome.MEMORY_HIT, flight.startedNanos());
        }
        try {
            entry = lookup.fromNegative(flight.key());
        } catch (LoadFailedException e) {
            landing.abandon(flight);
            throw e;
        }
        if (entry != null) {
            landing.answer(flight, entry, Outcome.NEGATIVE_HIT);
        }
        return entry;
    }

    private void handOver(Flight flight, Leader leader) {
        flight.markLoading();
        leader.lead(landing.watched(flight, new Load(flight, landing, turns)));
    }

    private void handOverOrAbandon(Flight flight, Leader leader) {
        try {
            handOver(flight, leader);
        } catch (Throwable e) {
            landing.abandon(flight);
            throw e;
        }
    }

    private Flight newFlight(Object key, long startedNanos) {
        return new Flight(key, Purpose.REQUEST, startedNanos, turns.kind()).at(tiers.moment());
    }
}
