package io.tinyllm.cache.write;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The writes under way, by key. Two writes of one key that overlap may reach the store in one order and the tiers in
 * the other, so neither may publish. No lock is held while the store works. Safe for use by several threads.
 */
final class Overlaps {

    private final ConcurrentHashMap<Object, Writers> writers = new ConcurrentHashMap<>();
    private final AtomicInteger clears = new AtomicInteger();

    /** Begins a write; closed by {@link Ticket#close()}. */
    Ticket enter(Object key, boolean publishes) {
        Writers mine = writers.compute(key, (k, present) -> {
            if (present == null) {
                return new Writers();
            }
            present.count++;
            present.overlapped = true;
            return present;
        });
        if (clears.get() > 0) {
            mine.overlapped = true;
        }
        return new Ticket(key, mine, publishes);
    }

    /** Begins a clear, which overlaps with every write until it is closed. */
    StoreWriter.Write enterClear() {
        clears.incrementAndGet();
        writers.values().forEach(present -> present.overlapped = true);
        return new StoreWriter.Write() {
            @Override
            public boolean mayPublish() {
                return false;
            }

            @Override
            public void close() {
                clears.decrementAndGet();
            }
        };
    }

    /** The writers of one key that overlap; they are of one fate until the last of them leaves. */
    private static final class Writers {
        private int count = 1;
        private volatile boolean overlapped;
    }

    final class Ticket implements StoreWriter.Write {
        private final Object key;
        private final Writers mine;
        private final boolean publishes;

        private Ticket(Object key, Writers mine, boolean publishes) {
            this.key = key;
            this.mine = mine;
            this.publishes = publishes;
        }

        @Override
        public boolean mayPublish() {
            return publishes && !mine.overlapped;
        }

        @Override
        public void close() {
            writers.computeIfPresent(key, (k, present) -> --present.count == 0 ? null : present);
        }
    }
}
