package io.tinyllm.sample;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.write.jdbc.JdbcBackingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.jdbcx.JdbcDataSource;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** A store under the completions, for the profile 'all': a table of an embedded database. */
@Configuration(proxyBeanMethods = false)
@Profile("all")
class StoreConfiguration {

    @Bean
    BackingStore<SimpleKey, String> completionsStore() throws SQLException {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:./cache-store/completions");
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
