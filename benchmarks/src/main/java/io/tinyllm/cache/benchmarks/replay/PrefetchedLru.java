package io.tinyllm.cache.benchmarks.replay;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.prefetch.ObservedAccess;
import io.tinyllm.cache.prefetch.PrefetchReport;
import io.tinyllm.cache.prefetch.PrefetchSettings;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** An LRU cache with a prefetcher, in which a prefetch takes a number of accesses. */
final class PrefetchedLru implements PrefetchTarget {

    private record Pending(int key, int due, CompletableFuture<Result> done) {}

    private final int size;
    private final int latency;
    private final Prefetcher prefetcher;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final Map<Integer, Pending> underWay = new HashMap<>();

    /** Keys, the least recently used first; true while prefetched and not asked for. */
    private final LinkedHashMap<Integer, Boolean> entries = new LinkedHashMap<>(16, 0.75f, true);

    private int now;
    private int misses;
    private int loads;

    PrefetchedLru(int size, int latency, PrefetchSettings settings) {
        this.size = size;
        this.latency = latency;
        Random random = new Random(1);
        prefetcher = new Prefetcher(this, settings, Runnable::run, () -> now * 1_000_000L, random::nextDouble);
    }

    void access(long session, int key) {
        now++;
        land();
        boolean hit = entries.get(key) != null;
        if (!hit) {
            misses++;
            loads += underWay.remove(key) == null ? 1 : 0;
        }
        hold(key, false);
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
                hold(next.key(), true);
            }
            next.done().complete(Result.LOADED);
        }
    }

    private void hold(int key, boolean prefetched) {
        entries.put(key, prefetched);
        if (entries.size() > size) {
            Iterator<Map.Entry<Integer, Boolean>> oldest = entries.entrySet().iterator();
            Map.Entry<Integer, Boolean> victim = oldest.next();
            oldest.remove();
            if (victim.getValue()) {
                prefetcher.onRemoved(victim.getKey());
            }
        }
    }

    @Override
    public boolean wanted(Object key) {
        return !entries.containsKey((Integer) key) && !underWay.containsKey((Integer) key);
    }

    @Override
    public CompletableFuture<Result> prefetch(Object key) {
        loads++;
        if (latency == 0) {
            hold((Integer) key, true);
            return CompletableFuture.completedFuture(Result.LOADED);
        }
        Pending load = new Pending((Integer) key, now + latency, new CompletableFuture<>());
        pending.add(load);
        underWay.put(load.key(), load);
        return load.done();
    }

    @Override
    public void discard(Object key) {
        if (Boolean.TRUE.equals(entries.getOrDefault((Integer) key, false))) {
            entries.remove((Integer) key);
        }
    }
}
