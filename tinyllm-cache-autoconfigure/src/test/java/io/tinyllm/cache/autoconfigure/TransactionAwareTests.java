package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.spring.TinyLlmCacheManager;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A transaction-aware manager with real transactions of a database: writes to caches wait for the commit. */
class TransactionAwareTests {

    private static ConfigurableApplicationContext context;

    private Users users;
    private Cache cache;
    private TransactionTemplate transaction;

    @BeforeAll
    static void start() {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        context = application.run("--spring.main.banner-mode=off", "--spring.datasource.generate-unique-name=true");
        context.getBean(JdbcClient.class)
                .sql("create table users (id int primary key, name varchar(20))")
                .update();
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @BeforeEach
    void reset() {
        PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
        assertThat(manager).isInstanceOf(JdbcTransactionManager.class);
        users = context.getBean(Users.class);
        cache = context.getBean(CacheManager.class).getCache("users");
        transaction = new TransactionTemplate(manager);
        JdbcClient jdbc = context.getBean(JdbcClient.class);
        jdbc.sql("delete from users").update();
        jdbc.sql("insert into users values (1, 'ada')").update();
        cache.clear();
    }

    @Test
    void aValueReadInATransactionIsCachedAtItsCommit() {
        transaction.executeWithoutResult(status -> {
            users.name(1);
            assertThat(cache.get(1)).isNull();
        });
        assertThat(cache.get(1).get()).isEqualTo("ada");
    }

    @Test
    void aPutWaitsForTheCommit() {
        transaction.executeWithoutResult(status -> {
            users.rename(1, "grace");
            assertThat(cache.get(1)).isNull();
        });
        assertThat(cache.get(1).get()).isEqualTo("grace");
        assertThat(users.name(1)).isEqualTo("grace");
    }

    @Test
    void aPutOfATransactionThatRollsBackIsNeverSeen() {
        users.name(1);
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    users.rename(1, "grace");
                    throw new IllegalArgumentException("rolls back");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(cache.get(1).get()).isEqualTo("ada");
        assertThat(users.name(1)).isEqualTo("ada");
    }

    @Test
    void aValueOfAnUncommittedWriteThatRollsBackIsNotCached() {
        transaction.executeWithoutResult(status -> {
            users.renameQuietly(1, "grace");
            assertThat(users.name(1)).isEqualTo("grace");
            status.setRollbackOnly();
        });
        assertThat(cache.get(1)).isNull();
        assertThat(users.name(1)).isEqualTo("ada");
    }

    @Test
    void anEvictWaitsForTheCommit() {
        users.name(1);
        transaction.executeWithoutResult(status -> {
            users.delete(1);
            assertThat(cache.get(1).get()).isEqualTo("ada");
        });
        assertThat(cache.get(1)).isNull();
    }

    @Test
    void anEvictOfATransactionThatRollsBackDoesNotHappen() {
        users.name(1);
        transaction.executeWithoutResult(status -> {
            users.delete(1);
            status.setRollbackOnly();
        });
        assertThat(cache.get(1).get()).isEqualTo("ada");
        assertThat(users.name(1)).isEqualTo("ada");
    }

    @Test
    void withoutATransactionWritesTakeEffectAtOnce() {
        users.rename(1, "grace");
        assertThat(cache.get(1).get()).isEqualTo("grace");
        cache.evict(1);
        assertThat(cache.get(1)).isNull();
    }

    @Test
    void noFlightIsLeftBehind() {
        aValueReadInATransactionIsCachedAtItsCommit();
        cache.clear();
        aValueOfAnUncommittedWriteThatRollsBackIsNotCached();
        assertThat(context.getBean(TinyLlmCacheManager.class).find("users").loadsInProgress())
                .isZero();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        CacheManagerCustomizer<TinyLlmCacheManager> transactionAware() {
            return manager -> manager.setTransactionAware(true);
        }

        @Bean
        Users users(DataSource dataSource) {
            return new Users(JdbcClient.create(dataSource));
        }
    }

    static class Users {

        private final JdbcClient jdbc;

        Users(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @Cacheable("users")
        public String name(int id) {
            return jdbc.sql("select name from users where id = ?")
                    .param(id)
                    .query(String.class)
                    .single();
        }

        @CachePut(cacheNames = "users", key = "#id")
        public String rename(int id, String name) {
            renameQuietly(id, name);
            return name;
        }

        public void renameQuietly(int id, String name) {
            jdbc.sql("update users set name = ? where id = ?").params(name, id).update();
        }

        @CacheEvict("users")
        public void delete(int id) {
            jdbc.sql("delete from users where id = ?").param(id).update();
        }
    }
}
