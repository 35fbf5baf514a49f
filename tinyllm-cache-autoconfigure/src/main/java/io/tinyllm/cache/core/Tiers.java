package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The local tiers as one: what they hold of a key, and its changes, which the remote tier is told of. The methods that
 * change a single key are called inside the in-flight table only: sending never blocks, and so all tiers see one order
 * of the changes to a key. Thread-safe.
 */
final class Tiers {

    private final MemoryTier memory;
    private final NegativeCache negative;
    private final RemoteTier remote;
    private final BypassPolicy bypass;
    private final Entries entries;
    private final Changes changes;
    private final CacheCounters counters;
    private final TagPolicy tags;

    Tiers(
            MemoryTier memory,
            NegativeCache negative,
            RemoteTier remote,
            BypassPolicy bypass,
            Entries entries,
            Changes changes,
            CacheCounters counters,
            TagPolicy tags) {
        this.memory = memory;
        this.negative = negative;
        this.remote = remote;
        this.bypass = bypass;
        this.entries = entries;
        this.changes = changes;
        this.counters = counters;
        this.tags = tags;
    }

    // ---------------------------------------------------------------------------------------------------- what is held

    /** Returns the entry of a key, however old, without any effect on eviction; null where a tag of it was evicted. */
    @Nullable
    CacheEntry held(Object key) {
        CacheEntry entry = memory.peek(key);
        return entry != null && isAlive(entry) ? entry : null;
    }

    /** Returns whether no tag of an entry was evicted. */
    boolean isAlive(CacheEntry entry) {
        Tagged tagged = entry.tags();
        return tagged == null || !tags.isEvicted(tagged);
    }

    /** Returns what is remembered of a key that is absent or fails, or null. */
    NegativeCache.@Nullable Negative negative(Object key) {
        NegativeCache.Negative known = negative.get(key);
        Tagged tagged = known == null ? null : known.tags();
        return tagged != null && tags.isEvicted(tagged) ? null : known;
    }

    /** Returns the moment at which a load or a put begins now. */
    Moment moment() {
        return tags.now();
    }

    /** Returns the tags of an entry about to be written, see {@link TagPolicy#of}. */
    @Nullable
    Tagged tags(Object key, @Nullable Object value, Moment began) {
        return tags.of(key, value, began);
    }

    /** Returns whether what another's load has brought answers a caller: not where it had been evicted by then. */
    boolean mayAnswer(CacheEntry entry, Flight caller) {
        Tagged tagged = entry.tags();
        return tagged == null || !tags.isEvicted(tagged, caller.moment());
    }

    /** Returns the fresh entry of a key, without any effect on eviction, or null. */
    @Nullable
    CacheEntry fresh(Object key) {
        CacheEntry entry = held(key);
        return entry != null && entries.isFresh(entry) ? entry : null;
    }

    /** Returns what this JVM holds of a key: its fresh entry, or that it is known to be null. */
    @Nullable
    CacheEntry present(Object key) {
        CacheEntry entry = fresh(key);
        if (entry != null) {
            return entry;
        }
        NegativeCache.Negative known = negative(key);
        return known != null && known.failure() == null ? entries.answer(null) : null;
    }

    /** Returns whether a read would be answered here without a load, be it that the key is absent or fails. */
    boolean answers(Object key) {
        return fresh(key) != null || isNegative(key);
    }

    /** Returns whether a key is remembered as absent or failing. */
    boolean isNegative(Object key) {
        return negative(key) != null;
    }

    /** Returns whether a key may be held and is not, neither fresh nor as absent or failing. */
    boolean lack(Object key) {
        return !bypass.bypassesRead(key) && fresh(key) == null && !isNegative(key);
    }

    /** Returns whether a value is one that only the negative cache holds. */
    boolean isAbsence(@Nullable Object value) {
        return value == null && negative.handlesNull();
    }

    /** Returns the entry that stands in for a load of a key that failed, or null. */
    @Nullable
    CacheEntry standIn(Object key, boolean refresh) {
        CacheEntry entry = entries.haveStandIns(refresh) ? held(key) : null;
        if (entry == null || !entries.standsIn(entry, refresh)) {
            return null;
        }
        if (!refresh) {
            entry.used(entries.ahead());
        }
        return entry;
    }

