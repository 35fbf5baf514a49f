package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.assembly.Codecs;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.redis.RedisBackend;
import io.tinyllm.cache.redis.RedisBackends;
import io.tinyllm.cache.redis.RedisEndpoint;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.ReplicaStatus;
import io.tinyllm.cache.remote.ReplicatedRemoteTier;
import io.tinyllm.cache.remote.ReplicationOptions;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.RedisSettings;
import io.tinyllm.cache.settings.ReplicationSettings;
import io.tinyllm.cache.tags.TagBarriers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.unit.DataSize;

/** The shared tiers of an application, on one Redis or several. Thread-safe. */
final class RedisTiers implements SharedTiers, DisposableBean {

    private static final String PRIMARY = "primary";

    private final Function<String, RedisEndpoint> primary;
    private final @Nullable SslBundles bundles;
    private final TinyLlmCacheProperties.Redis properties;
    private final Supplier<Codecs> codecs;
    private final TagBarriers tags;
    private final BackgroundThreads threads;
    private final ScheduledThreadPoolExecutor timer;
    private final ScheduledThreadPoolExecutor news;
    private final RedisBackends backends;
    private final Map<String, ReplicatedRemoteTier> replications = new ConcurrentHashMap<>();

    /**
     * Creates the tiers, and no connection.
     * @param primary where the primary is, for a cache whose settings have this property path
     * @param properties of all shared tiers
     * @param codecs encode keys and values, asked for with the first cache
     * @param tags evicts by tag
     * @param bundles what replicas may be reached with, null where the application has none
     */
    RedisTiers(
            Function<String, RedisEndpoint> primary,
            TinyLlmCacheProperties.Redis properties,
            Supplier<Codecs> codecs,
            TagBarriers tags,
            @Nullable SslBundles bundles) {
        this.tags = tags;
        this.primary = primary;
        this.bundles = bundles;
        this.properties = properties;
        this.codecs = codecs;
        if (properties.getStartupTimeout().isNegative()) {
            throw new InvalidCacheSettingException(
                    TinyLlmCacheProperties.PREFIX + ".redis.startup-timeout",
                    properties.getStartupTimeout(),
                    "zero or a positive duration",
                    "Use a value such as 2s, or 0s for not waiting.");
        }
        // Not those that run loads: a slow model must hold up no answer of Redis.
        this.threads = new BackgroundThreads(null);
        this.timer = new ScheduledThreadPoolExecutor(1, task -> BackgroundThreads.daemon(task, "tinyllm-cache-redis"));
        timer.setRemoveOnCancelPolicy(true);
        this.news =
                new ScheduledThreadPoolExecutor(1, task -> BackgroundThreads.daemon(task, "tinyllm-cache-redis-news"));
        this.backends = new RedisBackends(
                properties.getKeyPrefix(),
                () -> codecs.get().keys(),
                timer,
                news,
                threads::execute,
                System::nanoTime,
                System::currentTimeMillis,
                properties.getStartupTimeout());
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
        RedisSettings redis = definition.settings().getRedis();
        RedisBackend backend = backends.get(PRIMARY, () -> primary.apply(definition.path()), notShared());
        tags.share(backend.tags());
        backends.await(all(backend, definition));
        EntryCodec entries = entries(redis);
        GuardedRemoteTier tier = backend.tier(
                definition.name(), entries, options(definition, Outcome.REMOTE_HIT), redis.getInvalidation());
        LoadLeases leases = redis.isSingleFlight()
                ? backend.leases(
                        definition.name(),
                        tier,
                        RemoteLeases.DEFAULT_LEASE,
                        definition.settings().getLoadTimeout())
                : LoadLeases.none();
        return new Shared(
                definition.settings().getReplication().isEnabled() ? replicated(definition, tier, entries) : tier,
                leases);
    }

