package io.tinyllm.cache.actuate;

import io.tinyllm.cache.analytics.keys.KeyNames;
import io.tinyllm.cache.assembly.CacheTuning;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import io.tinyllm.cache.remote.ReplicaStatus;
import io.tinyllm.cache.tuning.SizeTuning;
import io.tinyllm.cache.tuning.budget.BudgetTuning;
import io.tinyllm.cache.tuning.budget.CacheDemand;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteStatistics;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * The endpoint {@code cachetuning}: what the caches do of themselves, and doing some of it now. A feature that is off
 * is absent. Bodies hold no values, and keys as {@link KeyNames} shows them. Thread-safe.
 */
@Endpoint(id = "cachetuning", defaultAccess = Access.READ_ONLY)
public final class CacheTuningEndpoint {

    private static final String RETRY = "retry-dead-letters";

    private final Supplier<Collection<String>> names;
    private final Function<String, @Nullable TieredCache> caches;
    private final Function<String, @Nullable StoreWriter> writers;
    private final Function<String, List<ReplicaStatus>> replicas;
    private final ControlPlane controlPlane;
    private final KeyNames keyNames;

    /**
     * Creates the endpoint.
     * @param names the names of the caches
     * @param caches the cache of a name, or null
     * @param writers the write policy over the store of a cache, or null where it has none
     * @param replicas the backends of a cache, none where it is not replicated
     * @param controlPlane knows what tunes each cache
     * @param keyNames what keys are called
     */
    public CacheTuningEndpoint(
            Supplier<Collection<String>> names,
            Function<String, @Nullable TieredCache> caches,
            Function<String, @Nullable StoreWriter> writers,
            Function<String, List<ReplicaStatus>> replicas,
            ControlPlane controlPlane,
            KeyNames keyNames) {
        this.names = names;
        this.caches = caches;
        this.writers = writers;
        this.replicas = replicas;
        this.controlPlane = controlPlane;
        this.keyNames = keyNames;
    }

    /** The state of every cache. */
    @ReadOperation
    public TunedCachesDescriptor caches() {
        Map<String, Map<String, Object>> descriptors = new TreeMap<>();
        for (String name : names.get()) {
            descriptors.put(name, describe(name));
        }
        return new TunedCachesDescriptor(descriptors);
    }

    /** The state of one cache, null for an unknown one. */
    @ReadOperation
    public @Nullable Map<String, Object> cache(@Selector String cache) {
        return caches.apply(cache) == null ? null : describe(cache);
    }

    /**
     * Runs one step of tuning now: for a request without a body, which the other operation does not take.
     * @param cache the name
     */
    @WriteOperation
    public WebEndpointResponse<?> stepNow(@Selector String cache) {
        return act(cache, null);
    }

    /**
     * Acts on a cache.
     * @param cache its name
     * @param action {@code retry-dead-letters}, or nothing for one step of tuning
     */
    @WriteOperation
    public WebEndpointResponse<?> act(@Selector String cache, @Nullable String action) {
        if (caches.apply(cache) == null) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if (RETRY.equals(action)) {
            StoreWriter writer = writers.apply(cache);
            if (writer != null) {
                writer.retryDeadLetters();
            }
        } else if (action != null) {
            return new WebEndpointResponse<>(
                    Map.of("error", "The action is to be '" + RETRY + "', or none for one step of tuning"),
                    WebEndpointResponse.STATUS_BAD_REQUEST);
        } else {
            controlPlane.stepNow(cache);
        }
        return new WebEndpointResponse<>(describe(cache));
    }

    /** A map, since how an application writes null is its own business. */
    private Map<String, Object> describe(String name) {
        Map<String, Object> features = new LinkedHashMap<>();
        CacheTuning tuning = controlPlane.tuning(name);
        if (tuning != null) {
            if (tuning.size() != null) {
                features.put("size", tuning.size().report());
            }
            if (tuning.partitions() != null) {
                features.put("partitions", tuning.partitions().report());
            }
            if (tuning.timeToLive() != null) {
                features.put("timeToLive", tuning.timeToLive().report());
            }
            if (tuning.prefetch() != null) {
                features.put("prefetch", describe(tuning.prefetch().report()));
            }
        }
        features.putAll(memory(name));
        StoreWriter writer = writers.apply(name);
        if (writer != null) {
            features.put("write", describe(writer.statistics()));
        }
        List<BackendDescriptor> backends = replicas.apply(name).stream()
                .map(copy -> new BackendDescriptor(copy.name(), copy.state().name(), copy.lag()))
                .toList();
        if (!backends.isEmpty()) {
            features.put("replication", new ReplicationDescriptor(backends));
        }
        return features;
    }

