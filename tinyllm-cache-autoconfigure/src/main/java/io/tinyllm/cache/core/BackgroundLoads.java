package io.tinyllm.cache.core;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.Flight.Purpose;
import io.tinyllm.cache.core.Leader.Reload;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate.Kind;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The loads that no caller waits for: refreshes of entries, and keys that nobody has asked for. Thread-safe. */
final class BackgroundLoads {

    private final Background background;
    private final MemoryTier memory;
    private final Tiers tiers;
    private final Entries entries;
    private final SingleFlight flights;
    private final LowerTiers lower;
    private final Landing landing;
    private final Turns turns;
    private final CacheCounters counters;
    private final long loadTimeoutNanos;

    /** How many loads run. */
    private final AtomicInteger running = new AtomicInteger();

    BackgroundLoads(
            Background background,
            MemoryTier memory,
            Tiers tiers,
            Entries entries,
            SingleFlight flights,
            LowerTiers lower,
            Landing landing,
            Turns turns,
            CacheCounters counters,
            long loadTimeoutNanos) {
        this.background = background;
        this.memory = memory;
        this.tiers = tiers;
        this.entries = entries;
        this.flights = flights;
        this.lower = lower;
        this.landing = landing;
        this.turns = turns;
        this.counters = counters;
        this.loadTimeoutNanos = loadTimeoutNanos;
    }

    /**
     * Starts to load a key anew, unless it is being loaded.
     * @param key the key
     * @param entry the entry to replace
     * @param leader the caller that was served it, or null
     * @return whether the key is being loaded
     */
    boolean refresh(Object key, CacheEntry entry, @Nullable Leader leader) {
        if (flights.contains(key)) {
            return true;
        }
        Reload reload = byLoader();
        if (reload == null && leader != null) {
            reload = leader.reload();
        }
        if (reload == null) {
            return false;
        }
        Reload how = reload;
        Flight flight = new Flight(key, Purpose.REFRESH, entries.now(), Kind.BACKGROUND).at(tiers.moment());
        flight.setOwner(null);
        if (!flights.enqueue(flight)) {
            return true;
        }
        if (memory.peek(key) != entry) {
            landing.abandon(flight);
            return true;
        }
        CompletableFuture<?> turn = turns.awaitAsync(flight);
        if (!entries.isFresh(entry)) {
            Turns.standIn(flight);
        }
        if (turn != null) {
            turn.whenComplete((ready, late) -> {
                if (late == null) {
                    run(flight, how);
                } else {
                    landing.abandon(flight);
                }
            });
            return true;
        }
        boolean started = background.start(() -> run(flight, how));
        if (!started) {
            landing.abandon(flight);
            counters.error();
        }
        return started;
    }

    /** Returns how the loader of background loads loads a key, or null where there is none. */
    private @Nullable Reload byLoader() {
        Background.Loader loader = background.loader();
        return loader == null ? null : load -> load.run(() -> loader.load(load.key()));
    }

    /**
     * Returns whether the calling thread is inside of such a load of a key: what memory has of it is what is to be
     * replaced, and no answer there. Cheap where none runs.
     */
    boolean isInside(Object key) {
        return running.getOpaque() != 0 && turns.isInsideBackground(key);
    }

    private void run(Flight flight, Reload reload) {
        if (!flights.begin(flight)) {
            landing.abandon(flight);
            return;
        }
        flight.setOwner(Thread.currentThread());
        try {
            // As before any load: what the store has is not to be replaced.
            if (landing.promote(flight, lower.ofStore(flight)) == null) {
                load(flight, reload);
            }
        } catch (Throwable e) {
            landing.fail(flight, e);
        } finally {
            flight.setOwner(null);
        }
    }

    private void load(Flight flight, Reload reload) {
        running.incrementAndGet();
        flight.result().whenComplete((answer, failure) -> running.decrementAndGet());
        flight.setOwner(Thread.currentThread());
        flight.markLoading();
        try {
            reload.load(landing.watched(flight, new Load(flight, landing, turns)));
        } catch (LoadFailedException e) {
            landing.fail(flight, e.failure());
        } catch (Throwable e) {
            landing.fail(flight, e);
        } finally {
            flight.setOwner(null);
        }
    }

    /**
     * Brings a key that nobody has asked for into memory: from a lower tier, else by the loader of background loads,
     * else in a way that the caller knows. Blocks, but not for a load that goes on without a thread.
     * @param key the key
     * @param otherwise how to load it, or null
     * @param staging stores the entry in the local tier, unless somebody asks for the key meanwhile
     * @return whether the key has come; fails as its load does
     */
    CompletableFuture<Boolean> stage(Object key, @Nullable Reload otherwise, BiConsumer<Object, CacheEntry> staging) {
        Flight flight = Flight.staging(key, entries.now(), staging).at(tiers.moment());
        if (!flights.joinAlone(flight)) {
            return CompletableFuture.completedFuture(false);
        }
        try {
            if (tiers.fresh(key) == null && !tiers.isNegative(key)) {
                bring(flight, otherwise);
            }
        } catch (LoadTimeoutException e) {
            // Its turn did not come: nobody is worse off.
        } catch (Throwable e) {
            landing.fail(flight, e);
        } finally {
            if (!flight.isLoading()) {
                landing.abandon(flight);
            }
        }
        return background.limit(flight.result().copy(), loadTimeoutNanos).thenApply(answer -> answer != null);
    }

    private void bring(Flight flight, @Nullable Reload otherwise) {
        if (lower.exist() && landing.promote(flight, lower.find(flight)) != null) {
            return;
        }
        Reload known = byLoader();
        Reload reload = known != null ? known : otherwise;
        if (reload != null) {
            turns.await(flight);
            load(flight, reload);
        }
    }
}
