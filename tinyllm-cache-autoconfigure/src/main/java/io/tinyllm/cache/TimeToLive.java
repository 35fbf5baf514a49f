package io.tinyllm.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time-to-live of single entries. Beans of this type are asked, in their order, whenever an entry is made for a
 * value that a caller has put or a load has brought; the first answer counts, in memory, in Redis and in snapshots
 * alike. They are to be thread-safe and fast. One that throws is counted as an error, and the next is asked.
 */
@FunctionalInterface
public interface TimeToLive {

    /**
     * Returns the time-to-live of an entry.
     * @param cacheName the name of the cache
     * @param key the key
     * @param value the value, may be null
     * @return how long the entry stays fresh, which may be longer than the cache's time-to-live; zero or negative to
     * keep no
     *     entry; null for the cache's time-to-live
     */
    @Nullable
    Duration timeToLive(String cacheName, Object key, @Nullable Object value);
}
