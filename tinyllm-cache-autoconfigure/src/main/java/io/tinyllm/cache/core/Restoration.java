package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Tagged;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Brings back entries that were saved earlier, and never in place of anything newer: a key that is in memory, that is
 * being loaded, or that was put, loaded or removed since the restoration began stays as it is. One at a time for a
 * cache; beginning another or clearing the cache ends it. For one thread.
 */
public final class Restoration implements AutoCloseable {

    private final SingleFlight flights;
    private final Tiers tiers;
    private final Entries entries;
    private final Changes changes;
    private final AtomicLongArray changed;

    Restoration(SingleFlight flights, Tiers tiers, Entries entries, Changes changes) {
        this.flights = flights;
        this.tiers = tiers;
        this.entries = entries;
        this.changes = changes;
        this.changed = changes.begin();
    }

    /**
     * Brings an entry back to the local tier. Counts as no user's put.
     * @param key the key
     * @param value the value, may be null
     * @param remainingNanos how long it stays fresh, at most the time-to-live that the cache would give it now
     * @return whether the entry was stored
     */
    public boolean restore(Object key, @Nullable Object value, long remainingNanos) {
        return restore(key, value, remainingNanos, null);
    }

    /**
     * As {@link #restore(Object, Object, long)}, for an entry that bears tags; it stays away where one was evicted
     * since it was written.
     */
    public boolean restore(Object key, @Nullable Object value, long remainingNanos, @Nullable Tagged tags) {
        long lifeNanos = tiers.isToBeHeld(key, value) ? Math.min(tiers.lifeNanos(key, value), remainingNanos) : 0;
        if (lifeNanos <= 0) {
            return false;
        }
        CacheEntry entry = entries.create(value, lifeNanos, tags);
        if (!tiers.isAlive(entry)) {
            return false;
        }
        boolean[] stored = new boolean[1];
        changes.during(changed, () -> stored[0] = flights.ifNone(key, () -> restore(key, entry)));
        return stored[0];
    }

    private boolean restore(Object key, CacheEntry entry) {
        return !Changes.contains(changed, key) && tiers.holdAgain(key, entry);
    }

    /** Ends the restoration. */
    @Override
    public void close() {
        changes.end(changed);
    }
}
