package io.tinyllm.cache.redis;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** What one JVM has of a Redis: a connection of its own and, on it, as many caches as asked for. */
public final class RedisNode implements AutoCloseable {

    /** Generous, so that a busy machine does not make operations fail in tests about something else. */
    public static final TierOptions PATIENT = TierOptions.DEFAULT.withTimeout(Duration.ofSeconds(5));

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService news;
    private final ExecutorService executor = Executors.newFixedThreadPool(4, task -> new Thread(task, "hand-over"));
    private final ValueTypes types = new ValueTypes(List.of(), getClass().getClassLoader());
    private final NotShared notShared = new NotShared();
    private final RedisBackend backend;

    public RedisNode(RedisEndpoint endpoint) {
        this("primary", endpoint);
    }

    public RedisNode(String name, RedisEndpoint endpoint) {
        this(name, endpoint, Executors.newSingleThreadExecutor());
    }

    /** A node that learns of changes by others on a thread of the caller's choice. */
    RedisNode(String name, RedisEndpoint endpoint, ExecutorService news) {
        this.news = news;
        backend = new RedisBackend(
                name,
                endpoint,
                "tinyllm:",
                new KeyCodec(types, List.of(), BeanKeys.NONE),
                timer,
                news,
                executor,
                System::nanoTime,
                System::currentTimeMillis,
                notShared);
        backend.start();
    }

    /** A node that is connected. */
    public static RedisNode connected(RedisProcess redis) {
        RedisNode node = new RedisNode(RedisEndpoint.of(redis.url()));
        node.awaitUp();
        return node;
    }

    public void awaitUp() {
        Awaitility.await("connection")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> backend.health().state() == State.UP);
    }

    public RedisBackend backend() {
        return backend;
    }

    public ValueTypes types() {
        return types;
    }

    public EntryCodec entries() {
        ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        return new EntryCodec(values, new EnvelopeFormat(EnvelopeFormat.NEVER, 1 << 26));
    }

    public GuardedRemoteTier tier(String cache, TierOptions options, Invalidation invalidation) {
        return backend.tier(cache, entries(), options, invalidation);
    }

    public GuardedRemoteTier tier(String cache) {
        return tier(cache, PATIENT, Invalidation.AUTO);
    }

    /** A cache on memory and Redis. */
    public TieredCache cache(String name, TierOptions options, Invalidation invalidation) {
        return cache(name, options, invalidation, new CaffeineMemoryTier(10_000, System::nanoTime, Runnable::run));
    }

    /** A cache on memory and Redis. */
    public TieredCache cache(String name) {
        return cache(name, PATIENT, Invalidation.AUTO);
    }

    /** A cache on Redis alone. */
    public TieredCache cacheWithoutMemory(String name, TierOptions options) {
        return cache(name, options, Invalidation.AUTO, MemoryTier.none());
    }

    TieredCache cache(String name, TierOptions options, Invalidation invalidation, MemoryTier memory) {
        return TieredCache.named(name)
                .memory(memory)
                .remote(tier(name, options, invalidation))
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
    }

    @Override
    public void close() {
        backend.close();
        timer.shutdownNow();
        news.shutdownNow();
        executor.shutdownNow();
    }
}
