package io.tinyllm.cache.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.event.connection.ReconnectFailedEvent;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to an endpoint, by a client with the settings that a cache needs. Thread-safe; no method but
 * {@link #close} blocks.
 */
final class RedisConnector {

    static final RedisCodec<byte[], byte[]> CODEC = ByteArrayCodec.INSTANCE;

    private static final int THREADS = 2;
    private static final NettyCustomizer NO_CUSTOMIZER = new NettyCustomizer() {};

    private final List<RedisURI> uris;
    private final ClientResources resources;
    private final AbstractRedisClient client;

    RedisConnector(RedisEndpoint endpoint) {
        this.uris = endpoint.uris();
        this.resources = resources(endpoint.resources());
        ClientOptions options = options(endpoint.options());
        if (endpoint.isCluster()) {
            RedisClusterClient cluster = RedisClusterClient.create(resources, uris);
            cluster.setOptions(clusterOptions(options));
            this.client = cluster;
        } else {
            RedisClient standalone = RedisClient.create(resources);
            standalone.setOptions(options);
            this.client = standalone;
        }
    }

    /** Makes a listener hear of connections that are made and lost from now on. */
    void listen(RedisConnectionStateListener listener) {
        client.addListener(listener);
    }

    /** Its own threads, so that it neither waits for the application's use of Redis nor the other way round. */
    private static ClientResources resources(@Nullable ClientResources application) {
        DefaultClientResources.Builder own = DefaultClientResources.builder()
                .nettyCustomizer(new Customizer(NO_CUSTOMIZER))
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .reconnectDelay(Delay.exponential(Duration.ZERO, Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS));
        if (application != null) {
            own.nettyCustomizer(new Customizer(application.nettyCustomizer()))
                    .socketAddressResolver(application.socketAddressResolver())
                    .addressResolverGroup(application.addressResolverGroup())
                    .tracing(application.tracing());
        }
        return own.build();
    }

    private static ClientOptions options(ClientOptions application) {
        SocketOptions sockets = application.getSocketOptions();
        Duration connect = sockets.getConnectTimeout();
        ClientOptions.Builder options = application
                .mutate()
                .autoReconnect(true)
                // A command that was sent over a broken connection is not sent again: it might overtake a newer one.
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .suspendReconnectOnProtocolFailure(false)
                .timeoutOptions(TimeoutOptions.create())
                .useHashIndexQueue(false)
                .socketOptions(sockets.mutate()
                        .connectTimeout(
                                connect.compareTo(RedisEndpoint.CONNECT_TIMEOUT) < 0
                                        ? connect
                                        : RedisEndpoint.CONNECT_TIMEOUT)
                        .build());
        LettuceInternals.disableMaintenanceNotifications(options);
        return options.build();
    }

    private static ClusterClientOptions clusterOptions(ClientOptions options) {
        return ClusterClientOptions.builder(options)
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
                        .enablePeriodicRefresh(Duration.ofSeconds(10))
                        .build())
                .build();
    }

    boolean isCluster() {
        return client instanceof RedisClusterClient;
    }

    CompletableFuture<? extends StatefulConnection<byte[], byte[]>> connect() {
        if (client instanceof RedisClusterClient cluster) {
            return cluster.refreshPartitionsAsync()
                    .toCompletableFuture()
                    .thenCompose(done -> cluster.connectAsync(CODEC));
        }
        return ((RedisClient) client).connectAsync(CODEC, uris.get(0)).toCompletableFuture();
    }

    CompletableFuture<? extends StatefulRedisPubSubConnection<byte[], byte[]>> connectPubSub() {
        if (client instanceof RedisClusterClient cluster) {
            return cluster.refreshPartitionsAsync()
                    .toCompletableFuture()
                    .thenCompose(done -> cluster.connectPubSubAsync(CODEC));
        }
        return ((RedisClient) client).connectPubSubAsync(CODEC, uris.get(0)).toCompletableFuture();
    }

    /** Tells why an attempt to open a lost connection again has failed. */
    void onReconnectFailure(Consumer<Throwable> action) {
        resources.eventBus().get().subscribe(event -> {
            if (event instanceof ReconnectFailedEvent failed && failed.getCause() != null) {
                action.accept(failed.getCause());
            }
        });
    }

    /** Runs an action whenever the nodes of a cluster have changed. */
    void onTopologyChange(Runnable action) {
        resources.eventBus().get().subscribe(event -> {
            if (event instanceof io.lettuce.core.cluster.event.ClusterTopologyChangedEvent) {
                action.run();
            }
        });
    }

    /** Prepares channels as the application does, and as the cache needs them. */
    private record Customizer(NettyCustomizer application) implements NettyCustomizer {

        @Override
        public void afterBootstrapInitialized(Bootstrap bootstrap) {
            application.afterBootstrapInitialized(bootstrap);
        }

        @Override
        public void afterChannelInitialized(Channel channel) {
            channel.pipeline().addFirst(new FlushesTogether());
            application.afterChannelInitialized(channel);
        }
    }

    /** Closes every connection and ends the threads. */
    void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        resources.shutdown(0, 2, TimeUnit.SECONDS);
    }
}
