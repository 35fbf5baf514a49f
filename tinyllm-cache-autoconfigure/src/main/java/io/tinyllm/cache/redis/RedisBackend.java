package io.tinyllm.cache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.core.port.TagFeed;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One Redis as a backend of remote tiers: its connection, common to all caches, its guard, and the feed of changes.
 * Connects in the background from {@link #start} on; tiers are created at any time. Thread-safe.
 *
 * <p>What is inside depends on each other one way: {@link RedisLink} opens connections and makes {@link
 * CurrentConnection} use them; commands go from a {@link SharedStore} through its {@link RedisStore} to that; news go
 * from the link and its sources through {@link ChangeFeed} to the stores.
 */
public final class RedisBackend implements AutoCloseable {

    private static final int SECONDS_BETWEEN_PROBES = 5;

    private static final int WARM_UP = 20;

    /** The time limit for the first answers of a server, while the classes that are needed are loaded. */
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RedisKeys keys;
    private final ServerClock clock;
    private final CurrentConnection connection;
    private final SharedStores stores;
    private final ChangeAnnouncer announcer;
    private final RecentMisses misses;
    private final PubSubSource pubSub;
    private final BackendGuard guard;
    private final RedisLink link;
    private final CompletableFuture<@Nullable Void> connected = new CompletableFuture<>();
    private final AtomicBoolean warm = new AtomicBoolean();
    private final KeyCodec keyCodec;
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final LongSupplier ticker;
    private final NotShared notShared;
    private int ticks;

    /**
     * Creates a backend that connects to nothing yet.
     * @param name of the backend, such as {@code primary}
     * @param endpoint where it is
     * @param keyPrefix what all its Redis keys begin with
     * @param keyCodec encodes keys
     * @param timer for deadlines and probes; nothing that it runs takes long
     * @param news one thread, which tells caches of changes by others; what that takes delays no deadline
     * @param executor runs what depends on results that no caller blocks for
     * @param ticker the monotonic time in nanoseconds
     * @param wallMillis the clock of this machine, until the server's is known
     * @param notShared takes note of what has no stored form
     */
    public RedisBackend(
            String name,
            RedisEndpoint endpoint,
            String keyPrefix,
            KeyCodec keyCodec,
            ScheduledExecutorService timer,
            Executor news,
            Executor executor,
            LongSupplier ticker,
            LongSupplier wallMillis,
            NotShared notShared) {
        this.keys = new RedisKeys(keyPrefix);
        this.clock = new ServerClock(ticker, wallMillis.getAsLong());
        this.keyCodec = keyCodec;
        this.timer = timer;
        this.executor = executor;
        this.ticker = ticker;
        this.notShared = notShared;
        this.misses = new RecentMisses(ticker);
        this.connection = new CurrentConnection(clock, ticker, timer);
        this.stores = new SharedStores(new RedisTags(connection, keyPrefix));
        this.announcer = new ChangeAnnouncer(connection);
        this.guard = new BackendGuard(
                name,
                endpoint.address(),
                BackendGuard.DEFAULT_IN_FLIGHT,
                BackendGuard.maximumOfHeap(),
                timer,
                ticker,
                connection::probe);
        RedisConnector connector = new RedisConnector(endpoint);
        ChangeFeed feed = new ChangeFeed(keys, stores, misses, news, () -> guard.count(BackendGuard.NEWS));
        this.pubSub = new PubSubSource(connector, announcer, feed, timer);
        guard.onStateChange(() -> {
            if (guard.hasConnected()) {
                connected.complete(null);
            }
        });
        this.link =
                new RedisLink(connector, connection, new TrackingSource(feed, keyPrefix), pubSub, stores, guard, timer);
    }

    /** Begins to connect. */
    public void start() {
        link.open();
        timer.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
    }

    /** Returns the state of the backend. */
    public BackendHealth health() {
        return guard.health();
    }

    /** Returns the evictions by tag that the JVMs on this Redis tell each other. */
    public TagFeed tags() {
        return stores.tags();
    }

    /** Returns what guards the backend. */
    public BackendGuard guard() {
        return guard;
    }

    /**
     * Waits for the first connection.
     * @param nanos how long at most
     * @return whether it has been there
     */
    boolean awaitConnected(long nanos) {
        try {
            connected.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Not there.
        }
        return guard.hasConnected();
    }

    /** Takes note that there was no connection by the time that it was waited for. */
    void isLate() {
        if (!guard.hasConnected() && guard.health().detail().equals(BackendGuard.CONNECTING)) {
            guard.connected(false, "has not answered yet");
        }
    }

    /**
     * Creates the tier of one cache on this Redis; once for each name. Waits for one answer of Redis at most.
     * @param cacheName the cache
     * @param entries encodes its values
     * @param options how it uses the tier
     * @param invalidation how it learns of what other JVMs change
     */
    public GuardedRemoteTier tier(
            String cacheName, EntryCodec entries, TierOptions options, Invalidation invalidation) {
        SharedStore store = stores.create(
                RedisKeys.escape(cacheName),
                escaped -> new SharedStore(
                        new RedisStore(connection, clock, keys, escaped),
                        connection,
                        announcer,
                        misses,
                        invalidation,
                        keys.channel(escaped)));
        pubSub.followIfAnnounced(store);
        try {
            // So that the first operations do not come too early, nor take longer than the later ones.
            CompletableFuture.allOf(store.relearnGeneration(), stores.tags().catchUp())
                    .get(Math.max(options.timeout().toNanos(), FIRST_NANOS), TimeUnit.NANOSECONDS);
            if (connection.isOpen() && warm.compareAndSet(false, true)) {
                warmUp(store);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            guard.count(BackendGuard.GENERATION);
        }
        return new GuardedRemoteTier(
                cacheName, store, guard, keyCodec, entries, options, timer, executor, ticker, notShared);
    }

    /**
     * Creates what lets the JVMs that share a tier take turns at loading.
     * @param cacheName the cache, whose tier was created before
     * @param tier that tier
     * @param lease how long a lease lasts unless it is renewed
     * @param patience how long a load is waited for
     * @throws IllegalStateException if there is no tier of that name
     */
    public RemoteLeases leases(String cacheName, GuardedRemoteTier tier, Duration lease, Duration patience) {
        SharedStore store = stores.find(RedisKeys.escape(cacheName));
        if (store == null) {
            throw new IllegalStateException("Cache '" + cacheName + "' has no tier on backend " + guard.name());
        }
        return new RemoteLeases(tier, store.store(), guard, keyCodec, lease, patience, timer, executor, ticker);
    }

    /** Takes the way of a command a few times, before an operation has to go it within its deadline. */
    private void warmUp(SharedStore store) throws InterruptedException, ExecutionException, TimeoutException {
        for (int i = 0; i < WARM_UP; i++) {
            connection
                    .send(commands -> commands.get(store.store().generationKey()))
                    .get(FIRST_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void everySecond() {
        ticks++;
        boolean probing = ticks % SECONDS_BETWEEN_PROBES == 0;
        for (SharedStore store : stores.all()) {
            store.relearnGeneration().exceptionally(this::refused);
            RedisClusterAsyncCommands<byte[], byte[]> commands = connection.commands();
            if (probing && commands != null && !store.isTracked()) {
                store.learnGeneration(commands);
            }
        }
        if (probing || !connection.isTracking()) {
            stores.tags().catchUp();
        }
        // Every second: a server may close connections that were idle for longer.
        if (connection.isOpen()) {
            connection.probe();
            connection.beat();
        }
    }

    private <T> @Nullable T refused(Throwable failure) {
        guard.refused(RedisFailures.of(failure));
        return null;
    }

    /** Closes the connection. Operations fail from then on. */
    @Override
    public void close() {
        link.close();
    }
}
