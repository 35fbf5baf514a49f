package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Write-through and write-around: the store takes every write before the caller goes on. They differ in what the
 * tiers do then: write-through publishes the value, write-around forgets the key.
 */
final class StoreFirstPolicy implements StoreWriter {

    private final String name;
    private final BackingStore<Object, Object> store;
    private final boolean publishes;
    private final StoreReader reader;
    private final Overlaps overlaps = new Overlaps();
    private final LongAdder flushed = new LongAdder();
    private final LongAdder failed = new LongAdder();

    StoreFirstPolicy(String name, BackingStore<Object, Object> store, boolean publishes) {
        this.name = name;
        this.store = store;
        this.publishes = publishes;
        this.reader = new StoreReader(store);
    }

    @Override
    public @Nullable Pending pending(Object key) {
        return null;
    }

    @Override
    public @Nullable Object load(Object key) {
        return reader.load(key);
    }

    @Override
    public Map<Object, Object> loadAll(Collection<?> keys) {
        return reader.loadAll(keys);
    }

    @Override
    public Write put(Object key, @Nullable Object value) {
        return write(overlaps.enter(key, publishes), () -> {
            if (value == null) {
                store.deleteAll(List.of(key));
            } else {
                store.writeAll(Map.of(key, value));
            }
        });
    }

    @Override
    public Write evict(Object key) {
        return write(overlaps.enter(key, false), () -> store.deleteAll(List.of(key)));
    }

    @Override
    public Write clear() {
        return write(overlaps.enterClear(), store::clear);
    }

    private Write write(Write ticket, Runnable operation) {
        boolean done = false;
        try {
            operation.run();
            done = true;
            flushed.increment();
            return ticket;
        } finally {
            if (!done) {
                failed.increment();
                ticket.close();
            }
        }
    }

    @Override
    public int retryDeadLetters() {
        return 0;
    }

    @Override
    public WriteStatistics statistics() {
        return new WriteStatistics(name, 0, flushed.sum(), failed.sum(), reader.failures(), 0, true, 0, List.of());
    }

    @Override
    public void close(Duration timeout) {}
}
