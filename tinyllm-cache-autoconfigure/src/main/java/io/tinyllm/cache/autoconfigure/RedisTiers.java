package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.RedisSettings;
import io.tinyllm.cache.assembly.Codecs;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.core.LoadLeases;
import io.tinyllm.cache.redis.Invalidation;
import io.tinyllm.cache.redis.RedisEndpoint;
import io.tinyllm.cache.redis.RedisRemotes;
import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.TierOptions;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.unit.DataSize;

/**
 * The shared tiers of an application. Connects when the first cache wants one, with a client of its own, so that an
 * application whose caches want none has no connection more.
 */
final class RedisTiers implements SharedTiers, DisposableBean {

    private static final String PRIMARY = "primary";

    private final LettuceConnectionFactory connectionFactory;
    private final String keyPrefix;
    private final KeyCodec keys;
    private final ValueCodec values;
    private final BackgroundThreads threads;
    private @Nullable ScheduledThreadPoolExecutor timer;
    private @Nullable RedisRemotes primary;

    RedisTiers(LettuceConnectionFactory connectionFactory, String keyPrefix, Codecs codecs, BackgroundThreads threads) {
        this.connectionFactory = connectionFactory;
        this.keyPrefix = keyPrefix;
        this.values = codecs.values();
        this.keys = codecs.keys();
        this.threads = threads;
    }

    @Override
    public Shared create(String name, String path, CacheSettings settings) {
        RedisSettings redis = settings.getRedis();
        RedisRemotes remotes = primary();
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
        GuardedRemoteTier tier = remotes.tier(
                name,
                entries,
                options,
                Invalidation.valueOf(redis.getInvalidation().name()));
        LoadLeases leases = redis.isSingleFlight()
                ? remotes.leases(name, tier, RemoteLeases.DEFAULT_LEASE, settings.getLoadTimeout())
                : LoadLeases.none();
        return new Shared(tier, leases);
    }

    /** How the backends fare, none before the first cache wants one. */
    synchronized List<BackendHealth> health() {
        return primary == null ? List.of() : List.of(primary.health());
    }

    private synchronized RedisRemotes primary() {
        RedisRemotes remotes = primary;
        if (remotes == null) {
            ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "tinyllm-cache-redis");
                thread.setDaemon(true);
                return thread;
            });
            scheduler.setRemoveOnCancelPolicy(true);
            timer = scheduler;
            remotes = new RedisRemotes(
                    PRIMARY,
                    RedisEndpoint.of(connectionFactory),
                    keyPrefix,
                    keys,
                    scheduler,
                    threads::execute,
                    System::nanoTime,
                    System::currentTimeMillis);
            remotes.start();
            primary = remotes;
        }
        return remotes;
    }

    @Override
    public synchronized void destroy() {
        if (primary != null) {
            primary.close();
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
