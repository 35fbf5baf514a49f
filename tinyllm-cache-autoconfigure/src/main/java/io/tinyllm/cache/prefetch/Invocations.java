package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Leader.Reload;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How to load keys once more, as their last callers would have. Bounded in number and in bytes (of keys, counted twice,
 * since the arguments of the calls are held too): the key that was asked for least recently is forgotten. Callers
 * meet here on misses only. Thread-safe.
 */
public final class Invocations {

    private final Map<Object, Known> reloads = new LinkedHashMap<>(16, 0.75f, true);
    private final int maximum;
    private final long maximumBytes;
    private final ToLongFunction<Object> weigher;
    private long bytes;

    private record Known(Reload reload, long bytes) {}

    /**
     * Creates an empty memory.
     * @param maximum how many keys it remembers
     * @param maximumBytes how many bytes they may take
     * @param weigher estimates the bytes of a key
     */
    public Invocations(int maximum, long maximumBytes, ToLongFunction<Object> weigher) {
        this.maximum = maximum;
        this.maximumBytes = maximumBytes;
        this.weigher = weigher;
    }

    /**
     * Remembers how a caller would load a key, if it knows a way that lasts.
     * @param key the key
     * @param leader the caller
     */
    public void remember(Object key, Leader leader) {
        Reload reload = leader.reinvocation();
        if (reload == null) {
            return;
        }
        Known known = new Known(reload, 2 * weigher.applyAsLong(key));
        synchronized (reloads) {
            Known before = reloads.put(key, known);
            bytes += known.bytes() - (before == null ? 0 : before.bytes());
            Iterator<Known> eldest = reloads.values().iterator();
            while (reloads.size() > maximum || bytes > maximumBytes) {
                bytes -= eldest.next().bytes();
                eldest.remove();
            }
        }
    }

    /**
     * Returns how to load a key, or null.
     * @param key the key
     */
    public @Nullable Reload get(Object key) {
        synchronized (reloads) {
            Known known = reloads.get(key);
            return known == null ? null : known.reload();
        }
    }

    /** Returns how many keys are remembered. */
    int size() {
        synchronized (reloads) {
            return reloads.size();
        }
    }
}
