package io.tinyllm.cache.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.protocol.ConnectionIntent;
import io.lettuce.core.protocol.DefaultEndpoint;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one connection, to each node of a cluster, that a backend's commands are sent over, and that news of changes come by:
 * one, because then the server takes commands in the order of their sending, and does not tell us of our own changes.
 * Opened in the background, and again for as long as it takes. It is usable from when it has been told to track changes and
 * its {@link Owner} has caught up, until it breaks. Thread-safe; nothing blocks.
 */
final class RedisLink implements RedisConnectionStateListener {

    private static final long RETRY_MILLIS = 500;
    private static final int SILENT_PROBES = 5;
    private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_SEARCH_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Who uses the connection. */
    interface Owner {

        /**
         * Catches up over a new connection, before it is used.
         * @return ends when that is done; a failure leaves the connection unused
         */
        CompletableFuture<?> catchUp(RedisClusterAsyncCommands<byte[], byte[]> commands, boolean tracking);

        /** Changes of any key may have gone unheard, and are heard from now on. */
        void unheard();

        /** A key has changed; null where all have. */
        void changed(byte @Nullable [] redisKey);

        /** Whether the connection can be used. */
        void usable(boolean usable, String how);
    }

    private final Owner owner;
    private final RedisConnector connector;
    private final ServerClock clock;
    private final String trackedPrefix;
    private final ScheduledExecutorService timer;
    private final LongSupplier ticker;
    private final Map<Object, CompletableFuture<Boolean>> nodes = new ConcurrentHashMap<>();
    private volatile @Nullable StatefulConnection<byte[], byte[]> connection;
    private volatile @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands;
    private volatile int silent;
    private volatile boolean closed;
    private volatile boolean missed;
    private int epoch;
    private @Nullable Long searchedNanos;
    private long searchPauseNanos = SEARCH_NANOS;

    RedisLink(
            Owner owner,
            RedisEndpoint endpoint,
            ServerClock clock,
            String trackedPrefix,
            ScheduledExecutorService timer,
            LongSupplier ticker) {
        this.owner = owner;
        this.clock = clock;
        this.trackedPrefix = trackedPrefix;
        this.timer = timer;
        this.ticker = ticker;
        this.connector = new RedisConnector(endpoint, this);
    }

    RedisConnector connector() {
        return connector;
    }

    /** What to send commands by; null while there is no connection. */
    @Nullable
    RedisClusterAsyncCommands<byte[], byte[]> commands() {
        return commands;
    }

    // ------------------------------------------------------------------------------------------------------ connecting

    void open() {
        connector.connect().whenComplete((opened, failure) -> {
            if (failure != null) {
                missed = true;
                owner.usable(false, "cannot connect");
                later(this::open);
            } else if (closed) {
                opened.closeAsync();
            } else {
                connection = opened;
                if (opened instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster) {
                    connector.onTopologyChange(() -> openNodes(cluster));
                    openNodes(cluster)
                            .whenComplete((tracking, e) -> use(cluster.async(), next(), e == null && tracking));
                }
            }
        });
    }

    private void later(Runnable action) {
        if (closed) {
            return;
        }
        try {
            timer.schedule(action, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closing.
        }
    }

    /** Opens the connection to each node that holds keys, the very one that its commands take. */
    private CompletableFuture<Boolean> openNodes(StatefulRedisClusterConnection<byte[], byte[]> cluster) {
        CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
        for (RedisClusterNode node : cluster.getPartitions()) {
            if (node.getRole().isUpstream() && !node.getSlots().isEmpty()) {
                String host = node.getUri().getHost();
                int port = node.getUri().getPort();
                CompletableFuture<Boolean> one = cluster.getConnectionAsync(host, port, ConnectionIntent.WRITE)
                        .thenCompose(c -> nodes.getOrDefault(c, CompletableFuture.completedFuture(false)));
                all = all.thenCombine(one, Boolean::logicalAnd);
            }
        }
        return all;
    }

    /** A connection of ours to one server, or null where the event is about another. */
    @SuppressWarnings("unchecked")
    private static @Nullable StatefulRedisConnection<byte[], byte[]> ours(RedisChannelHandler<?, ?> handler) {
        if (handler instanceof StatefulRedisPubSubConnection<?, ?>
                // The class, since the interface of Lettuce 6 does not tell the codec.
                || !(handler instanceof StatefulRedisConnectionImpl<?, ?> data)
                || data.getCodec() != RedisConnector.CODEC) {
            return null;
        }
        return (StatefulRedisConnection<byte[], byte[]>) data;
    }

    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
        StatefulRedisConnection<byte[], byte[]> node = ours(handler);
        if (node == null || closed) {
            return;
        }
        boolean again = nodes.containsKey(node);
        if (!again) {
            node.addListener(this::pushed);
        }
        CompletableFuture<Boolean> tracking = track(node);
        nodes.put(node, tracking);
        if (connector.isCluster()) {
            if (again) {
                tracking.whenComplete((on, failure) -> owner.unheard());
            }
            return;
        }
        int now = next();
        askTime(node.async());
        tracking.whenComplete((on, failure) -> {
            if (failure == null) {
                use(node.async(), now, on);
            }
        });
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
        if (ours(handler) == null || connector.isCluster()) {
            return;
        }
        next();
        commands = null;
        missed = true;
        if (!closed) {
            owner.usable(false, "connection lost");
        }
    }

