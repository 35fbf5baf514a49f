package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.redis.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The shared tier as an application gets it from its properties. */
class RedisAutoConfigurationTests {

    private static RedisProcess redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    private static ApplicationContextRunner node() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class,
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheHealthAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + redis.port(),
                        "tinyllm.cache.caches.users.redis.enabled=true",
                        "tinyllm.cache.caches.users.redis.timeout=5s",
                        "tinyllm.cache.caches.users.redis.compress-above=64B");
    }

    @Test
    void whatOneNodeLoadsAnotherReadsAndWhatItEvictsTheOtherForgets() {
        node().run(one -> node().run(two -> {
            awaitRedis(one);
            awaitRedis(two);
            Users first = one.getBean(Users.class);
            Users second = two.getBean(Users.class);
            User user = first.find("ada", 1);
            assertThat(user.tags()).containsEntry("role", List.of("admin"));
            assertThat(first.find("ada", 1)).isSameAs(user);
            await().untilAsserted(() -> assertThat(second.find("ada", 1)).isEqualTo(user));
            int calls = second.calls();
            assertThat(second.find("ada", 1)).isEqualTo(user);
            assertThat(second.calls()).isEqualTo(calls);
            assertThat(cache(two.getBean(CacheManager.class)).counters().memoryHits())
                    .isPositive();

            first.forget("ada", 1);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> cache(two.getBean(CacheManager.class)).memory().size() == 0);
            assertThat(second.find("ada", 1).version()).isNotEqualTo(user.version());
        }));
    }

    @Test
    void optionalsComeBackAsTheyWere() {
        node().withPropertyValues(
                        "tinyllm.cache.caches.maybe.redis.enabled=true",
                        "tinyllm.cache.caches.maybe.memory.enabled=false")
                .run(context -> {
                    awaitRedis(context);
                    Users users = context.getBean(Users.class);
                    assertThat(users.maybe("x")).contains(new User("x", 0, Map.of()));
                    assertThat(users.maybe("x")).contains(new User("x", 0, Map.of()));
                    assertThat(users.maybe("")).isEmpty();
                    assertThat(users.maybe("")).isEmpty();
                    assertThat(users.calls()).isEqualTo(2);
                });
    }

    @Test
    void startsAndServesWithoutRedisAndSaysSoInItsHealthWithoutBeingDown() {
        node().withPropertyValues("spring.data.redis.port=1").run(context -> {
            assertThat(context).hasNotFailed();
            Users users = context.getBean(Users.class);
            assertThat(users.find("ada", 1)).isSameAs(users.find("ada", 1));
            Health health = context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                    .health();
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails().get("primary").toString()).contains("DISCONNECTED");
        });
    }

    @Test
    void aCacheThatWantsRedisInAnApplicationWithoutItStopsTheStartAndNamesTheDependency() {
        node().withClassLoader(new FilteredClassLoader("io.lettuce", "org.springframework.data.redis"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.caches.users.redis.enabled")
                        .hasMessageContaining("spring-boot-starter-data-redis"));
    }

    @Test
    void aCacheWithoutAnyTierStopsTheStart() {
        node().withPropertyValues("tinyllm.cache.caches.none.memory.enabled=false")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.caches.none.memory.enabled"));
    }

    @Test
    void anAllowedTypeThatIsNoneStopsTheStart() {
        node().withPropertyValues("tinyllm.cache.redis.allowed-types=com.acme.*")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("com.acme.*"));
    }

    /** An application does not wait for Redis; it joins when it is there. */
    private static void awaitRedis(ApplicationContext context) {
        HealthIndicator health = context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        health.health().getDetails().get("primary").toString().contains("state=UP"));
    }

    private static TieredCache cache(CacheManager manager) {
        return (TieredCache) manager.getCache("users").getNativeCache();
    }

    public record User(String name, int version, Map<String, List<String>> tags) {}

    public static class Users {

        private static final AtomicInteger VERSIONS = new AtomicInteger();

        private final AtomicInteger calls = new AtomicInteger();

        int calls() {
            return calls.get();
        }

        @Cacheable("users")
        public User find(String name, int shard) {
            calls.incrementAndGet();
            return new User(name, VERSIONS.incrementAndGet(), Map.of("role", List.of("admin")));
        }

        @CacheEvict("users")
        public void forget(String name, int shard) {}

        @Cacheable("maybe")
        public Optional<User> maybe(String name) {
            calls.incrementAndGet();
            return name.isEmpty() ? Optional.empty() : Optional.of(new User(name, 0, Map.of()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Users users() {
            return new Users();
        }
    }
}
