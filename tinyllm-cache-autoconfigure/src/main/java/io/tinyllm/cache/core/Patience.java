package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a reader for the refresh of an expired entry, before it is served that entry. Thread-safe.
 *
 * <p>A reader gets what the refresh has brought where that comes in time; where it is late, fails or brings nothing,
 * the expired entry. One that waits for its own load, or was interrupted, is served the expired entry at once.
 */
final class Patience {

    private final long nanos;
    private final Tiers tiers;
    private final Entries entries;
    private final SingleFlight flights;
    private final Requests requests;
    private final Background background;

    Patience(CacheParts parts, Steps steps) {
        this.nanos = parts.staleWaitNanos;
        this.tiers = steps.tiers();
        this.entries = steps.entries();
        this.flights = steps.flights();
        this.requests = steps.requests();
        this.background = parts.background;
    }

    /** Returns whether readers wait at all. */
    boolean exists() {
        return nanos > 0;
    }

    /**
     * Waits for the refresh of a key whose entry has expired.
     * @return the entry to serve, counted; null where there is none to be served, or nothing refreshes it
     */
    @Nullable
    CacheEntry await(Object key) {
        long started = entries.now();
        Wait wait = begin(key);
        if (wait == null) {
            return null;
        }
        Waiting waiting = wait.waiting;
        if (waiting == null) {
            return serve(key, wait.entry, null, started);
        }
        Answer answer = null;
        try {
            answer = waiting.await(nanos).answer();
        } catch (LoadFailedException e) {
            // The expired entry stands in.
        }
        return serve(key, wait.entry, answer, started);
    }

    /** As {@link #await}, without blocking. */
    @Nullable
    CompletableFuture<@Nullable CacheEntry> awaitAsync(Object key) {
        long started = entries.now();
        Wait wait = begin(key);
        if (wait == null) {
            return null;
        }
        Waiting waiting = wait.waiting;
        if (waiting == null) {
            return CompletableFuture.completedFuture(serve(key, wait.entry, null, started));
        }
        CompletableFuture<@Nullable CacheEntry> served = new CompletableFuture<>();
        waiting.awaitAsync(nanos, background).whenComplete((end, failure) -> {
            if (end != null && end.late()) {
                // Not on the timer's thread, which is not to run what callers do with their answers; and not on those
                // of background loads, which may all be busy with what is late.
                served.completeAsync(() -> serve(key, wait.entry, null, started));
            } else {
                served.complete(serve(key, wait.entry, end == null ? null : end.answer(), started));
            }
        });
        return served;
    }

    private @Nullable Wait begin(Object key) {
        // Twice, since a refresh may land between the looks at memory and at the in-flight table.
        for (int look = 0; look < 2; look++) {
            CacheEntry entry = tiers.held(key);
            if (entry == null || !entries.isServable(entry)) {
                return null;
            }
            if (entries.isFresh(entry) || !entries.isDueForRefresh(entry)) {
                return new Wait(entry, null);
            }
            Waiting waiting = flights.waiting(key);
            if (waiting != null) {
                return new Wait(entry, waiting.isInside() || waiting.isForNobody() ? null : waiting);
            }
        }
        return null;
    }

    /** Counts a request, and answers it: with what a load has brought, else with what is fresh by now, else stale. */
    private CacheEntry serve(Object key, CacheEntry expired, @Nullable Answer answer, long started) {
        if (answer != null && tiers.isAlive(answer.entry())) {
            return counted(key, answer.entry(), answer.outcome(), started);
        }
        CacheEntry held = tiers.held(key);
        return held != null && entries.isFresh(held)
                ? counted(key, held, Outcome.MEMORY_HIT, started)
                : counted(key, expired, Outcome.STALE_HIT, started);
    }

    private CacheEntry counted(Object key, CacheEntry entry, Outcome outcome, long started) {
        entry.used(entries.ahead());
        requests.count(key, outcome, started);
        return entry;
    }

    /**
     * The wait of one reader.
     * @param entry what it is served otherwise
     * @param waiting the wait, null where there is nothing to wait for
     */
    private record Wait(CacheEntry entry, @Nullable Waiting waiting) {}
}
