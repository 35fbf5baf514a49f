package io.tinyllm.cache.actuate;

import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * How the tiers fare. Never down: without a tier the caches answer still. Details name backends and states, never keys.
 * Thread-safe.
 */
public final class CacheHealth implements HealthIndicator {

    private final Supplier<Map<String, Object>> details;

    /**
     * Creates the indicator.
     * @param details what there is to say, anew at every call
     */
    public CacheHealth(Supplier<Map<String, Object>> details) {
        this.details = details;
    }

    @Override
    public Health health() {
        return Health.up().withDetails(details.get()).build();
    }

    /**
     * Backends as details.
     * @param backends the backends
     * @return their states by name
     */
    public static Map<String, Object> backends(List<BackendHealth> backends) {
        Map<String, Object> tiers = new LinkedHashMap<>();
        for (BackendHealth backend : backends) {
            Map<String, Object> tier = new LinkedHashMap<>(address(backend.address()));
            tier.put("state", backend.state());
            tier.put("detail", backend.detail());
            tier.put("inFlight", backend.inFlight());
            tier.put("errors", backend.errors());
            tiers.put(backend.name(), tier);
        }
        return tiers;
    }

    /** Host and port where there is one server, else what is known of the place. */
    private static Map<String, Object> address(String address) {
        int colon = address.lastIndexOf(':');
        if (address.isEmpty()) {
            return Map.of();
        }
        return colon > 0 && address.substring(colon + 1).chars().allMatch(Character::isDigit) && !address.contains(" ")
                ? Map.of("host", address.substring(0, colon), "port", Integer.valueOf(address.substring(colon + 1)))
                : Map.of("address", address);
    }

    /**
     * Write policies as details.
     * @param writers the policies by the name of the cache
     * @return the backlog of each cache that writes to a store
     */
    public static Map<String, Object> writes(Map<String, StoreWriter> writers) {
        Map<String, Object> backlogs = new TreeMap<>();
        writers.forEach((cache, writer) -> {
            WriteStatistics statistics = writer.statistics();
            backlogs.put(
                    cache,
                    Map.of(
                            "policy", statistics.policy(),
                            "dirty", statistics.dirty(),
                            "deadLetters", statistics.deadLetters().size(),
                            "journalHealthy", statistics.journalHealthy(),
                            "journalDamaged", statistics.journalDamaged()));
        });
        return backlogs.isEmpty() ? Map.of() : Map.of("writes", backlogs);
    }

    /** Something that has details to tell. */
    @FunctionalInterface
    public interface Source {

        /** The details, by name. */
        Map<String, Object> details();
    }
}
