package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.WritePolicy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The tags of values that the store has not yet seen: such a value is written whatever becomes of its tags, and served
 * only while none of them was evicted. Forgets what the store has seen, now and then. Thread-safe.
 */
final class DirtyTags {

    private static final int FEWEST = 1024;

    private final TagPolicy tags;
    private final WritePolicy writes;
    private final Map<Object, Tagged> written = new ConcurrentHashMap<>();
    private volatile int sweepAbove = FEWEST;

    DirtyTags(TagPolicy tags, WritePolicy writes) {
        this.tags = tags;
        this.writes = writes;
    }

    /** Notes the tags of a value that the store was told of. */
    void written(Object key, @Nullable Tagged tagged) {
        if (tagged == null) {
            written.remove(key);
            return;
        }
        written.put(key, tagged);
        if (written.size() > sweepAbove) {
            written.keySet().removeIf(known -> writes.pending(known) == null);
            sweepAbove = Math.max(FEWEST, 2 * written.size());
        }
    }

    /** Returns whether a key has a value that waits for the store and was evicted by one of its tags. */
    boolean hides(Object key) {
        WritePolicy.Pending pending = tags.exists() ? writes.pending(key) : null;
        Object value = pending == null ? null : pending.value();
        return value != null && isEvicted(key, value);
    }

    private boolean isEvicted(Object key, Object value) {
        Tagged tagged = written.get(key);
        if (tagged == null) {
            // From before the start: older than every eviction that is known.
            tagged = tags.of(key, value, Moment.FIRST);
        }
        return tagged != null && tagged != Tagged.REFUSED && tags.isEvicted(tagged);
    }
}
