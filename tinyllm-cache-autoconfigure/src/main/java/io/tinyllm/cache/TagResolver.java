package io.tinyllm.cache;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The tags of entries, by which {@link CacheTags} evicts them. A bean of the application; of several the tags are
 * united. Called when an entry is written, on the thread of whoever writes it. Implementations are thread-safe.
 */
@FunctionalInterface
public interface TagResolver {

    /**
     * Returns the tags of an entry about to be written. Where this throws, or answers a tag that is none, the entry is
     * not kept.
     * @param cacheName the cache
     * @param key the key
     * @param value the value; null for null, for a key that is remembered as absent, and for a failure that is
     *     remembered
     * @return its tags, of 1 to 256 characters each; empty for none
     */
    Collection<String> tags(String cacheName, Object key, @Nullable Object value);
}
