package io.tinyllm.cache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The caches on one Redis, by their names as they stand in keys. Thread-safe. */
final class SharedStores {

    private final Map<String, SharedStore> stores = new ConcurrentHashMap<>();
    private final RedisTags tags;

    /**
     * Creates none.
     * @param tags what was evicted by tag, from all of them
     */
    SharedStores(RedisTags tags) {
        this.tags = tags;
    }

    RedisTags tags() {
        return tags;
    }

    SharedStore create(String escapedName, Function<String, SharedStore> factory) {
        return stores.computeIfAbsent(escapedName, factory);
    }

    @Nullable
    SharedStore find(String escapedName) {
        return stores.get(escapedName);
    }

    Collection<SharedStore> all() {
        return stores.values();
    }

    /** Takes note that any key of any cache may have changed unheard. */
    void allChanged() {
        all().forEach(SharedStore::allChanged);
    }

    /**
     * Learns the generations, and what was evicted by tag, over a connection that is not used yet; what cannot be
     * learned is learned later.
     * @return ends when that is done, and does not fail
     */
    CompletableFuture<?> learnGenerations(RedisClusterAsyncCommands<byte[], byte[]> over) {
        return CompletableFuture.allOf(
                Stream.concat(all().stream().map(store -> store.learnGeneration(over)), Stream.of(tags.catchUp(over)))
                        .map(learning -> learning.handle((done, unknown) -> null))
                        .toArray(CompletableFuture<?>[]::new));
    }
}