    /** Returns how long a new value is to be held, not positive where it is not to be held at all. */
    long lifeNanos(Object key, @Nullable Object value) {
        return bypass.bypassesWrite(key, value) ? 0 : entries.lifeNanos(key, value);
    }

    /** Returns whether memory may get an entry without anybody asking for it. */
    boolean isToBeHeld(Object key, @Nullable Object value) {
        return !bypass.bypassesRead(key) && !isAbsence(value);
    }

    // --------------------------------------------------------------------------------------------- changes of one key

    /** Holds an entry, and sends it to the remote tier where there is a write to send. */
    @Nullable
    CompletableFuture<?> hold(Object key, CacheEntry entry, RemoteTier.@Nullable Write write) {
        return hold(key, entry, write, memory::put);
    }

    /** As {@link #hold(Object, CacheEntry, RemoteTier.Write)}, in a place of the local tier that the caller chooses. */
    @Nullable
    CompletableFuture<?> hold(
            Object key, CacheEntry entry, RemoteTier.@Nullable Write write, BiConsumer<Object, CacheEntry> place) {
        changes.key(key);
        negative.remove(key);
        place.accept(key, entry);
        return write == null ? null : write.send();
    }

    /** Lets the next refresh of a key wait a while, where one is due: the one before has changed nothing. */
    void postponeRefresh(Object key) {
        CacheEntry entry = memory.peek(key);
        if (entry != null && entries.isDueForRefresh(entry)) {
            memory.replace(key, entry, entries.refreshedLater(entry));
        }
    }

    /** Holds an entry that was held before, where nothing is held of its key; returns whether it does. */
    boolean holdAgain(Object key, CacheEntry entry) {
        boolean free = memory.peek(key) == null && !isNegative(key);
        if (free) {
            remote.heldHere(key);
            memory.put(key, entry);
        }
        return free;
    }

    /** Holds nothing of a key any more, here and in the remote tier, which tells the others. */
    CompletableFuture<?> forget(Object key) {
        drop(key);
        return remote.remove(key);
    }

    /**
     * Holds nothing of a key any more for what a load has found out: others hear of it only where it changes anything.
     */
    void forgetLoaded(Object key) {
        drop(key);
        remote.removeLoaded(key);
    }

    /** Holds nothing of a key but that it is null. */
    CompletableFuture<?> rememberNull(Object key, @Nullable Tagged borne) {
        CompletableFuture<?> sent = forget(key);
        remember(key, borne);
        return sent;
    }

    /** As {@link #rememberNull}, for what a load has found out. */
    void rememberNullLoaded(Object key, @Nullable Tagged borne) {
        forgetLoaded(key);
        remember(key, borne);
    }

    /** Returns whether an entry is not to be kept: its tags cannot be told, or it was evicted since it began. */
    boolean refuses(@Nullable Tagged borne) {
        return borne != null && (borne == Tagged.REFUSED || tags.isEvicted(borne));
    }

    private void remember(Object key, @Nullable Tagged borne) {
        if (!refuses(borne)) {
            negative.rememberNull(key, borne);
        }
    }

    /** Holds nothing of a key here any more; the remote tier knows better. */
    void drop(Object key) {
        changes.key(key);
        negative.remove(key);
        memory.remove(key);
    }

    // ---------------------------------------------------------------------------------------------------- all of them

    /** Holds nothing here any more; returns whether there was anything. */
    boolean dropAll() {
        boolean held = memory.size() > 0 || negative.size() > 0;
        memory.clear();
        negative.clear();
        return held;
    }

    /**
     * Ends when the remote tier has acknowledged a change, or its deadline has passed.
     * @return whether the remote tier is known to have held something of what was changed
     */
    boolean await(@Nullable CompletableFuture<?> sent) {
        if (sent == null) {
            return false;
        }
        try {
            return Boolean.TRUE.equals(sent.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            counters.error();
        }
        return false;
    }
}
