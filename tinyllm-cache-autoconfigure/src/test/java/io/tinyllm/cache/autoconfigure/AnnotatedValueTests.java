package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Values with annotations that keep a field out of the JSON of an application's interface: a password hash, a secret.
 * What is stored outside of the heap is
 * the whole value, or nothing.
 */
class AnnotatedValueTests {

    @TempDir
    Path directory;

    private ApplicationContextRunner application() {
        return new ApplicationContextRunner()
                .withInitializer(
                        context -> context.getEnvironment().setConversionService(new ApplicationConversionService()))
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class,
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheHealthAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "spring.lifecycle.timeout-per-shutdown-phase=1s",
                        "tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                        "tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"));
    }

    @Test
    void anotherInstanceReadsTheWholeValueFromRedis() {
        try (RedisProcess redis = RedisProcess.start()) {
            ApplicationContextRunner node = application()
                    .withPropertyValues(
                            "spring.data.redis.host=127.0.0.1",
                            "spring.data.redis.port=" + redis.port(),
                            "tinyllm.cache.caches.accounts.redis.enabled=true",
                            "tinyllm.cache.caches.accounts.redis.timeout=5s");
            node.run(one -> node.run(two -> {
                awaitRedis(one);
                awaitRedis(two);
                Account account = one.getBean(Accounts.class).find("ada");
                assertThat(account.passwordHash).isEqualTo("hash");
                Account elsewhere = two.getBean(Accounts.class).find("ada");
                assertThat(elsewhere.passwordHash)
                        .as("what the other instance gets")
                        .isEqualTo("hash");
                assertThat(elsewhere.secret).isEqualTo("secret");
            }));
        }
    }

    @Test
    void aRestartRestoresTheWholeValueFromASnapshot() {
        ApplicationContextRunner snapshots =
                application().withPropertyValues("tinyllm.cache.caches.accounts.snapshot.enabled=true");
        snapshots.run(context -> context.getBean(Accounts.class).find("ada"));
        snapshots.run(context -> {
            Account account = context.getBean(Accounts.class).find("ada");
            assertThat(account.passwordHash).isEqualTo("hash");
        });
    }

    @Test
    void theStoreGetsTheWholeValueAfterARestart() {
        Table.ROWS.clear();
        ApplicationContextRunner writeBack = application()
                .withPropertyValues(
                        "tinyllm.cache.caches.accounts.write.policy=write-back",
                        "tinyllm.cache.caches.accounts.write.flush-interval=50ms");
        Table.failing = true;
        writeBack.run(context -> context.getBean(Accounts.class).save("ada", new Account("ada", "hash", "secret")));
        Table.failing = false;
        writeBack.run(context -> {
            await().atMost(Duration.ofSeconds(10)).until(() -> Table.ROWS.containsKey("ada"));
            assertThat(Table.ROWS.get("ada").passwordHash)
                    .as("what is in the database")
                    .isEqualTo("hash");
        });
    }

    private static void awaitRedis(ApplicationContext context) {
        HealthIndicator health = context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class);
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        health.health().getDetails().get("primary").toString().contains("UP"));
    }

    public static class Account {

        private String name;

        @JsonIgnore
        private String passwordHash;

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
        private String secret;

        public Account() {}

        Account(String name, String passwordHash, String secret) {
            this.name = name;
            this.passwordHash = passwordHash;
            this.secret = secret;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Account that
                    && Objects.equals(name, that.name)
                    && Objects.equals(passwordHash, that.passwordHash)
                    && Objects.equals(secret, that.secret);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, passwordHash, secret);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Accounts accounts() {
            return new Accounts();
        }

        @Bean
        Table table() {
            return new Table();
        }
    }

    public static class Accounts {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("accounts")
        public Account find(String name) {
            calls.incrementAndGet();
            return new Account(name, "hash", "secret");
        }

        @CachePut(cacheNames = "accounts", key = "#name")
        public Account save(String name, Account account) {
            return account;
        }
    }

    static final class Table implements BackingStore<String, Account> {

        static final Map<String, Account> ROWS = new ConcurrentHashMap<>();
        static volatile boolean failing;

        @Override
        public Set<String> cacheNames() {
            return Set.of("accounts");
        }

        @Override
        public @Nullable Account load(String key) {
            return ROWS.get(key);
        }

        @Override
        public void writeAll(Map<String, Account> entries) {
            check();
            ROWS.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            check();
            keys.forEach(ROWS::remove);
        }

        private static void check() {
            if (failing) {
                throw new IllegalStateException("store down");
            }
        }
    }
}
