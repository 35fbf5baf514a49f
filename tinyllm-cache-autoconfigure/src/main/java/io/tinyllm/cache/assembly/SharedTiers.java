package io.tinyllm.cache.assembly;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.remote.ReplicaStatus;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.util.List;

/** Makes the shared tier of a cache. Thread-safe. */
@FunctionalInterface
public interface SharedTiers {

    /** Where there is no Redis to be had. */
    SharedTiers NONE = (name, path, settings) -> {
        throw new InvalidCacheSettingException(
                path + ".redis.enabled",
                true,
                "true only in an application that has a Redis connection",
                "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, with Lettuce as its client and Jackson "
                        + "(spring-boot-starter-jackson) on the class path, or set the property to false.");
    };

    /**
     * Makes the shared tier of a cache.
     * @param name the name of the cache
     * @param path the property path of its settings, for messages
     * @param settings its settings
     * @return the tier
     * @throws InvalidCacheSettingException if there can be none
     */
    Shared create(String name, String path, CacheSettings settings);

    /**
     * How the copies of a replicated cache fare.
     * @param name the name of the cache
     * @return the copies, the primary first; empty for a cache that is not replicated
     */
    default List<ReplicaStatus> copies(String name) {
        return List.of();
    }

    /**
     * A shared tier.
     * @param tier the tier
     * @param leases whose turn it is to load
     */
    record Shared(RemoteTier tier, LoadLeases leases) {

        /** No shared tier. */
        static final Shared NONE = new Shared(RemoteTier.none(), LoadLeases.none());
    }
}
