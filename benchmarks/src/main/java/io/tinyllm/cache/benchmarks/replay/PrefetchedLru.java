package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.prefetch.ObservedAccess;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.PrefetchReport;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * An LRU cache with a prefetcher and, inside its size, an area for what nobody has asked for yet, in which a prefetch
 * takes a number of accesses. The area has as many places as in the product.
 */
final class PrefetchedLru implements PrefetchTarget {

    private record Pending(int key, int due, CompletableFuture<Boolean> done) {}

    private final int size;
    private final int latency;
    private final int room;
    private final Prefetcher prefetcher;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Map<Integer, Pending> underWay = new HashMap<>();

    /** Keys, the least recently used first. */
    private final LinkedHashMap<Integer, Boolean> entries = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<Integer> staged = new HashSet<>();

    /** How many places of the cache are the area's. */
    private int places;

    private int now;
    private int misses;
    private int loads;

    PrefetchedLru(int size, int latency, PrefetchOptions settings) {
        this.size = size;
        this.latency = latency;
        this.room = settings.maximumStaged();
        Random random = new Random(1);
        prefetcher = new Prefetcher(this, settings, Runnable::run, () -> now * 1_000_000L, random::nextDouble);
    }

    void access(long session, int key) {
        now++;
        land();
        boolean used = staged.remove(key);
        boolean hit = used || entries.get(key) != null;
        if (used) {
            prefetcher.onUsed(key);
        }
        if (!hit) {
            misses++;
            loads += underWay.remove(key) == null ? 1 : 0;
        }
        entries.put(key, true);
        trim();
        prefetcher.onAccesses(
                List.of(new ObservedAccess(session, key, hit ? Outcome.MEMORY_HIT : Outcome.MISS, hit ? -1 : latency)));
    }

    /** Callers who had to wait. */
    int misses() {
        return misses;
    }

    /** Loads for callers and for prefetches together. */
    int loads() {
        return loads;
    }

    PrefetchReport report() {
        return prefetcher.report();
    }

    private void land() {
        while (!pending.isEmpty() && pending.peek().due() <= now) {
            Pending next = pending.remove();
            if (underWay.remove(next.key(), next)) {
                stage(next.key());
            }
            next.done().complete(true);
        }
    }

    private void trim() {
        places = StagedMemoryTier.places(places, staged.size(), size, room);
        while (entries.size() > size - places) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    private void stage(int key) {
        if (staged.size() < room) {
            staged.add(key);
            trim();
        }
    }

    @Override
    public long weigh(Object key) {
        return 24;
    }

    @Override
    public boolean wanted(Object key) {
        Integer asked = (Integer) key;
        return !entries.containsKey(asked) && !staged.contains(asked) && !underWay.containsKey(asked);
    }

    @Override
    public CompletableFuture<Boolean> prefetch(Object key) {
        loads++;
        if (latency == 0) {
            stage((Integer) key);
            return CompletableFuture.completedFuture(true);
        }
        Pending load = new Pending((Integer) key, now + latency, new CompletableFuture<>());
        pending.add(load);
        underWay.put(load.key(), load);
        return load.done();
    }

    @Override
    public void discard(Object key) {
        staged.remove((Integer) key);
    }

    @Override
    public long maximumSize() {
        return size;
    }
}
