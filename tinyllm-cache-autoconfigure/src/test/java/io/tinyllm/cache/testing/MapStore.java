package io.tinyllm.cache.testing;

import io.tinyllm.cache.BackingStore;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A store of one cache in a map, which refuses writes when it is told to. Thread-safe. */
public class MapStore<K, V> implements BackingStore<K, V> {

    /** What it has. */
    public final Map<K, V> rows = new ConcurrentHashMap<>();

    /** Whether writes fail. */
    public volatile boolean failing;

    private final String cache;

    public MapStore(String cache) {
        this.cache = cache;
    }

    @Override
    public Set<String> cacheNames() {
        return Set.of(cache);
    }

    @Override
    public @Nullable V load(K key) {
        return rows.get(key);
    }

    @Override
    public void writeAll(Map<K, V> entries) {
        check(entries.keySet());
        rows.putAll(entries);
    }

    @Override
    public void deleteAll(Collection<K> keys) {
        check(keys);
        keys.forEach(rows::remove);
    }

    /** It quotes keys, as databases do. */
    private void check(Collection<K> keys) {
        if (failing) {
            throw new IllegalStateException("cannot write " + keys);
        }
    }
}
