package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.RemoteTier;

/** Drops what others have changed, in this JVM, and leaves the tiers below alone. Thread-safe. */
record Invalidations(SingleFlight flights, Tiers tiers, Changes changes) implements RemoteTier.InvalidationListener {

    @Override
    public void invalidate(Object key) {
        flights.invalidate(key, () -> tiers.drop(key));
    }

    @Override
    public Runnable doubt(Object key) {
        return flights.doubt(key, () -> tiers.drop(key));
    }

    @Override
    public void invalidateAll() {
        flights.dismissAll();
        changes.all();
        tiers.dropAll();
    }
}
