package io.tinyllm.cache.benchmarks.writes;

import io.tinyllm.cache.BackingStore;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.redisson.api.map.MapWriter;

/** A store that takes 1 ms a call, for both sides. */
final class SlowStore implements BackingStore<String, String>, MapWriter<String, String> {

    private static final long CALL_NANOS = 1_000_000;

    private final Map<String, String> rows = new ConcurrentHashMap<>();

    int rows() {
        return rows.size();
    }

    @Override
    public Set<String> cacheNames() {
        return Set.of("bench");
    }

    @Override
    public @Nullable String load(String key) {
        LockSupport.parkNanos(CALL_NANOS);
        return rows.get(key);
    }

    @Override
    public void writeAll(Map<String, String> entries) {
        LockSupport.parkNanos(CALL_NANOS);
        rows.putAll(entries);
    }

    @Override
    public void deleteAll(Collection<String> keys) {
        LockSupport.parkNanos(CALL_NANOS);
        rows.keySet().removeAll(keys);
    }

    @Override
    public void write(Map<String, String> entries) {
        writeAll(entries);
    }

    @Override
    public void delete(Collection<String> keys) {
        deleteAll(keys);
    }
}
