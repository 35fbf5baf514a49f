package io.tinyllm.cache.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.protocol.ConnectionIntent;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.tinyllm.cache.remote.BackendGuard;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens the one connection, to each node of a cluster, that a backend's commands are sent over and that the server
 * tells of changes by: one, because then the server takes commands in the order of their sending, and does not tell us
 * of our own changes. Opened in the background, and again for as long as it takes. It is used from when the server was
 * asked for changes and the caches have caught up, until it breaks. Thread-safe; nothing blocks.
 */
final class RedisLink implements RedisConnectionStateListener {

    private static final long RETRY_MILLIS = 500;

    private final RedisConnector connector;
    private final CurrentConnection connection;
    private final TrackingSource tracking;
    private final PubSubSource pubSub;
    private final SharedStores stores;
    private final BackendGuard guard;
    private final ScheduledExecutorService timer;
    private volatile boolean closed;
    private volatile boolean missed;
    private int epoch;

    /** The id by which the server in use names itself, empty before the first. Guarded by this. */
    private String serverId = "";

    /**
     * Creates a link that connects to nothing yet.
     * @param connector opens connections
     * @param connection is used by the commands
     * @param tracking asks the server for changes
     * @param pubSub hears of changes where the server does not tell
     * @param stores the caches, which catch up over a new connection
     * @param guard is told whether there is a connection
     * @param timer tries again
     */
    RedisLink(
            RedisConnector connector,
            CurrentConnection connection,
            TrackingSource tracking,
            PubSubSource pubSub,
            SharedStores stores,
            BackendGuard guard,
            ScheduledExecutorService timer) {
        this.connector = connector;
        this.connection = connection;
        this.tracking = tracking;
        this.pubSub = pubSub;
        this.stores = stores;
        this.guard = guard;
        this.timer = timer;
    }

    /** Begins to connect. */
    void open() {
        connector.listen(this);
        connector.onReconnectFailure(cause -> {
            if (!connection.isOpen() && !closed) {
                guard.connected(false, "cannot connect: " + RedisFailures.cause(cause));
            }
        });
        connect();
    }

    private void connect() {
        connector.connect().whenComplete((opened, failure) -> {
            if (failure != null) {
                missed = true;
                guard.connected(false, "cannot connect: " + RedisFailures.cause(failure));
                later(this::connect);
            } else if (closed) {
                opened.closeAsync();
            } else if (opened instanceof StatefulRedisClusterConnection<byte[], byte[]> nodes) {
                connector.onTopologyChange(() -> openNodes(nodes));
                openNodes(nodes).whenComplete((on, e) -> use(nodes.async(), next(), e == null && on));
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

    /**
     * Opens the connection to each node that holds keys, the very one that its commands take; answers whether all
     * track.
     */
    private CompletableFuture<Boolean> openNodes(StatefulRedisClusterConnection<byte[], byte[]> nodes) {
        CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
        for (RedisClusterNode node : nodes.getPartitions()) {
            if (node.getRole().isUpstream() && !node.getSlots().isEmpty()) {
                String host = node.getUri().getHost();
                int port = node.getUri().getPort();
                CompletableFuture<Boolean> one = nodes.getConnectionAsync(host, port, ConnectionIntent.WRITE)
                        .thenCompose(tracking::isOn);
                all = all.thenCombine(one, Boolean::logicalAnd);
            }
        }
        return all;
    }

    /** Returns the connection of ours to one server that an event is about, or null where it is about another. */
    @SuppressWarnings("unchecked")
    private static @Nullable StatefulRedisConnection<byte[], byte[]> ours(RedisChannelHandler<?, ?> handler) {
        if (handler instanceof StatefulRedisPubSubConnection<?, ?>
                || !(handler instanceof StatefulRedisConnection<?, ?> data)
                || !LettuceInternals.hasCodec(data, RedisConnector.CODEC)) {
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
        boolean again = tracking.knows(node);
        CompletableFuture<Boolean> tracked = tracking.begin(node);
        connection.add(node);
        if (connector.isCluster()) {
            if (again || connection.isOpen()) {
                // Its keys may have been changed unheard, and it may have less of them than the one before it.
                guard.serverChanged();
                tracked.whenComplete((on, failure) -> stores.allChanged());
            }
            return;
        }
        int now = next();
        connection.askTime(node.async());
        tracked.whenComplete((on, failure) -> {
            if (failure == null) {
                use(node.async(), now, on);
            }
        });
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
        StatefulRedisConnection<byte[], byte[]> node = ours(handler);
        if (node == null) {
            return;
        }
        if (connector.isCluster()) {
            if (!closed && tracking.knows(node)) {
                // From now on its keys are changed unheard; who only reads from memory would not notice otherwise.
                stores.allChanged();
            }
            return;
        }
        next();
        boolean used = connection.isOpen();
        connection.lose();
        missed = true;
        // One that was not used yet, such as where the password is wrong, has its cause told elsewhere.
        if (used && !closed) {
            guard.connected(false, "connection lost");
        }
    }

    private synchronized int next() {
        return ++epoch;
    }

    /** Begins to use a connection once the caches have caught up, unless it broke meanwhile. */
    private void use(RedisClusterAsyncCommands<byte[], byte[]> candidate, int began, boolean tracked) {
        CompletableFuture<String> server = connector.isCluster()
                ? CompletableFuture.completedFuture("the cluster")
                : connection.serverId(candidate);
        stores.learnGenerations(candidate).thenCombine(server, (done, id) -> id).whenComplete((id, failure) -> {
            synchronized (this) {
                if (began != epoch || closed) {
                    return;
                }
                if (failure != null) {
                    later(() -> use(candidate, began, tracked));
                    return;
                }
                if (!id.equals(serverId) && !serverId.isEmpty()) {
                    guard.serverChanged();
                }
                serverId = id;
                if (missed) {
                    stores.allChanged();
                }
                missed = false;
                connection.use(candidate, tracked);
            }
            guard.connected(true, tracked ? "tracking changes" : "not tracking changes");
            stores.all().forEach(store -> {
                store.relearnGeneration();
                pubSub.followIfAnnounced(store);
            });
        });
    }

    void close() {
        closed = true;
        connection.lose();
        connector.close();
    }
}
