package io.tinyllm.sample;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.write.jdbc.JdbcBackingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** A store under the completions, for the profile 'all': a table of an embedded database. */
@Configuration(proxyBeanMethods = false)
@Profile("all")
class StoreConfiguration {

    /**
     * Connections that stay open: H2 opens and closes the whole database with the first and the last of them, and at
     * the end of the JVM it would not wait for what write-back still has to write.
     */
    @Bean(destroyMethod = "dispose")
    JdbcConnectionPool completionsDatabase(@Value("${sample.store.url}") String url) {
        return JdbcConnectionPool.create(url, "", "");
    }

    @Bean
    BackingStore<SimpleKey, String> completionsStore(JdbcConnectionPool dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists completions"
                    + " (cache_key varchar(20000) primary key, cache_value varchar not null)");
        }
        return JdbcBackingStore.builder(dataSource, "completions", SimpleKey.class, String.class)
                .cacheNames("completions")
                .key(SimpleKey::toString)
                .build();
    }
}
