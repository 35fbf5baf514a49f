package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.RemoteTier;

/**
 * Drops what others have changed, in this JVM, and leaves the tiers below alone. A key that cannot be dropped, as its
 * hashCode throws, is counted and costs no other key its news. Thread-safe.
 */
record Invalidations(SingleFlight flights, Tiers tiers, Changes changes, CacheCounters counters)
        implements RemoteTier.InvalidationListener {

    @Override
    public void invalidate(Object key) {
        guarded(() -> flights.invalidate(key, () -> tiers.drop(key)));
    }

    @Override
    public Runnable doubt(Object key) {
        try {
            Runnable expired = flights.doubt(key, () -> tiers.drop(key));
            return () -> guarded(expired);
        } catch (Throwable e) {
            counters.error();
            return () -> {};
        }
    }

    @Override
    public void invalidateAll() {
        guarded(() -> {
            flights.dismissAll();
            changes.all();
            tiers.dropAll();
        });
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            counters.error();
        }
    }
}
