package io.tinyllm.cache.core;

import io.tinyllm.cache.core.Leader.Reload;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to load keys once more, as their last callers would have. Bounded: the key that was asked for least recently is forgotten. Callers
 * meet here on misses only. Thread-safe.
 */
final class Invocations {

    /** Remembers nothing. */
    static final Invocations NONE = new Invocations(0);

    private final int maximum;
    private final Map<Object, Reload> reloads;

    /**
     * Creates an empty memory.
     * @param maximum how many keys it remembers
     */
    Invocations(int maximum) {
        this.maximum = maximum;
        this.reloads = new LinkedHashMap<>(16, 0.75f, true) {

            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Object, Reload> eldest) {
                return size() > maximum;
            }
        };
    }

    /** Remembers how a caller would load a key, if it knows a way that lasts. */
    void remember(Object key, Leader leader) {
        if (maximum == 0) {
            return;
        }
        Reload reload = leader.reinvocation();
        if (reload != null) {
            synchronized (reloads) {
                reloads.put(key, reload);
            }
        }
    }

    /** How to load a key, or null. */
    @Nullable
    Reload get(Object key) {
        synchronized (reloads) {
            return reloads.get(key);
        }
    }

    /** How many keys are remembered. */
    int size() {
        synchronized (reloads) {
            return reloads.size();
        }
    }
}
