package io.tinyllm.cache.write;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policy of a cache without a store. */
enum NoWritePolicy implements WritePolicy, WritePolicy.Write {
    INSTANCE;

    @Override
    public @Nullable Pending pending(Object key) {
        return null;
    }

    @Override
    public @Nullable Object load(Object key) {
        return null;
    }

    @Override
    public Map<Object, Object> loadAll(Collection<?> keys) {
        return Map.of();
    }

    @Override
    public Write put(Object key, @Nullable Object value) {
        return this;
    }

    @Override
    public Write evict(Object key) {
        return this;
    }

    @Override
    public Write clear() {
        return this;
    }

    @Override
    public int retryDeadLetters() {
        return 0;
    }

    @Override
    public WriteStatistics statistics() {
        return WriteStatistics.NONE;
    }

    @Override
    public void close(Duration timeout) {}

    @Override
    public boolean mayPublish() {
        return true;
    }

    @Override
    public void close() {}
}
