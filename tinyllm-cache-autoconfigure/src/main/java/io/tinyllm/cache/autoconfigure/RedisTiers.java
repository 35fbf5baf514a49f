package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.assembly.Codecs;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.redis.RedisEndpoint;
import io.tinyllm.cache.redis.RedisBackend;
import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteFailure;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.ReplicaStatus;
import io.tinyllm.cache.remote.ReplicatedRemoteTier;
import io.tinyllm.cache.remote.ReplicationOptions;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.RedisSettings;
import io.tinyllm.cache.settings.ReplicationSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.util.unit.DataSize;

/**
 * The shared tiers of an application. Connects when the first cache wants one, with a client of its own, so that an
 * application whose caches want none has no connection more.
 */
final class RedisTiers implements SharedTiers, DisposableBean {

    private static final String PRIMARY = "primary";

    private final Function<String, RedisEndpoint> primary;
    private final TinyLlmCacheProperties.Redis properties;
    private final KeyCodec keys;
    private final ValueCodec values;
    private final NotShared notShared;
    private final BackgroundThreads threads;
    private @Nullable ScheduledThreadPoolExecutor timer;
    private final Map<String, RedisBackend> backends = new LinkedHashMap<>();
    private final Map<String, ReplicatedRemoteTier> replications = new ConcurrentHashMap<>();

    /**
     * Creates the tiers, and no connection.
     * @param primary where the primary is, for a cache whose settings have this property path
     * @param properties of all shared tiers
     * @param codecs encode keys and values
     */
    RedisTiers(Function<String, RedisEndpoint> primary, TinyLlmCacheProperties.Redis properties, Codecs codecs) {
        this.primary = primary;
        this.properties = properties;
        this.values = codecs.values();
        this.keys = codecs.keys();
        this.notShared = codecs.notShared();
        // Not those that run loads: a slow model must hold up no answer of Redis.
        this.threads = new BackgroundThreads(null);
    }

    @Override
    public void check(CacheDefinition definition) {
        ReplicationSettings replication = definition.settings().getReplication();
        if (replication.isEnabled()) {
            replication.getReplicas().forEach(name -> endpoint(definition, name));
        }
    }

    @Override
    public Shared create(CacheDefinition definition) {
        String name = definition.name();
        CacheSettings settings = definition.settings();
        RedisSettings redis = settings.getRedis();
        RedisBackend remotes = backend(PRIMARY, () -> primary.apply(definition.path()));
        DataSize compressAbove = redis.getCompressAbove();
        EntryCodec entries = new EntryCodec(
                values,
                new EnvelopeFormat(
                        compressAbove == null ? EnvelopeFormat.NEVER : (int) compressAbove.toBytes(),
                        ValueLimits.DEFAULT.documentLength()));
        TierOptions options = new TierOptions(
                redis.getTimeout(),
                redis.getTimeToLive(),
                TierOptions.DEFAULT.source(),
                TierOptions.DEFAULT.maximumMissed());
        RedisSettings.Invalidation invalidation = redis.getInvalidation();
        GuardedRemoteTier tier = remotes.tier(name, entries, options, invalidation);
        LoadLeases leases = redis.isSingleFlight()
                ? remotes.leases(name, tier, RemoteLeases.DEFAULT_LEASE, settings.getLoadTimeout())
                : LoadLeases.none();
        if (!settings.getReplication().isEnabled()) {
            return new Shared(tier, leases);
        }
        List<GuardedRemoteTier> tiers = new ArrayList<>(List.of(tier));
        TierOptions ofReplicas =
                new TierOptions(options.timeout(), options.timeToLive(), Outcome.REPLICA_HIT, options.maximumMissed());
        for (String replica : settings.getReplication().getReplicas()) {
            tiers.add(backend(replica, () -> endpoint(definition, replica)).tier(name, entries, ofReplicas, invalidation));
        }
        ReplicatedRemoteTier replicated = new ReplicatedRemoteTier(
                name,
                tiers,
                ReplicationOptions.DEFAULT.withReadFromReplicas(
                        settings.getReplication().isReadFromReplicas()),
                timer(),
                System::nanoTime);
        replications.put(name, replicated);
        return new Shared(replicated, leases);
    }

    private RedisEndpoint endpoint(CacheDefinition definition, String name) {
        TinyLlmCacheProperties.Replica replica = properties.getReplicas().get(name);
        if (replica == null) {
            throw definition.invalid(
                    "replication.replicas",
                    name,
                    "names under tinyllm.cache.redis.replicas, here "
                            + properties.getReplicas().keySet(),
                    "Correct the name, or add tinyllm.cache.redis.replicas." + name + ".url.");
        }
        try {
            return RedisEndpoint.of(replica.getUrl());
        } catch (IllegalArgumentException e) {
            throw new InvalidCacheSettingException(
                    "tinyllm.cache.redis.replicas." + name + ".url",
                    "(not shown)",
                    "a URL such as redis://host:6379",
                    "Correct the URL.");
        }
    }

    /** How many errors of a kind the backends have had. */
    synchronized long errors(RemoteFailure.Reason reason) {
        return backends.values().stream()
                .mapToLong(backend -> backend.guard().errors(reason.tag()))
                .sum();
    }

    @Override
    public List<ReplicaStatus> copies(String name) {
        ReplicatedRemoteTier replicated = replications.get(name);
        return replicated == null ? List.of() : replicated.status();
    }

    /** How the copies of each replicated cache fare. */
    Map<String, List<ReplicaStatus>> replications() {
        Map<String, List<ReplicaStatus>> statuses = new TreeMap<>();
        replications.forEach((cache, tier) -> statuses.put(cache, tier.status()));
        return statuses;
    }

    /** How the backends fare, none before the first cache wants one. */
    synchronized List<BackendHealth> health() {
        return backends.values().stream().map(RedisBackend::health).toList();
    }

    private synchronized RedisBackend backend(String name, Supplier<RedisEndpoint> endpoint) {
        RedisBackend known = backends.get(name);
        if (known != null) {
            return known;
        }
        RedisBackend backend = new RedisBackend(
                name,
                endpoint.get(),
                properties.getKeyPrefix(),
                keys,
                timer(),
                threads::execute,
                System::nanoTime,
                System::currentTimeMillis,
                PRIMARY.equals(name) ? notShared : new NotShared());
        backend.start();
        backends.put(name, backend);
        return backend;
    }

    private synchronized ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor scheduler = timer;
        if (scheduler == null) {
            scheduler =
                    new ScheduledThreadPoolExecutor(1, task -> BackgroundThreads.daemon(task, "tinyllm-cache-redis"));
            scheduler.setRemoveOnCancelPolicy(true);
            timer = scheduler;
        }
        return scheduler;
    }

    @Override
    public synchronized void destroy() {
        backends.values().forEach(RedisBackend::close);
        threads.destroy();
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
