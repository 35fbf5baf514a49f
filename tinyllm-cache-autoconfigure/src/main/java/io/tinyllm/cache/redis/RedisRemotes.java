package io.tinyllm.cache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One Redis as a backend of remote tiers: its connection, common to all caches, its guard, and the news of changes that it
 * sends. Connects in the background from {@link #start} on; tiers are created at any time. Thread-safe.
 */
public final class RedisRemotes implements AutoCloseable {

    private static final int MOST_NEWS = 10_000;
    private static final byte[] ALL = {};

    private final RedisKeys keys;
    private final ServerClock clock;
    private final RedisLink link;
    private final RedisSubscriptions subscriptions;
    private final BackendGuard guard;
    private final KeyCodec keyCodec;
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final LongSupplier ticker;
    private final NotShared notShared;
    private final RecentMisses misses;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private volatile boolean tracking;
    private int ticks;
    private List<News> news = new ArrayList<>();
    private boolean telling;

    /**
     * @param name of the backend, such as {@code primary}
     * @param endpoint where it is
     * @param keyPrefix what all its Redis keys begin with
     * @param keyCodec encodes keys
     * @param timer for deadlines, probes and news of changes; nothing that it runs blocks
     * @param executor runs what depends on results that no caller blocks for
     * @param ticker the monotonic time in nanoseconds
     * @param wallMillis the clock of this machine, until the server's is known
     * @param notShared takes note of what has no stored form
     */
    public RedisRemotes(
            String name,
            RedisEndpoint endpoint,
            String keyPrefix,
            KeyCodec keyCodec,
            ScheduledExecutorService timer,
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
        this.link = new RedisLink(new Connected(), endpoint, clock, keyPrefix, timer, ticker);
        this.subscriptions = new RedisSubscriptions(link, timer, this::heard);
        this.guard = new BackendGuard(name, BackendGuard.DEFAULT_IN_FLIGHT, timer, ticker, link::probe);
    }

    /** Begins to connect. */
    public void start() {
        link.open();
        timer.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
    }

    /** How the backend fares. */
    public BackendHealth health() {
        return guard.health();
    }

    /** What guards the backend. */
    public BackendGuard guard() {
        return guard;
    }

    /**
     * The tier of one cache on this Redis; created once for each name. Waits for one answer of Redis at most.
     * @param cacheName the cache
     * @param entries encodes its values
     * @param options how it uses the tier
     * @param invalidation how it learns of what other JVMs change
     */
    public GuardedRemoteTier tier(
            String cacheName, EntryCodec entries, TierOptions options, Invalidation invalidation) {
        String escaped = RedisKeys.escape(cacheName);
        Member member = members.computeIfAbsent(escaped, name -> new Member(name, invalidation));
        member.subscribeWhereNeeded();
        try {
            // So that the first operations do not come too early; they would be misses, no worse.
            member.store.relearnGeneration().get(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            guard.count("generation");
        }
        return new GuardedRemoteTier(
                cacheName, member.store, guard, keyCodec, entries, options, timer, executor, ticker, notShared);
    }

    /**
     * Turns at loading for the JVMs that share a tier.
     * @param cacheName the cache, whose tier was created before
     * @param tier that tier
     * @param lease how long a lease lasts unless it is renewed
     * @param patience how long a load is waited for
     * @throws IllegalStateException if there is no tier of that name
     */
    public RemoteLeases leases(String cacheName, GuardedRemoteTier tier, Duration lease, Duration patience) {
        Member member = members.get(RedisKeys.escape(cacheName));
        if (member == null) {
            throw new IllegalStateException("Cache '" + cacheName + "' has no tier on backend " + guard.name());
        }
        return new RemoteLeases(tier, member.store, guard, keyCodec, lease, patience, timer, executor, ticker);
    }

    private void everySecond() {
        ticks++;
        boolean often = ticks % 5 == 0;
        for (Member member : members.values()) {
            member.store.relearnGeneration();
            if (often && !member.isTracked()) {
                member.relearnQuietly();
            }
        }
        if (often && link.commands() != null) {
            link.probe();
        }
    }

    /** Closes the connection. Operations fail from then on. */
    @Override
    public void close() {
        link.close();
    }

    // ------------------------------------------------------------------------------------------------ news of changes

    /** Takes a changed Redis key, empty for all, off the thread that does the input. */
    private void heard(byte[] redisKey) {
        synchronized (this) {
            if (news.size() >= MOST_NEWS) {
                news.clear();
                news.add(new News(ALL, false));
            }
            news.add(new News(redisKey, misses.contains(redisKey)));
            if (telling) {
                return;
            }
            telling = true;
        }
        try {
            timer.execute(this::tell);
        } catch (RejectedExecutionException e) {
            // Closing.
        }
    }

    private void tell() {
        while (true) {
            List<News> batch;
            synchronized (this) {
                batch = news;
                telling = !batch.isEmpty();
                if (!telling) {
                    return;
                }
                news = new ArrayList<>();
            }
            batch.forEach(this::tell);
        }
    }

    private void tell(News item) {
        if (item.redisKey.length == 0) {
            // Nothing is left of the generations either.
            RedisKeys.Parsed generation = new RedisKeys.Parsed("", RedisKeys.GENERATION, ALL);
            members.values().forEach(member -> member.store.changed(generation, false));
            return;
        }
        RedisKeys.Parsed parsed = keys.parse(item.redisKey);
        if (parsed == null) {
            return;
        }
        Member member = members.get(parsed.cache());
        if (member != null && member.hears()) {
            member.store.changed(parsed, item.missed);
        }
    }

    /**
     * A change by another.
     * @param redisKey the key, empty for all
     * @param missed whether this JVM had just missed it
     */
    private record News(byte[] redisKey, boolean missed) {}

    /** What the connection asks and tells of. */
    private final class Connected implements RedisLink.Owner {

        @Override
        public CompletableFuture<?> catchUp(RedisClusterAsyncCommands<byte[], byte[]> commands, boolean on) {
            tracking = on;
            return CompletableFuture.allOf(members.values().stream()
                    .map(member -> member.store.learnGeneration(commands).exceptionally(unknown -> null))
                    .toArray(CompletableFuture<?>[]::new));
        }

        @Override
        public void unheard() {
            members.values().forEach(member -> member.store.allChanged());
        }

        @Override
        public void changed(byte @Nullable [] redisKey) {
            heard(redisKey == null ? ALL : redisKey);
        }

        @Override
        public void usable(boolean usable, String how) {
            guard.connected(usable, how);
            if (usable) {
                members.values().forEach(member -> {
                    member.store.relearnGeneration();
                    member.subscribeWhereNeeded();
                });
            }
        }
    }

    /** A cache on this Redis. */
    private final class Member implements RedisStore.Publisher {

        private final RedisStore store;
        private final Invalidation invalidation;
        private final byte[] channel;

        Member(String escapedName, Invalidation invalidation) {
            this.invalidation = invalidation;
            this.channel = keys.channel(escapedName);
            this.store = new RedisStore(link, clock, keys, escapedName, misses, this);
        }

        boolean hears() {
            return invalidation != Invalidation.NONE;
        }

        @Override
        public boolean isTracked() {
            return tracking && (invalidation == Invalidation.AUTO || invalidation == Invalidation.TRACKING);
        }

        private boolean isSubscribed() {
            return invalidation == Invalidation.PUB_SUB
                    || invalidation == Invalidation.AUTO && !tracking && link.commands() != null;
        }

        void subscribeWhereNeeded() {
            if (isSubscribed()) {
                subscriptions.subscribe(channel, store::allChanged);
            }
        }

        void relearnQuietly() {
            RedisClusterAsyncCommands<byte[], byte[]> commands = link.commands();
            if (commands != null) {
                store.learnGeneration(commands);
            }
        }

        @Override
        public boolean isNeeded() {
            return isSubscribed();
        }

        @Override
        public void changed(byte[] redisKey) {
            if (isSubscribed()) {
                subscriptions.publish(channel, redisKey);
            }
        }
    }
}
