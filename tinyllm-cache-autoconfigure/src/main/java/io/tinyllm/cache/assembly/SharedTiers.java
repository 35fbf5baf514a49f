package io.tinyllm.cache.assembly;

import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.remote.ReplicaStatus;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.util.List;

/** Makes the shared tiers of caches. Thread-safe. */
public interface SharedTiers {

    /** Where there is no Redis to be had. */
    SharedTiers NONE = new SharedTiers() {
        @Override
        public void check(CacheDefinition definition) {
            throw definition.invalid(
                    "redis.enabled",
                    true,
                    "true only in an application that has a Redis connection",
                    "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, with Lettuce as its "
                            + "client and Jackson (spring-boot-starter-jackson) on the class path, or set the "
                            + "property to false.");
        }

        @Override
        public Shared create(CacheDefinition definition) {
            check(definition);
            return Shared.NONE;
        }
    };

    /**
     * Checks what can be wrong about the settings of a shared tier beyond their ranges. Connects to nothing.
     * @param definition a cache whose entries are to be shared
     * @throws InvalidCacheSettingException if there can be no such tier
     */
    void check(CacheDefinition definition);

    /**
     * Makes the shared tier of a cache.
     * @param definition a cache whose entries are to be shared, checked
     */
    Shared create(CacheDefinition definition);

    /**
     * Returns the state of the backends of a replicated cache.
     * @param name the name of the cache
     * @return the backends, the primary first; empty for a cache that is not replicated
     */
    default List<ReplicaStatus> replicas(String name) {
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
