package io.tinyllm.cache.core;

import io.tinyllm.cache.core.Leader.Reload;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TaggedValue;
import io.tinyllm.cache.core.port.WritePolicy;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One cache over its tiers. Thread-safe. Keys are never null, values may be.
 *
 * <p>What a caller may see thrown: the exception of its load, {@link io.tinyllm.cache.LoadTimeoutException}, what the
 * store of a write-through or write-around cache throws, and {@link IllegalStateException} for a loader that asks for
 * its own key. Faults of tiers are counted, and read as misses.
 */
public final class TieredCache {

    /*
     * Tiers
     * -----
     * An entry is held in memory (MemoryTier), and in the remote tier that JVMs share (RemoteTier). A key that is known
     * to be absent or to fail is held by the NegativeCache instead, never by both. Under them there may be a store,
     * which writes go to by a WritePolicy. A feature that is off is a shared object of its port that does nothing.
     *
     * A read
     * ------
     * Lookup asks bypass rules, memory and the negative cache. A hit in memory ends there, without a lock, an
     * allocation or a call of the system's clock. A miss goes on in LeadOrWait and joins the in-flight table
     * (SingleFlight): the first caller of a key leads, the others wait. The leader asks for an unflushed write, the
     * remote tier and another JVM (LowerTiers), waits for its turn where there is a LoadGate (Turns), reads the store,
     * and is handed a Load, which it runs on its own thread and ends.
     * Landing is what becomes of the outcome: a value is held and sent, a failure remembered or covered by a stale
     * entry, nothing lets those who wait look again. What runs in the background (BackgroundLoads) lands in the same
     * way.
     *
     * Words
     * -----
     * flight: one load of one key while it is under way, in the in-flight table. A key has two at most, a slow one and
     *   one beside it, in its slot; private ones, and those of a cache without single flight, are not counted. lead: to
     *   run the load of a flight; the others wait.
     * to land: to become what the tiers hold, or to be turned away. to promote: to land from a lower tier.
     * to dismiss: a change of the key makes a flight too old to land; it still answers those who wait.
     * to forsake: to drop a load without ending it. to abandon: to end it without a result.
     * to suspect: to keep nothing of what a flight has read below. to doubt: not to know yet whether a load is too old.
     * impatient: a flight that waits for no other JVM. deferred: a load whose end is left to a future.
     * private: a flight of a transaction, which nobody else may see before the commit; its Publication says when.
     * turn: what a LoadGate gives in this JVM. lease: the same between JVMs, kept in Redis.
     * to stand in: a stale entry answers for a load that failed. staged: loaded ahead, asked for by nobody yet.
     * barrier: what evicts a tag, see the package tags; moment: a place in the order of barriers.
     *
     * A write
     * -------
     * put and evict go to the store first, in one order for each key (KeyLocks), then change the tiers in one step
     * inside the in-flight table, send the change to the remote tier from within that step, and wait for its
     * acknowledgement outside. clear dismisses all loads, clears the remote tier, and dismisses again those that have
     * read it meanwhile.
     *
     * Ages
     * ----
     * Entries makes every entry, and is the only one that asks for the life of a value (TtlPolicy) and for the time;
     * Staleness has the arithmetic. Past its soft age a read starts a refresh, past its time-to-live an entry is stale,
     * past its keep age the memory may drop it.
     *
     * Invariants
     * ----------
     * A read that begins after a put, an evict or a clear has returned never sees an older value in this JVM. Every
     * change of a key, and the landing of every load, runs inside SingleFlight's table, which is atomic for the key: a
     * change dismisses the loads of the key, and a load stores its result only while it has not been dismissed, however
     * long it took. A load that began later is newer: its result dismisses those that began before it. A key is never
     * in memory and in the negative cache. The remote tier gets the changes of a key in the order in which memory got
     * them.
     *
     * Races
     * -----
     * A hit may race with anything: it sees the entry from before or after a change. Eviction and expiry are none.
     * Of two puts the later one in the table stays. News of changes made elsewhere (Invalidations) make what a load has
     * read of the remote tier suspect: it answers, and is not held. Of two loads that wait for each other's key the one
     * that notices runs alone, and what it brings is not held.
     */

