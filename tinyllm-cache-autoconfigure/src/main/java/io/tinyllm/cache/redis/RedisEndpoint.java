package io.tinyllm.cache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Where a Redis is and how it is spoken to. Immutable.
 *
 * <p>The cache connects by clients of its own: what it needs of a connection (commands rejected while there is none, no
 * replay, quick attempts to reconnect) are settings of the client, and those of the application's client are the
 * application's.
 */
public final class RedisEndpoint {

    /** The time limit for establishing a connection, to a Sentinel too; operations have deadlines of their own. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final List<RedisURI> uris;
    private final boolean cluster;
    private final ClientOptions options;
    private final @Nullable ClientResources resources;

    private RedisEndpoint(
            List<RedisURI> uris, boolean cluster, ClientOptions options, @Nullable ClientResources resources) {
        this.uris = uris;
        this.cluster = cluster;
        this.options = options;
        this.resources = resources;
        for (RedisURI uri : uris) {
            uri.setTimeout(CONNECT_TIMEOUT);
            uri.getSentinels().forEach(one -> one.setTimeout(CONNECT_TIMEOUT));
        }
    }

    /**
     * The Redis at a URL: {@code redis://}, {@code rediss://}, {@code redis-sentinel://} or {@code redis-socket://}.
     * @throws IllegalArgumentException if it is none
     */
    public static RedisEndpoint of(String url) {
        return new RedisEndpoint(List.of(RedisURI.create(url)), false, ClientOptions.create(), null);
    }

    /**
     * The Redis at a URL, reached over TLS with the keys, authorities, ciphers and protocols of a bundle; its Sentinels
     * too.
     * @throws IllegalArgumentException if it is none
     */
    public static RedisEndpoint of(String url, SslBundle bundle) {
        RedisURI uri = RedisURI.create(url);
        uri.setSsl(true);
        uri.getSentinels().forEach(one -> one.setSsl(true));
        SslOptions.Builder ssl = SslOptions.builder()
                .keyManager(bundle.getManagers().getKeyManagerFactory())
                .trustManager(bundle.getManagers().getTrustManagerFactory());
        if (bundle.getOptions().getCiphers() != null) {
            ssl.cipherSuites(bundle.getOptions().getCiphers());
        }
        if (bundle.getOptions().getEnabledProtocols() != null) {
            ssl.protocols(bundle.getOptions().getEnabledProtocols());
        }
        return new RedisEndpoint(
                List.of(uri),
                false,
                ClientOptions.builder().sslOptions(ssl.build()).build(),
                null);
    }

    /** The Redis Cluster whose nodes, some of them at least, are at these URLs. */
    public static RedisEndpoint ofCluster(List<String> urls) {
        return new RedisEndpoint(urls.stream().map(RedisURI::create).toList(), true, ClientOptions.create(), null);
    }

    /** The Redis that a connection factory of the application is configured for. */
    public static RedisEndpoint of(LettuceConnectionFactory factory) {
        LettuceClientConfiguration client = factory.getClientConfiguration();
        List<RedisURI> uris = new ArrayList<>();
        RedisClusterConfiguration clusterConfiguration = factory.getClusterConfiguration();
        RedisSentinelConfiguration sentinel = factory.getSentinelConfiguration();
        RedisSocketConfiguration socket = factory.getSocketConfiguration();
        if (clusterConfiguration != null) {
            for (RedisNode node : clusterConfiguration.getClusterNodes()) {
                RedisURI.Builder uri = RedisURI.Builder.redis(host(node), port(node));
                uris.add(finish(uri, clusterConfiguration, client, 0));
            }
        } else if (sentinel != null) {
            uris.add(finish(sentinel(sentinel), sentinel, client, sentinel.getDatabase()));
        } else if (socket != null) {
            uris.add(finish(RedisURI.Builder.socket(socket.getSocket()), socket, client, socket.getDatabase()));
        } else {
            RedisStandaloneConfiguration standalone = factory.getStandaloneConfiguration();
            RedisURI.Builder uri = RedisURI.Builder.redis(factory.getHostName(), factory.getPort());
            uris.add(finish(uri, standalone, client, factory.getDatabase()));
        }
        return new RedisEndpoint(
                uris,
                clusterConfiguration != null,
                client.getClientOptions().orElseGet(ClientOptions::create),
                client.getClientResources().orElse(null));
    }

    private static RedisURI.Builder sentinel(RedisSentinelConfiguration configuration) {
        RedisURI.Builder uri = RedisURI.builder();
        if (configuration.getMaster() != null) {
            uri.withSentinelMasterId(configuration.getMaster().getName());
        }
        for (RedisNode node : configuration.getSentinels()) {
            RedisURI.Builder one = RedisURI.Builder.redis(host(node), port(node));
            authenticate(one, configuration.getSentinelUsername(), configuration.getSentinelPassword());
            uri.withSentinel(one.build());
        }
        return uri;
    }

    private static RedisURI finish(
            RedisURI.Builder uri, RedisConfiguration configuration, LettuceClientConfiguration client, int database) {
        uri.withDatabase(database)
                .withSsl(client.isUseSsl())
                .withVerifyPeer(client.getVerifyMode())
                .withStartTls(client.isStartTls());
        client.getClientName().ifPresent(uri::withClientName);
        if (configuration instanceof RedisConfiguration.WithAuthentication known) {
            authenticate(uri, known.getUsername(), known.getPassword());
        }
        client.getRedisCredentialsProviderFactory().ifPresent(factory -> {
            RedisCredentialsProvider provider = factory.createCredentialsProvider(configuration);
            if (provider != null) {
                uri.withAuthentication(provider);
            }
        });
        return uri.build();
    }

    private static void authenticate(RedisURI.Builder uri, @Nullable String username, RedisPassword password) {
        password.toOptional().ifPresent(secret -> {
            if (username == null || username.isEmpty()) {
                uri.withPassword(secret);
            } else {
                uri.withAuthentication(username, secret);
            }
        });
    }

    private static String host(RedisNode node) {
        String host = node.getHost();
        return host == null ? "localhost" : host;
    }

    private static int port(RedisNode node) {
        Integer port = node.getPort();
        return port == null ? RedisURI.DEFAULT_REDIS_PORT : port;
    }

    /** Returns where it is, in a form for people, without credentials. */
    String address() {
        return uris.stream().map(RedisEndpoint::address).collect(Collectors.joining(", "));
    }

    private static String address(RedisURI uri) {
        if (!uri.getSentinels().isEmpty()) {
            return uri.getSentinelMasterId() + " by the sentinels "
                    + uri.getSentinels().stream().map(RedisEndpoint::address).collect(Collectors.joining(", "));
        }
        return uri.getSocket() != null ? uri.getSocket() : uri.getHost() + ":" + uri.getPort();
    }

    List<RedisURI> uris() {
        return uris;
    }

    boolean isCluster() {
        return cluster;
    }

    ClientOptions options() {
        return options;
    }

    @Nullable
    ClientResources resources() {
        return resources;
    }
}