    private synchronized int next() {
        return ++epoch;
    }

    /** Begins to use a connection once its owner has caught up, unless it broke meanwhile. */
    private void use(RedisClusterAsyncCommands<byte[], byte[]> candidate, int began, boolean tracking) {
        owner.catchUp(candidate, tracking).whenComplete((done, failure) -> {
            synchronized (this) {
                if (began != epoch || closed) {
                    return;
                }
                if (failure != null) {
                    later(() -> use(candidate, began, tracking));
                    return;
                }
                silent = 0;
                if (missed) {
                    owner.unheard();
                }
                missed = false;
                commands = candidate;
            }
            owner.usable(true, tracking ? "tracking changes" : "not tracking changes");
        });
    }

    // -------------------------------------------------------------------------------------------------------- tracking

    /** Asks the server for news of changes; answers whether they will come. */
    private CompletableFuture<Boolean> track(StatefulRedisConnection<byte[], byte[]> node) {
        boolean resp3 = node instanceof StatefulRedisConnectionImpl<?, ?> known
                && known.getConnectionState().getNegotiatedProtocolVersion() == ProtocolVersion.RESP3;
        if (!resp3) {
            // An older protocol has no room for news among the answers.
            return CompletableFuture.completedFuture(false);
        }
        TrackingArgs tracking = TrackingArgs.Builder.enabled().bcast().noloop();
        if (!trackedPrefix.isEmpty()) {
            tracking.prefixes(StandardCharsets.UTF_8, trackedPrefix);
        }
        return node.async().clientTracking(tracking).toCompletableFuture().handle((ok, failure) -> {
            if (failure == null) {
                return true;
            }
            if (failure instanceof RedisCommandExecutionException
                    || failure.getCause() instanceof RedisCommandExecutionException) {
                return false;
            }
            throw new CompletionException(failure);
        });
    }

    private void pushed(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        List<Object> content = message.getContent();
        Object keys = content.size() < 2 ? null : content.get(1);
        if (!(keys instanceof List<?> list)) {
            owner.changed(null);
            return;
        }
        for (Object key : list) {
            if (key instanceof ByteBuffer buffer) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                owner.changed(bytes);
            }
        }
    }

    // --------------------------------------------------------------------------------------------------- signs of life

    /** Asks the server for its time, which is also a sign of life. */
    CompletableFuture<?> probe() {
        RedisClusterAsyncCommands<byte[], byte[]> current = commands;
        if (current == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("not connected"));
        }
        return askTime(current).orTimeout(1, TimeUnit.SECONDS).whenComplete((done, failure) -> {
            if (failure == null) {
                silent = 0;
            } else if (++silent >= SILENT_PROBES) {
                silent = 0;
                reconnect();
            }
        });
    }

    private CompletableFuture<?> askTime(RedisClusterAsyncCommands<byte[], byte[]> on) {
        long asked = ticker.getAsLong();
        return on.time().toCompletableFuture().handle((time, failure) -> {
            if (failure == null) {
                clock.sample(number(time.get(0)) * 1000 + number(time.get(1)) / 1000, asked);
            } else if (!(failure instanceof RedisCommandExecutionException)) {
                throw new CompletionException(failure);
            }
            return null;
        });
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
    }

    /**
     * Says that the server takes no writes: after a failover another one may, which a new connection finds. Looks for it ever
     * less often.
     */
    void wrongServer() {
        synchronized (this) {
            long now = ticker.getAsLong();
            if (searchedNanos != null && now - searchedNanos < searchPauseNanos) {
                return;
            }
            boolean fresh = searchedNanos == null || now - searchedNanos > 4 * searchPauseNanos;
            searchPauseNanos = fresh ? SEARCH_NANOS : Math.min(2 * searchPauseNanos, LONGEST_SEARCH_NANOS);
            searchedNanos = now;
        }
        reconnect();
    }

    /** Drops the connection, which may lead nowhere or to the wrong server; a new one is opened at once. */
    void reconnect() {
        for (Object node : nodes.keySet()) {
            if (node instanceof RedisChannelHandler<?, ?> handler
                    && handler.getChannelWriter() instanceof DefaultEndpoint endpoint) {
                endpoint.disconnect();
            }
        }
    }

    void close() {
        closed = true;
        commands = null;
        connector.close();
    }
}
