package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Flight.Purpose;
import io.tinyllm.cache.core.port.AccessRecorder;
import io.tinyllm.cache.core.port.AccessRecorder.Recording;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a read that find: bypass rules, memory, negative cache and, for whoever does not load, the tiers below.
 * Whoever loads goes on with {@link LeadOrWait}. Thread-safe.
 */
final class Lookup {

    private final MemoryTier memory;
    private final BypassPolicy bypass;
    private final AccessRecorder recorder;
    private final CacheCounters counters;
    private final LongSupplier ahead;
    private final Entries entries;
    private final Requests requests;
    private final SingleFlight flights;
    private final LowerTiers lower;
    private final Landing landing;
    private final Turns turns;
    private final BackgroundLoads background;
    private final Patience patience;
    private final Tiers tiers;
    private final TagPolicy tags;

    Lookup(CacheParts parts, Steps steps) {
        this.memory = parts.memory;
        this.bypass = parts.bypass;
        this.recorder = parts.recorder;
        this.counters = parts.counters;
        this.ahead = Objects.requireNonNullElse(parts.ahead, parts.ticker);
        this.entries = steps.entries();
        this.requests = steps.requests();
        this.flights = steps.flights();
        this.lower = steps.lower();
        this.landing = steps.landing();
        this.turns = steps.turns();
        this.background = steps.background();
        this.patience = new Patience(parts, steps);
        this.tiers = steps.tiers();
        this.tags = parts.tags;
    }

    // ------------------------------------------------------------------------------------- bypass, memory, negative

    /** Returns the entry of a key here, or null. Throws what a key is known to fail with. */
    @Nullable
    CacheEntry here(Object key, @Nullable Leader leader) {
        CacheEntry entry = fromMemory(key, leader);
        if (entry == null && patience.exists() && !isRenewedHere(key, leader)) {
            entry = patience.await(key);
        }
        return entry != null ? entry : fromNegative(key);
    }

    /** As {@link #here}, without blocking; null where there is nothing here. */
    @Nullable
    CompletableFuture<@Nullable CacheEntry> hereAsync(Object key, @Nullable Leader leader) {
        CacheEntry entry = fromMemory(key, leader);
        if (entry == null && patience.exists() && !isRenewedHere(key, leader)) {
            CompletableFuture<@Nullable CacheEntry> refreshed = patience.awaitAsync(key);
            if (refreshed != null) {
                return refreshed;
            }
        }
        if (entry == null) {
            entry = fromNegative(key);
        }
        return entry == null ? null : CompletableFuture.completedFuture(entry);
    }

    /** Returns whether a rule keeps a read away from the cache, and counts it if so. */
    boolean bypasses(Object key) {
        if (!bypass.bypassesRead(key)) {
            return false;
        }
        requests.count(key, Outcome.BYPASS, Requests.UNTIMED);
        return true;
    }

    /**
     * Returns the entry of a key in memory if it is fresh and nothing else is to be done for it; else null, as if
     * nobody had asked.
     */
    @Nullable
    CacheEntry fresh(Object key) {
        if (bypass.exists()) {
            return null;
        }
        Recording recording = recorder.hitRecording();
        long started = recording == Recording.TIMED ? entries.now() : Requests.UNTIMED;
        CacheEntry entry = memory.getIfPresent(key);
        if (entry == null || isEvictedByTag(entry) || background.isInside(key)) {
            return null;
        }
        long now = ahead.getAsLong();
        if (now - entry.createdNanos() >= entry.lookNanos()) {
            return null;
        }
        memory.countHit(key);
        return hit(entry, key, now, recording, started);
    }

    /** The path of a hit: no lock, no allocation, no system clock, and no step that is not needed. */
    private @Nullable CacheEntry fromMemory(Object key, @Nullable Leader leader) {
        Recording recording = recorder.hitRecording();
        long started = recording == Recording.TIMED ? entries.now() : Requests.UNTIMED;
        CacheEntry entry = memory.get(key);
        if (entry == null || isRenewedHere(key, leader)) {
            return null;
        }
        if (isEvictedByTag(entry)) {
            memory.expire(key, entry);
            return null;
        }
        long now = ahead.getAsLong();
        if (now - entry.createdNanos() >= entry.lookNanos()) {
            Outcome outcome = outcomeOfAge(key, entry, leader);
            if (outcome == Outcome.STALE_HIT) {
                return patience.exists() ? null : counted(entry, key, outcome, started);
            }
            if (outcome != Outcome.MEMORY_HIT) {
                return null;
            }
        }
        return hit(entry, key, now, recording, started);
    }

