package io.tinyllm.cache;

/**
 * Evicts entries by their tags, in every tier and on every instance. A bean that applications inject. Costs the same
 * however many entries bear a tag. Thread-safe.
 *
 * <p>When a method returns, this JVM serves no entry that bore the tag, nor the result of a load that had begun before;
 * other instances hear of it as they hear of an evict. A store under a cache is not asked to delete anything.
 */
public interface CacheTags {

    /**
     * Evicts from every cache what bears a tag.
     * @param tag the tag
     * @throws IllegalArgumentException if the tag is empty or longer than 256 characters
     */
    void evict(String tag);

    /**
     * Evicts from one cache what bears a tag.
     * @param cacheName the cache
     * @param tag the tag
     * @throws IllegalArgumentException if the tag is empty or longer than 256 characters
     */
    void evict(String cacheName, String tag);
}