    private final String name;
    private final MemoryTier memory;
    private final WritePolicy writes;
    private final RemoteTier remote;
    private final CacheCounters counters;
    private final LoadGate gate;
    private final Entries entries;
    private final Tiers tiers;
    private final SingleFlight flights;
    private final LowerTiers lower;
    private final KeyLocks writeLocks;
    private final Requests requests;
    private final Landing landing;
    private final BackgroundLoads background;
    private final Changes changes;
    private final Lookup lookup;
    private final LeadOrWait leadOrWait;
    private final Inspection inspection;
    private final DirtyTags dirty;

    TieredCache(CacheParts parts) {
        Steps steps = Steps.of(parts);
        this.name = parts.name;
        this.memory = parts.memory;
        this.writes = parts.writes;
        this.counters = parts.counters;
        this.gate = parts.gate;
        this.remote = steps.remote();
        this.entries = steps.entries();
        this.tiers = steps.tiers();
        this.flights = steps.flights();
        this.lower = steps.lower();
        this.writeLocks = steps.writeLocks();
        this.requests = steps.requests();
        this.landing = steps.landing();
        this.background = steps.background();
        this.changes = steps.changes();
        this.dirty = steps.dirty();
        this.lookup = new Lookup(parts, steps);
        this.leadOrWait = new LeadOrWait(parts, steps, lookup);
        this.inspection = new Inspection(parts, steps);
        remote.onInvalidation(new Invalidations(flights, tiers, changes, counters));
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
     * Looks a key up in every tier, without loading. May wait for its turn to read the store, where there is one.
     * @param key the key
     * @return its entry, or null
     * @throws LoadFailedException if the key is known to fail
     * @throws io.tinyllm.cache.LoadTimeoutException if the turn to read the store takes too long
     */
    public @Nullable CacheEntry get(Object key) {
        if (lookup.bypasses(key)) {
            return null;
        }
        CacheEntry entry = lookup.here(key, null);
        return entry != null ? entry : lookup.below(key);
    }

    /**
     * Looks a key up in memory alone. Where this answers null, nothing has been counted or begun, and another look-up
     * is to follow.
     * @param key the key
     * @return its entry if it is fresh and not to be refreshed; else null, also where bypass rules are to be asked
     */
    public @Nullable CacheEntry getFresh(Object key) {
        return lookup.fresh(key);
    }

    /**
     * As {@link #get(Object)}, without blocking.
     * @param key the key
     * @return null if no tier in this JVM has the key and none outside is to be asked; else the entry to come, null in
     *     it if no tier has the key
     * @throws LoadFailedException if the key is known to fail
     */
    public @Nullable CompletableFuture<@Nullable CacheEntry> lookupAsync(Object key) {
        if (lookup.bypasses(key)) {
            return null;
        }
        CompletableFuture<@Nullable CacheEntry> found = lookup.hereAsync(key, null);
        return found != null ? found : lookup.belowAsync(key);
    }

    /**
     * Looks a key up and, where no tier has it, makes the caller lead its load or waits for whoever does. This is what
     * a cacheable method does.
     * @param key the key
     * @param leader told if the caller has to load
     * @return the entry; null if the caller has to load: what it was told to lead, else without storing
     * @throws LoadFailedException if the load of another caller failed, or the key is known to fail
     * @throws io.tinyllm.cache.LoadTimeoutException if the load of another caller, or the turn to load, takes too long
     */
    public @Nullable CacheEntry getOrLead(Object key, Leader leader) {
        if (lookup.bypasses(key)) {
            return null;
        }
        CacheEntry entry = lookup.here(key, leader);
        return entry != null ? entry : leadOrWait.join(key, leader);
    }

    /**
     * As {@link #getOrLead}, without blocking.
     * @param key the key
     * @param leader told if the caller has to load; later, on another thread, where a tier takes its time
     * @return null if the caller has to load now; else the entry to come, null in it if the caller has to load then
     */
    public @Nullable CompletableFuture<@Nullable CacheEntry> getOrLeadAsync(Object key, Leader leader) {
        if (lookup.bypasses(key)) {
            return null;
        }
        try {
            CompletableFuture<@Nullable CacheEntry> found = lookup.hereAsync(key, leader);
            return found != null ? found : leadOrWait.joinAsync(key, leader);
        } catch (LoadFailedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Looks a key up and loads it where no tier has it, on the calling thread.
     * @param key the key
     * @param loader the load
     * @return the value, may be null
     * @throws LoadFailedException if the load failed, this caller's too, or the key is known to fail
     * @throws io.tinyllm.cache.LoadTimeoutException if the load of another caller, or the turn to load, takes too long
     */
    public @Nullable Object get(Object key, Callable<? extends @Nullable Object> loader) {
        return get(key, loader, Lead.EVERYBODYS);
    }

    /**
     * As {@link #get(Object, Callable)}, for a caller whose load may be its own.
     * @param publication says, where the caller has to load, when others may see that; null where it is everybody's
     */
    public @Nullable Object get(
            Object key, Callable<? extends @Nullable Object> loader, Supplier<@Nullable Publication> publication) {
        return get(key, loader, new Lead(load -> load.run(loader), publication));
    }

    /**
     * As {@link #get(Object, Callable)}, for a caller that knows how to load the key later.
     * @param caller is told nothing, and asked for what it knows of its load
     */
    public @Nullable Object getFor(Object key, Callable<? extends @Nullable Object> loader, Leader caller) {
        return get(key, loader, new Lead(load -> load.run(loader), caller));
    }

    private @Nullable Object get(Object key, Callable<? extends @Nullable Object> loader, Lead lead) {
        CacheEntry entry = getOrLead(key, lead);
        return entry != null ? entry.value() : lead.run(loader);
    }

    /**
     * As {@link #get(Object, Callable)}, without blocking.
     * @param key the key
     * @param loader the load; called at most once, on the calling thread unless a tier takes its time
     * @return the value to come; fails with {@link LoadFailedException} or {@link
     *     io.tinyllm.cache.LoadTimeoutException}
     */
    public CompletableFuture<@Nullable Object> getAsync(
            Object key, Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader) {
        return getAsync(key, loader, Lead.EVERYBODYS);
    }

    /**
     * As {@link #getAsync(Object, Supplier)}, for a caller whose load may be its own.
     * @param publication says, where the caller has to load, when others may see that; null where it is everybody's
     */
    public CompletableFuture<@Nullable Object> getAsync(
            Object key,
            Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader,
            Supplier<@Nullable Publication> publication) {
        return getAsync(key, loader, new Lead(load -> load.runAsync(loader), publication));
    }

    /**
     * As {@link #getAsync(Object, Supplier)}, for a caller that knows how to load the key later.
     * @param caller is told nothing, and asked for what it knows of its load
     */
    public CompletableFuture<@Nullable Object> getAsyncFor(
            Object key, Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader, Leader caller) {
        return getAsync(key, loader, new Lead(load -> load.runAsync(loader), caller));
    }

    private CompletableFuture<@Nullable Object> getAsync(
            Object key, Supplier<? extends CompletableFuture<? extends @Nullable Object>> loader, Lead lead) {
        CompletableFuture<@Nullable CacheEntry> found = getOrLeadAsync(key, lead);
        return found == null ? lead.runAsync(loader) : lead.runAsyncAfter(found, loader);
    }

    // ---------------------------------------------------------------------------------------------- put, evict, clear

    /**
     * Stores a value. Whatever load of the key is in progress stores nothing any more.
     * @param key the key
     * @param value the value, may be null
     * @throws RuntimeException what the store throws, where writes go to one; no tier then has the key
     */
    public void put(Object key, @Nullable Object value) {
        if (!writes.exists()) {
            store(key, value, false, tiers.tags(key, value, tiers.moment()));
            return;
        }
        Moment began = tiers.moment();
        written(key, () -> writes.put(key, value), write -> {
            Tagged tags = tiers.tags(key, value, began);
            dirty.written(key, tags);
            if (write.mayPublish()) {
                store(key, value, false, tags);
            } else {
                remove(key);
                requests.put(key);
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
        if (!lower.exist()) {
            CacheEntry present = tiers.present(key);
            return present != null ? present : store(key, value, true, tiers.tags(key, value, tiers.moment()));
        }
        // One caller of this JVM at a time: nothing here may hold what one has stored in a tier below.
        try (KeyLocks.Held lock = writeLocks.lock(key)) {
            CacheEntry present = tiers.present(key);
            if (present == null) {
                Answer found = lookup.peek(key);
                present = found == null ? null : found.entry();
            }
            if (present == null && writes.exists()) {
                put(key, value);
                return null;
            }
            return present != null ? present : store(key, value, true, tiers.tags(key, value, tiers.moment()));
        }
    }

    /**
     * Removes a key. Whatever load of it is in progress stores nothing.
     * @param key the key
     * @return whether this JVM held what it would have answered with, or the remote tier held it
     * @throws RuntimeException what the store throws, where evictions delete from one; no tier then has the key
     */
    public boolean evict(Object key) {
        boolean held = writes.exists() ? written(key, () -> writes.evict(key), write -> remove(key)) : remove(key);
        requests.evict(key);
        return held;
    }

    /**
     * Removes every key. Whatever load is in progress stores nothing.
     * @return whether this JVM held any, or knows that the remote tier did
     * @throws RuntimeException what the store throws, where it is cleared too; the tiers are then empty nevertheless
     */
    public boolean clear() {
        if (writes.exists()) {
            // Before the store is cleared: what they bring must not fill it again.
            landing.dismissAll();
        }
        try (WritePolicy.Write write = writes.clear()) {
            return removeAll();
        } catch (Throwable e) {
            removeAll();
            throw e;
        }
    }

    /** Runs a write of the store and what the tiers do after it, in one order with every other write of the key. */
    private boolean written(
            Object key, Supplier<WritePolicy.Write> storeWrite, Predicate<WritePolicy.Write> tiersFollow) {
        try (KeyLocks.Held lock = writeLocks.lock(key)) {
            WritePolicy.Write write;
            try {
                write = storeWrite.get();
            } catch (Throwable e) {
                remove(key);
                throw e;
            }
            try (write) {
                return tiersFollow.test(write);
            }
        }
    }

    /** Stores a value in the tiers; returns the entry that kept it out, if only an absent key is to get it. */
    private @Nullable CacheEntry store(
            Object key, @Nullable Object value, boolean onlyIfAbsent, @Nullable Tagged tags) {
        long lifeNanos = tiers.refuses(tags) ? 0 : tiers.lifeNanos(key, value);
        if (lifeNanos <= 0) {
            if (!onlyIfAbsent) {
                remove(key);
            }
            return null;
        }
        boolean absence = tiers.isAbsence(value);
        CacheEntry entry = entries.create(value, lifeNanos, tags);
        RemoteTier.Write write = absence
                ? null
                : remote.prepare(key, TaggedValue.of(value, tags), entries.sharedNanos(key, value, lifeNanos));
        Change change = new Change();
        flights.dismissIf(key, () -> {
            change.present = onlyIfAbsent ? tiers.present(key) : null;
            if (change.present == null) {
                change.sent = absence ? tiers.rememberNull(key, tags) : tiers.hold(key, entry, write);
            }
            return change.present == null;
        });
        if (change.present == null) {
            tiers.await(change.sent);
            requests.put(key);
            if (!absence) {
                counters.stores.increment();
            }
        }
        return change.present;
    }

    private boolean remove(Object key) {
        Change change = new Change();
        flights.dismiss(key, () -> {
            change.held = tiers.answers(key);
            change.sent = tiers.forget(key);
        });
        return tiers.await(change.sent) || change.held;
    }

    /** Forgets every key, in all tiers but the store. Whatever load is in progress stores nothing. */
    public void forgetAll() {
        removeAll();
    }

    private boolean removeAll() {
        // Loads first: one that lands before it is dismissed is wiped below, one that lands after stores nothing.
        flights.dismissAll();
        changes.all();
        CompletableFuture<?> sent = remote.clear();
        // And again: a look-up that came in between may have been answered by what the remote tier had before.
        flights.dismissAll();
        boolean held = tiers.dropAll();
        return tiers.await(sent) || held;
    }

    /** The findings of a change inside the in-flight table, and the write that it sent. */
    private static final class Change {

        private @Nullable CacheEntry present;
        private boolean held;
        private @Nullable CompletableFuture<?> sent;
    }

    // ------------------------------------------------------------------------------------- saved and staged entries

    /** Begins to bring back entries that were saved earlier; they go to the local tier only. */
    public Restoration beginRestoration() {
        return new Restoration(flights, tiers, entries, changes);
    }

    /**
     * Returns whether a key is neither bypassed, nor fresh in memory, nor negative, nor being written, nor being
     * loaded.
     * @param key the key
     */
    public boolean lacks(Object key) {
        return tiers.lack(key) && !flights.contains(key) && !writes.isDirty(key);
    }

    /**
     * Brings a key that nobody has asked for into memory: from a lower tier, else by the loader of background loads,
     * else as told. It is no request: no hit, no miss, no use of an entry. Callers who ask for the key meanwhile wait
     * for it; where it fails they load for themselves, and nothing is remembered. Blocks, but not for a load that goes
     * on without a thread.
     * @param key the key
     * @param otherwise how to load it, or null
     * @param staging stores the entry in the local tier, unless somebody asks meanwhile; short, and never calls back
     * @return whether the key has come; fails as its load does
     */
    public CompletableFuture<Boolean> stage(
            Object key, @Nullable Reload otherwise, BiConsumer<Object, CacheEntry> staging) {
        return background.stage(key, otherwise, staging);
    }

    /** Returns the name of the cache. */
    public String name() {
        return name;
    }

    /**
     * Returns what is known of a key. It is no request, no use of an entry and no load. Waits for the remote tier, at
     * most for its deadline; the store is not asked.
     * @param key the key
     */
    public KeyState inspect(Object key) {
        return inspection.of(key);
    }

    /**
     * Returns what is held of a key, fresh or not: in memory, else in the remote tier. It is no request, no use of an
     * entry and no load, and does not block.
     * @param key the key
     * @return what is held, null in it where that is nothing; fails where the remote tier does
     */
    public CompletableFuture<KeyState.@Nullable Held> held(Object key) {
        return inspection.held(key);
    }

    /**
     * Returns what keeps a key away from the cache, in words for a person; null where nothing does.
     * @param key the key
     */
    public @Nullable String bypassedBy(Object key) {
        return inspection.bypassedBy(key);
    }

    /**
     * Returns whether this JVM holds something of a key, loads it or has to write it.
     * @param key the key
     */
    public boolean knows(Object key) {
        return inspection.knows(key);
    }

    /**
     * Looks through the keys that this JVM holds something of, loads or has to write, all of them.
     * @param wanted whether a key is the one; must not throw
     * @return the first that is, or null
     */
    public @Nullable Object findKey(Predicate<Object> wanted) {
        return inspection.find(wanted);
    }

    /**
     * Returns whether an entry of the local tier was evicted by one of its tags.
     * @param entry the entry
     */
    public boolean isEvicted(CacheEntry entry) {
        return !tiers.isAlive(entry);
    }

    /** Returns the local tier. */
    public MemoryTier memory() {
        return memory;
    }

    /** Returns the exact figures. */
    public CacheCounters counters() {
        return counters;
    }

    /** Returns how many changes there were to what the cache holds, brought back entries apart. */
    public long changes() {
        return changes.count();
    }

    /** Returns how many keys are being loaded. */
    public int loadsInProgress() {
        landing.abandonForsaken();
        return flights.size();
    }

    /** Returns how many loads run; where nothing limits them, how many keys are being loaded. */
    public int loadsRunning() {
        return gate.exists() ? gate.running() : loadsInProgress();
    }

    /** Returns how many loads wait for their turn to run. */
    public int loadsWaiting() {
        return gate.waiting();
    }

    /**
     * Returns whether a load is one of this cache.
     * @param load the load
     */
    public boolean owns(Load load) {
        return load.isLandedBy(landing);
    }
}