    /** Returns whether a call that could load a key is part of the load that is to replace the entry in memory. */
    private boolean isRenewedHere(Object key, @Nullable Leader leader) {
        return leader != null && background.isInside(key);
    }

    private boolean isEvictedByTag(CacheEntry entry) {
        Tagged tagged = entry.tags();
        return tagged != null && tags.isEvicted(tagged);
    }

    private CacheEntry hit(CacheEntry entry, Object key, long now, Recording recording, long started) {
        entry.used(now);
        counters.memoryHits.increment();
        if (recording != Recording.LEFT_OUT) {
            recorder.record(key, Outcome.MEMORY_HIT, requests.since(started));
        }
        return entry;
    }

    /**
     * Whether an entry is served fresh, served stale or, as a miss, not served; starts its refresh when that is due.
     */
    private Outcome outcomeOfAge(Object key, CacheEntry entry, @Nullable Leader leader) {
        if (!entries.isServable(entry)) {
            return Outcome.MISS;
        }
        boolean fresh = entries.isFresh(entry);
        boolean mayBeStale = !entries.isDueForRefresh(entry) || background.refresh(key, entry, leader);
        return fresh ? Outcome.MEMORY_HIT : mayBeStale ? Outcome.STALE_HIT : Outcome.MISS;
    }

    /** An absence that is remembered; a failure that is remembered is thrown. */
    @Nullable
    CacheEntry fromNegative(Object key) {
        NegativeCache.Negative known = tiers.negative(key);
        if (known == null) {
            return null;
        }
        requests.count(key, Outcome.NEGATIVE_HIT, Requests.UNTIMED);
        Throwable failure = known.failure();
        if (failure != null) {
            throw new LoadFailedException(failure);
        }
        return entries.answer(null);
    }

    // -------------------------------------------------------------------------------------------------- tiers below

    /** The last step of a look-up that does not load: what the lower tiers have of a key, or null. */
    @Nullable
    CacheEntry below(Object key) {
        if (!lower.exist()) {
            requests.count(key, Outcome.MISS, Requests.UNTIMED);
            return null;
        }
        long started = entries.now();
        Answer found = peek(key);
        requests.count(key, found == null ? Outcome.MISS : found.outcome(), started);
        return found == null ? null : found.entry();
    }

    /** As {@link #below}, without blocking; null where there is nothing to ask. */
    @Nullable
    CompletableFuture<@Nullable CacheEntry> belowAsync(Object key) {
        if (!lower.exist()) {
            requests.count(key, Outcome.MISS, Requests.UNTIMED);
            return null;
        }
        long started = entries.now();
        return peekAsync(key).thenApply(found -> {
            requests.count(key, found == null ? Outcome.MISS : found.outcome(), started);
            return found == null ? null : found.entry();
        });
    }

    /** The answer of the lower tiers, which memory gets too unless a load of the key is in progress. Counts nothing. */
    @Nullable
    Answer peek(Object key) {
        Flight flight = newFlight(key);
        flights.joinAlone(flight);
        try {
            return peeked(flight, lower.peek(flight));
        } catch (Throwable e) {
            landing.abandon(flight);
            throw e;
        }
    }

    /** As {@link #peek}, without blocking. */
    CompletableFuture<@Nullable Answer> peekAsync(Object key) {
        Flight flight = newFlight(key);
        flight.setOwner(null);
        flights.joinAlone(flight);
        return lower.peekAsync(flight).handle((found, failure) -> peeked(flight, found));
    }

    private @Nullable Answer peeked(Flight flight, @Nullable RemoteEntry found) {
        CacheEntry entry = landing.promote(flight, found);
        if (found == null || entry == null) {
            landing.abandon(flight);
            return null;
        }
        return new Answer(entry, found.source());
    }

    private Flight newFlight(Object key) {
        return new Flight(key, Purpose.REQUEST, entries.now(), turns.kind()).at(tags.now());
    }

    /** Counts a request that an entry answers, which is a use of the entry. */
    CacheEntry counted(CacheEntry entry, Object key, Outcome outcome, long startedNanos) {
        entry.used(entries.ahead());
        requests.count(key, outcome, startedNanos);
        return entry;
    }
}
