package io.tinyllm.cache.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.ReplicaStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Meters of what is below the local tier. Each says nothing of a cache that has no such tier. */
public final class TierMeters {

    private TierMeters() {}

    /**
     * How many writes have not arrived at each copy of a cache.
     * @param registry where to register
     * @param manager the tag that names the manager
     * @param cache the name of the cache
     * @param replications the copies of each replicated cache
     */
    public static void lag(
            MeterRegistry registry,
            Tag manager,
            String cache,
            Supplier<Map<String, List<ReplicaStatus>>> replications) {
        for (ReplicaStatus copy : replications.get().getOrDefault(cache, List.of())) {
            Gauge.builder("tinyllm.cache.replication.lag", replications, current -> lag(current, cache, copy.name()))
                    .tags(List.of(manager, Tag.of("cache", cache), Tag.of("backend", copy.name())))
                    .description("Writes that have not arrived at a copy")
                    .strongReference(true)
                    .register(registry);
        }
    }

    private static double lag(Supplier<Map<String, List<ReplicaStatus>>> replications, String cache, String backend) {
        return replications.get().getOrDefault(cache, List.of()).stream()
                .filter(copy -> copy.name().equals(backend))
                .mapToLong(ReplicaStatus::lag)
                .sum();
    }

    /**
     * Registers the errors of the shared tier, by reason.
     * @param registry where to register
     * @param owner what keeps the counts, held weakly
     * @param errors how many errors there were of one of {@link BackendGuard#reasons()}
     */
    public static void errors(MeterRegistry registry, Object owner, ToLongFunction<String> errors) {
        for (String reason : BackendGuard.reasons()) {
            FunctionCounter.builder("tinyllm.cache.remote.errors", owner, kept -> errors.applyAsLong(reason))
                    .tag("reason", reason)
                    .description("Operations of the shared tier that failed, and what else went wrong with it")
                    .register(registry);
        }
    }
}
