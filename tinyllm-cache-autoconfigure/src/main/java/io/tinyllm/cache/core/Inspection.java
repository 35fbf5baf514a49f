package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.KeyState.RemoteState;
import io.tinyllm.cache.core.KeyState.State;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TaggedValue;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.core.port.WritePolicy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one key from outside: no request, no use of an entry, no load, and nothing is changed. The store is not
 * asked. Thread-safe.
 */
final class Inspection {

    private final MemoryTier memory;
    private final NegativeCache negative;
    private final BypassPolicy bypass;
    private final WritePolicy writes;
    private final RemoteTier remote;
    private final TtlPolicy ttl;
    private final Entries entries;
    private final SingleFlight flights;
    private final Tiers tiers;
    private final TagPolicy tags;

    Inspection(CacheParts parts, Steps steps) {
        this.memory = parts.memory;
        this.negative = parts.negative;
        this.bypass = parts.bypass;
        this.writes = parts.writes;
        this.remote = steps.remote();
        this.ttl = parts.ttl;
        this.entries = steps.entries();
        this.flights = steps.flights();
        this.tiers = steps.tiers();
        this.tags = parts.tags;
    }

    /** Returns a key of which this JVM holds or does something, the first that is found; null where there is none. */
    @Nullable
    Object find(Predicate<Object> wanted) {
        Finder finder = new Finder(wanted);
        memory.scan((key, entry) -> finder.accept(key));
        memory.forEachStaged(finder);
        negative.forEachKey(finder);
        flights.forEachKey(finder);
        writes.forEachPending(finder);
        return finder.found;
    }

    /** Returns whether this JVM holds or does something of a key. */
    boolean knows(Object key) {
        return memory.peek(key) != null || negative.get(key) != null || flights.contains(key) || writes.isDirty(key);
    }

    /** Returns what is known of a key. Waits for the remote tier, at most for its deadline. */
    KeyState of(Object key) {
        CacheEntry entry = memory.peek(key);
        long now = entries.now();
        if (entry != null && now - entry.createdNanos() >= entry.keepNanos()) {
            entry = null;
        }
        Tagged borne = entry == null ? null : entry.tags();
        String evictedBy = borne == null ? null : tags.evictedBy(borne);
        if (evictedBy != null) {
            entry = null;
        }
        String bypassedBy = bypass.bypassedBy(key);
        boolean dirty = writes.isDirty(key);
        boolean isNegative = tiers.isNegative(key);
        boolean staged = entry != null && memory.isStaged(key);
        Asked asked = remote.exists() ? ask(key) : Asked.NOT;
        boolean fresh = entry != null && entries.isFresh(entry);
        State state =
                state(key, bypassedBy != null, dirty, isNegative, staged ? null : entry, fresh, asked.found, staged);
        Long life = entry != null ? (Long) entry.ttlNanos() : isNegative ? (Long) negative.lifeNanos() : null;
        return new KeyState(
                state,
                answeredBy(bypassedBy != null, dirty, isNegative, entry, asked.found),
                entry == null ? null : now - entry.createdNanos(),
                remaining(entry, asked.found, now),
                life,
                entry != null ? ttl.because(key, entry.value()) : isNegative ? "negative.time-to-live" : null,
                entry == null ? null : Math.max(0, now - entry.usedNanos()),
                bypassedBy,
                asked.answered,
                asked.found == null ? null : new RemoteState(finite(asked.found.remainingNanos())),
                writes.exists(),
                dirty,
                borne == null ? asked.tags() : borne.names(),
                evictedBy);
    }

    private State state(
            Object key,
            boolean bypassed,
            boolean dirty,
            boolean isNegative,
            @Nullable CacheEntry entry,
            boolean fresh,
            @Nullable RemoteEntry found,
            boolean staged) {
        if (bypassed) {
            return State.BYPASSED;
        }
        if (dirty) {
            return State.DIRTY;
        }
        if (isNegative) {
            return State.NEGATIVE;
        }
        if ((entry != null && fresh) || (entry == null && !staged && found != null)) {
            return State.FRESH;
        }
        if (entry != null) {
            return State.STALE;
        }
        if (flights.contains(key)) {
            return State.LOADING;
        }
        return staged ? State.STAGED : State.ABSENT;
    }

    /**
     * As a read would go: memory and what is remembered of absences first, then what waits for the store, then the
     * rest.
     */
    private @Nullable Outcome answeredBy(
            boolean bypassed,
            boolean dirty,
            boolean isNegative,
            @Nullable CacheEntry entry,
            @Nullable RemoteEntry found) {
        if (bypassed) {
            return null;
        }
        if ((entry != null && entries.isServable(entry)) || isNegative) {
            return Outcome.MEMORY_HIT;
        }
        if (dirty) {
            return Outcome.STORE_HIT;
        }
        return found == null ? null : found.source();
    }

    private static @Nullable Long remaining(@Nullable CacheEntry entry, @Nullable RemoteEntry found, long now) {
        if (entry != null) {
            return entry.ttlNanos() == CacheEntry.NEVER
                    ? null
                    : (Long) (entry.ttlNanos() - (now - entry.createdNanos()));
        }
        return found == null ? null : finite(found.remainingNanos());
    }

    private static @Nullable Long finite(long nanos) {
        return nanos == CacheEntry.NEVER ? null : (Long) nanos;
    }

    /** Returns what keeps a key away from the cache, in words for a person; null where nothing does. */
    @Nullable
    String bypassedBy(Object key) {
        return bypass.bypassedBy(key);
    }

    /** Returns what is held of a key, in memory or else in the remote tier; null in it where that is nothing. */
    CompletableFuture<KeyState.@Nullable Held> held(Object key) {
        CacheEntry entry = tiers.held(key);
        long age = entry == null ? 0 : entries.now() - entry.createdNanos();
        if (entry != null && age < entry.keepNanos()) {
            long remaining = entry.ttlNanos() == CacheEntry.NEVER ? CacheEntry.NEVER : entry.ttlNanos() - age;
            return CompletableFuture.completedFuture(new KeyState.Held(entry.value(), remaining));
        }
        return remote.get(key)
                .thenApply(found -> found == null
                                || found.value() instanceof TaggedValue tagged
                                        && tags.isEvictedFromShared(tagged.tags())
                        ? null
                        : new KeyState.Held(TaggedValue.unwrap(found.value()), found.remainingNanos()));
    }

    private Asked ask(Object key) {
        try {
            RemoteEntry found = remote.get(key).get();
            boolean evicted = found != null
                    && found.value() instanceof TaggedValue tagged
                    && tags.isEvictedFromShared(tagged.tags());
            return new Asked(true, evicted ? null : found);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Asked.NOT;
        } catch (ExecutionException | RuntimeException e) {
            // It is away: nothing is known of it.
            return Asked.NOT;
        }
    }

    /** The answer of the remote tier. */
    private record Asked(boolean answered, @Nullable RemoteEntry found) {

        static final Asked NOT = new Asked(false, null);

        List<String> tags() {
            return found != null && found.value() instanceof TaggedValue tagged
                    ? tagged.tags().names()
                    : List.of();
        }
    }

    /** Keeps the first key that is wanted. */
    private static final class Finder implements Consumer<Object> {

        private final Predicate<Object> wanted;
        private @Nullable Object found;

        Finder(Predicate<Object> wanted) {
            this.wanted = wanted;
        }

        @Override
        public void accept(Object key) {
            if (found == null && wanted.test(key)) {
                found = key;
            }
        }
    }
}
