package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A store that knows which threads are in a call that writes to it: what they write to the cache then must not wait
 * for them.
 */
final class GuardedStore implements BackingStore<Object, Object> {

    private final BackingStore<Object, Object> store;
    private final Set<Thread> inside = ConcurrentHashMap.newKeySet();

    GuardedStore(BackingStore<Object, Object> store) {
        this.store = store;
    }

    /** Returns whether this thread is in a call of the store. */
    boolean isInside() {
        return inside.contains(Thread.currentThread());
    }

    private void call(Runnable call) {
        boolean outermost = inside.add(Thread.currentThread());
        try {
            call.run();
        } finally {
            if (outermost) {
                inside.remove(Thread.currentThread());
            }
        }
    }

    @Override
    public Set<String> cacheNames() {
        return store.cacheNames();
    }

    @Override
    public @Nullable Object load(Object key) {
        return store.load(key);
    }

    @Override
    public void writeAll(Map<Object, Object> entries) {
        call(() -> store.writeAll(entries));
    }

    @Override
    public void deleteAll(Collection<Object> keys) {
        call(() -> store.deleteAll(keys));
    }

    @Override
    public void clear() {
        call(store::clear);
    }
}
