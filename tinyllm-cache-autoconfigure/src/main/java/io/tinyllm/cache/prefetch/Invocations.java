package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Leader.Reload;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to load keys once more, as their last callers would have. Bounded: the key that was asked for least recently is
 * forgotten. Callers meet here on misses only. Thread-safe.
 */
public final class Invocations {

    private final Map<Object, Reload> reloads;

    /**
     * Creates an empty memory.
     * @param maximum how many keys it remembers
     */
    public Invocations(int maximum) {
        this.reloads = new LinkedHashMap<>(16, 0.75f, true) {

            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Object, Reload> eldest) {
                return size() > maximum;
            }
        };
    }

    /**
     * Remembers how a caller would load a key, if it knows a way that lasts.
     * @param key the key
     * @param leader the caller
     */
    public void remember(Object key, Leader leader) {
        Reload reload = leader.reinvocation();
        if (reload != null) {
            synchronized (reloads) {
                reloads.put(key, reload);
            }
        }
    }

    /**
     * Returns how to load a key, or null.
     * @param key the key
     */
    public @Nullable Reload get(Object key) {
        synchronized (reloads) {
            return reloads.get(key);
        }
    }

    /** Returns how many keys are remembered. */
    int size() {
        synchronized (reloads) {
            return reloads.size();
        }
    }
}
