package io.tinyllm.cache.redis;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.BackendHealth;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Every Redis that the caches of one manager use: the owner of all its connections. A backend is connected to when the
 * first cache wants it, so that an application whose caches want none has no connection more. Thread-safe.
 */
public final class RedisBackends implements AutoCloseable {

    private static final Duration LONGEST_PATIENCE = Duration.ofDays(1);

    private final String keyPrefix;
    private final Supplier<KeyCodec> keys;
    private final ScheduledExecutorService timer;
    private final Executor news;
    private final Executor executor;
    private final LongSupplier ticker;
    private final LongSupplier wallMillis;
    private final Map<String, RedisBackend> backends = new LinkedHashMap<>();
    private final boolean waits;
    private final AtomicLong patienceNanos;

    /**
     * Creates an owner of no connection yet.
     * @param keyPrefix what all Redis keys begin with
     * @param keys encodes keys, asked for with the first backend
     * @param timer for deadlines and probes; nothing that it runs takes long
     * @param news one thread, which tells caches of changes by others; what that takes delays no deadline
     * @param executor runs what depends on results that no caller blocks for
     * @param ticker the monotonic time in nanoseconds
     * @param wallMillis the clock of this machine
     * @param patience how long first connections are waited for, all together
     */
    public RedisBackends(
            String keyPrefix,
            Supplier<KeyCodec> keys,
            ScheduledExecutorService timer,
            Executor news,
            Executor executor,
            LongSupplier ticker,
            LongSupplier wallMillis,
            Duration patience) {
        this.waits = !patience.isZero();
        this.patienceNanos = new AtomicLong(
                patience.compareTo(LONGEST_PATIENCE) < 0 ? patience.toNanos() : LONGEST_PATIENCE.toNanos());
        this.keyPrefix = keyPrefix;
        this.keys = keys;
        this.timer = timer;
        this.news = news;
        this.executor = executor;
        this.ticker = ticker;
        this.wallMillis = wallMillis;
    }

    /**
     * Returns a backend, which begins to connect when it is asked for the first time.
     * @param name of the backend, such as {@code primary}
     * @param endpoint says where it is
     * @param notShared takes note of what has no stored form
     */
    public synchronized RedisBackend get(String name, Supplier<RedisEndpoint> endpoint, NotShared notShared) {
        RedisBackend known = backends.get(name);
        if (known != null) {
            return known;
        }
        RedisBackend backend = new RedisBackend(
                name, endpoint.get(), keyPrefix, keys.get(), timer, news, executor, ticker, wallMillis, notShared);
        backend.start();
        backends.put(name, backend);
        return backend;
    }

    /**
     * Waits until backends have been connected to, so that the first operation finds them; all waits of an application
     * together take no longer than its patience.
     * @param awaited the backends
     */
    public void await(List<RedisBackend> awaited) {
        for (RedisBackend backend : awaited) {
            long began = ticker.getAsLong();
            if (!backend.awaitConnected(Math.max(0, patienceNanos.get())) && waits) {
                backend.isLate();
            }
            patienceNanos.addAndGet(began - ticker.getAsLong());
        }
    }

    /** Returns the state of each backend, none before the first cache wants one. */
    public synchronized List<BackendHealth> health() {
        return backends.values().stream().map(RedisBackend::health).toList();
    }

    /**
     * Returns how many errors of a kind there were, on all backends together.
     * @param reason one of {@link BackendGuard#reasons()}
     */
    public synchronized long errors(String reason) {
        return backends.values().stream()
                .mapToLong(backend -> backend.guard().errors(reason))
                .sum();
    }

    /** Closes every connection. */
    @Override
    public synchronized void close() {
        backends.values().forEach(RedisBackend::close);
    }
}