    /** Returns every backend of a cache, which begins to connect now if it has not before. */
    private List<RedisBackend> all(RedisBackend backend, CacheDefinition definition) {
        List<RedisBackend> all = new ArrayList<>(List.of(backend));
        ReplicationSettings replication = definition.settings().getReplication();
        if (replication.isEnabled()) {
            replication
                    .getReplicas()
                    .forEach(name -> all.add(backends.get(name, () -> endpoint(definition, name), notShared())));
        }
        return all;
    }

    private NotShared notShared() {
        return codecs.get().notShared();
    }

    private EntryCodec entries(RedisSettings redis) {
        DataSize compressAbove = redis.getCompressAbove();
        return new EntryCodec(
                codecs.get().values(),
                new EnvelopeFormat(
                        compressAbove == null ? EnvelopeFormat.NEVER : (int) compressAbove.toBytes(),
                        ValueLimits.DEFAULT.documentLength()));
    }

    private static TierOptions options(CacheDefinition definition, Outcome hit) {
        CacheSettings settings = definition.settings();
        RedisSettings redis = settings.getRedis();
        Duration ifError = settings.getStaleIfError();
        Duration whileRevalidate = settings.getStaleWhileRevalidate();
        return new TierOptions(
                redis.getTimeout(),
                ifError.compareTo(whileRevalidate) > 0 ? ifError : whileRevalidate,
                hit,
                TierOptions.DEFAULT.maximumMissed());
    }

    private ReplicatedRemoteTier replicated(CacheDefinition definition, GuardedRemoteTier primary, EntryCodec entries) {
        RedisSettings redis = definition.settings().getRedis();
        ReplicationSettings replication = definition.settings().getReplication();
        List<GuardedRemoteTier> tiers = new ArrayList<>(List.of(primary));
        for (String name : replication.getReplicas()) {
            tiers.add(backends.get(name, () -> endpoint(definition, name), new NotShared())
                    .tier(
                            definition.name(),
                            entries,
                            options(definition, Outcome.REPLICA_HIT),
                            redis.getInvalidation()));
        }
        ReplicatedRemoteTier replicated = new ReplicatedRemoteTier(
                definition.name(),
                tiers,
                ReplicationOptions.DEFAULT.withReadFromReplicas(replication.isReadFromReplicas()),
                timer,
                System::nanoTime);
        replications.put(definition.name(), replicated);
        return replicated;
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
            String bundle = replica.getSslBundle();
            return bundle == null
                    ? RedisEndpoint.of(replica.getUrl())
                    : RedisEndpoint.of(replica.getUrl(), bundle(name, bundle));
        } catch (IllegalArgumentException e) {
            throw new InvalidCacheSettingException(
                    "tinyllm.cache.redis.replicas." + name + ".url",
                    "(not shown)",
                    "a URL such as redis://host:6379",
                    "Correct the URL.");
        }
    }

    private SslBundle bundle(String replica, String bundle) {
        try {
            if (bundles != null) {
                return bundles.getBundle(bundle);
            }
        } catch (NoSuchSslBundleException e) {
            // Said below.
        }
        throw new InvalidCacheSettingException(
                "tinyllm.cache.redis.replicas." + replica + ".ssl-bundle",
                bundle,
                "names of SSL bundles, here " + (bundles == null ? List.of() : bundles.getBundleNames()),
                "Correct the name, or define the bundle below spring.ssl.bundle.");
    }

    @Override
    public List<ReplicaStatus> replicas(String name) {
        ReplicatedRemoteTier replicated = replications.get(name);
        return replicated == null ? List.of() : replicated.status();
    }

    /** Returns the state of the backends of each replicated cache. */
    Map<String, List<ReplicaStatus>> replications() {
        Map<String, List<ReplicaStatus>> statuses = new TreeMap<>();
        replications.forEach((cache, tier) -> statuses.put(cache, tier.status()));
        return statuses;
    }

    RedisBackends backends() {
        return backends;
    }

    @Override
    public void destroy() {
        backends.close();
        threads.destroy();
        timer.shutdownNow();
        news.shutdownNow();
    }
}
