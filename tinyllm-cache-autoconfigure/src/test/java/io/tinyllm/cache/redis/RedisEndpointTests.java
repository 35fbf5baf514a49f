package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The cache connects to where the application does, and its keys are told apart. */
class RedisEndpointTests {

    private static RedisCredentials credentials(RedisURI uri) {
        return uri.getCredentialsProvider().resolveCredentials().block();
    }

    @Test
    void takesServerFromConnectionFactory() {
        RedisStandaloneConfiguration standalone = new RedisStandaloneConfiguration("redis.example", 7000);
        standalone.setDatabase(3);
        standalone.setUsername("user");
        standalone.setPassword("secret");
        LettuceClientConfiguration client =
                LettuceClientConfiguration.builder().clientName("app").useSsl().build();

        RedisEndpoint endpoint = RedisEndpoint.of(new LettuceConnectionFactory(standalone, client));

        RedisURI uri = endpoint.uris().get(0);
        assertThat(uri.getHost()).isEqualTo("redis.example");
        assertThat(uri.getPort()).isEqualTo(7000);
        assertThat(uri.getDatabase()).isEqualTo(3);
        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getClientName()).isEqualTo("app");
        assertThat(credentials(uri).getUsername()).isEqualTo("user");
        assertThat(credentials(uri).getPassword()).isEqualTo("secret".toCharArray());
        assertThat(endpoint.isCluster()).isFalse();
    }

    @Test
    void aBundleSecuresSentinelsToo() {
        RedisURI uri = RedisEndpoint.of("redis-sentinel://one.example,two.example:26380/3#main", SslBundle.of(null))
                .uris()
                .get(0);

        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getSentinelMasterId()).isEqualTo("main");
        assertThat(uri.getDatabase()).isEqualTo(3);
        assertThat(uri.getSentinels()).hasSize(2).allMatch(RedisURI::isSsl);
    }

    @Test
    void takesSentinelsFromConnectionFactory() {
        RedisSentinelConfiguration sentinel =
                new RedisSentinelConfiguration("main", Set.of("one.example:26379", "two.example:26380"));
        sentinel.setPassword("secret");

        RedisURI uri =
                RedisEndpoint.of(new LettuceConnectionFactory(sentinel)).uris().get(0);

        assertThat(uri.getSentinelMasterId()).isEqualTo("main");
        assertThat(uri.getSentinels())
                .extracting(RedisURI::getHost)
                .containsExactlyInAnyOrder("one.example", "two.example");
        assertThat(credentials(uri).getPassword()).isEqualTo("secret".toCharArray());
    }

    @Test
    void takesClusterFromConnectionFactory() {
        RedisEndpoint endpoint = RedisEndpoint.of(new LettuceConnectionFactory(
                new RedisClusterConfiguration(List.of("one.example:7000", "two.example:7001"))));

        assertThat(endpoint.isCluster()).isTrue();
        assertThat(endpoint.uris()).extracting(RedisURI::getPort).containsExactlyInAnyOrder(7000, 7001);
    }

    @Test
    void escapesNamesSoThatNoTwoCachesShareRedisKey() {
        RedisKeys keys = new RedisKeys("tinyllm:");
        byte[] key = "1:s1:x".getBytes(StandardCharsets.UTF_8);
        byte[] nested = RedisKeys.join(keys.section(RedisKeys.escape("a:1"), "g"), key);
        byte[] flat = RedisKeys.join(keys.section(RedisKeys.escape("a"), "1"), "g:1:s1:x".getBytes());

        assertThat(nested).isNotEqualTo(flat);
        assertThat(RedisKeys.escape("a:b")).isNotEqualTo(RedisKeys.escape("a%3Ab"));
        RedisKeys.Parsed parsed = keys.parse(nested);
        assertThat(parsed.cache()).isEqualTo(RedisKeys.escape("a:1"));
        assertThat(parsed.section()).isEqualTo("g");
        assertThat(parsed.key()).isEqualTo(key);
    }
}