    /** The share of the cache in the budget, and the worth of memory to it. */
    private Map<String, Object> memory(String name) {
        Map<String, Object> features = new LinkedHashMap<>();
        SizeTuning.Report size = controlPlane.budget().size(name);
        if (size != null) {
            features.put("size", size);
        }
        BudgetTuning.Report budget = controlPlane.budget().report(name);
        if (budget != null) {
            features.put("budget", budget);
        }
        CacheDemand.Worth worth = controlPlane.worth(name);
        if (worth != null) {
            features.put("memory", worth);
        }
        return features;
    }

    private static PrefetchDescriptor describe(PrefetchReport report) {
        Map<String, Long> rejected = new LinkedHashMap<>();
        report.rejected().forEach((reason, count) -> rejected.put(reason.name().toLowerCase(Locale.ROOT), count));
        return new PrefetchDescriptor(
                report.observing() ? "observe" : "act",
                report.paused(),
                report.issued(),
                report.useful(),
                report.late(),
                report.wasted(),
                report.failed(),
                rejected,
                report.precision(),
                report.secondsSaved(),
                report.staged(),
                report.reach());
    }

    private WriteDescriptor describe(WriteStatistics statistics) {
        List<DeadLetterDescriptor> deadLetters = keyNames.isShown()
                ? statistics.deadLetters().stream()
                        .map(letter -> new DeadLetterDescriptor(
                                keyNames.of(letter.key()),
                                letter.type(),
                                letter.attempts(),
                                error(letter.error()),
                                letter.reason()))
                        .toList()
                : List.of();
        return new WriteDescriptor(
                statistics.policy(), statistics.dirty(), statistics.flushed(), statistics.failed(), deadLetters);
    }

    /** The class of the exception alone where keys are secret: a store likes to quote them in its messages. */
    private String error(String error) {
        int end = error.indexOf(':');
        return keyNames.isPlain() || end < 0 ? error : error.substring(0, end);
    }

    /**
     * States by cache.
     * @param caches the states of the features that are on, by the name of the cache and of the feature
     */
    public record TunedCachesDescriptor(Map<String, Map<String, Object>> caches) {}

    /**
     * The figures of prefetching; where it only observes, those that it would have had.
     * @param mode {@code act} or {@code observe}
     * @param paused why nothing but a few tries is prefetched at the moment; empty where that is not so
     * @param issued prefetches begun
     * @param useful prefetched entries that a caller found
     * @param late keys that a caller asked for while their prefetch was under way
     * @param wasted prefetched entries that left before anybody asked for them
     * @param failed prefetches whose load failed
     * @param rejected predictions that were not acted on, by reason
     * @param precision the share of the judged prefetches that were useful or late
     * @param secondsSaved how long callers would have waited for the useful ones
     * @param staged prefetched entries that nobody has asked for yet
     * @param reach how many accesses ahead predictions look
     */
    public record PrefetchDescriptor(
            String mode,
            String paused,
            long issued,
            long useful,
            long late,
            long wasted,
            long failed,
            Map<String, Long> rejected,
            double precision,
            double secondsSaved,
            int staged,
            int reach) {}

    /** The state of a write policy. */
    public record WriteDescriptor(
            String policy, int dirty, long flushed, long failed, List<DeadLetterDescriptor> deadLetters) {}

    /**
     * A write that was given up on.
     *
     * @param key the key, as far as keys are shown
     * @param type the class of the value; empty for a deletion
     * @param attempts how often it was tried
     * @param error what was thrown last
     * @param reason {@code refused}, {@code value-unreadable} or {@code key-unreadable}
     */
    public record DeadLetterDescriptor(@Nullable String key, String type, int attempts, String error, String reason) {}

    /** The replicas of a cache. */
    public record ReplicationDescriptor(List<BackendDescriptor> backends) {}

    /**
     * One backend of a replicated cache.
     * @param name of its backend
     * @param state what it is used for
     * @param lag how many writes have not arrived there
     */
    public record BackendDescriptor(String name, String state, long lag) {}
}
