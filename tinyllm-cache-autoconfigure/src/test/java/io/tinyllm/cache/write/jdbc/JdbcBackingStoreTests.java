package io.tinyllm.cache.write.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.write.DirtyBytes;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteBackSettings;
import io.tinyllm.cache.write.WritePolicies;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@Timeout(60)
class JdbcBackingStoreTests {

    private final JdbcDataSource database = new JdbcDataSource();
    private Connection keepsItOpen;

    @BeforeEach
    void create() throws SQLException {
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID());
        keepsItOpen = DriverManager.getConnection(database.getURL());
        execute("create table quotes (cache_key varchar(20) primary key, cache_value varchar(20) not null)");
    }

    @AfterEach
    void drop() throws SQLException {
        keepsItOpen.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = keepsItOpen.createStatement()) {
            statement.execute(sql);
        }
    }

    private BackingStore<String, String> store() {
        return store(database);
    }

    private static BackingStore<String, String> store(DataSource source) {
        return JdbcBackingStore.builder(source, "quotes", String.class, String.class)
                .build();
    }

    @Test
    void writesReadsAndDeletes() {
        BackingStore<String, String> store = store();
        assertThat(store.cacheNames()).containsExactly("quotes");
        assertThat(store.load("a")).isNull();
        store.writeAll(Map.of("a", "1", "b", "2"));
        store.writeAll(Map.of("b", "3", "c", "4"));
        assertThat(store.load("a")).isEqualTo("1");
        assertThat(store.load("b")).isEqualTo("3");
        assertThat(store.load("c")).isEqualTo("4");
        store.deleteAll(List.of("a", "b", "absent"));
        assertThat(store.load("a")).isNull();
        assertThat(store.load("c")).isEqualTo("4");
        store.writeAll(Map.of());
        store.deleteAll(List.of());
    }

    @Test
    void aBatchIsWrittenAltogetherOrNotAtAll() {
        BackingStore<String, String> store = store();
        Map<String, String> batch = new LinkedHashMap<>();
        batch.put("a", "1");
        batch.put("b", "longer than the column is");
        assertThatThrownBy(() -> store.writeAll(batch))
                .isInstanceOf(JdbcStoreException.class)
                .hasMessageContaining("quotes")
                .hasMessageNotContaining("longer");
        assertThat(store.load("a")).isNull();
    }

    @Test
    void aRowThatAnotherProcessInsertsInBetweenIsUpdated() {
        AtomicInteger connections = new AtomicInteger();
        DataSource racing = new DelegatingDataSource(database) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                return connections.incrementAndGet() > 1 ? connection : new RacingConnection(connection).proxy();
            }
        };
        store(racing).writeAll(Map.of("a", "mine"));
        assertThat(connections).hasValue(2);
        assertThat(store().load("a")).isEqualTo("mine");
    }

    /** Inserts the row of another process when it is asked for the insert. */
    private final class RacingConnection {
        private final Connection connection;

        RacingConnection(Connection connection) {
            this.connection = connection;
        }

        Connection proxy() {
            return (Connection) java.lang.reflect.Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")
                                && ((String) arguments[0]).startsWith("insert")) {
                            execute("insert into quotes values ('a', 'theirs')");
                        }
                        return method.invoke(connection, arguments);
                    });
        }
    }

    @Test
    void clearsOnlyWhenToldTo() {
        BackingStore<String, String> keeps = store();
        keeps.writeAll(Map.of("a", "1"));
        keeps.clear();
        assertThat(keeps.load("a")).isEqualTo("1");
        BackingStore<String, String> clears = JdbcBackingStore.builder(database, "quotes", String.class, String.class)
                .clearDeletesAllRows()
                .build();
        clears.clear();
        assertThat(clears.load("a")).isNull();
    }

    @Test
    void convertsKeysAndValues() throws SQLException {
        execute("create table prices (id bigint primary key, json clob, raw blob)");
        BackingStore<UUID, List<String>> text = JdbcBackingStore.<UUID, List<String>>builder(
                        database, "prices", UUID.class, cast(List.class))
                .cacheNames("prices", "more")
                .columns("id", "json")
                .key(UUID::getMostSignificantBits)
                .value(list -> String.join(",", list), column -> List.of(((String) column).split(",")))
                .build();
        UUID key = UUID.randomUUID();
        text.writeAll(Map.of(key, List.of("a", "b")));
        assertThat(text.load(key)).containsExactly("a", "b");
        assertThat(text.cacheNames()).containsExactlyInAnyOrder("prices", "more");

        BackingStore<Long, String> bytes = JdbcBackingStore.builder(database, "prices", Long.class, String.class)
                .columns("id", "raw")
                .value(
                        value -> value.getBytes(StandardCharsets.UTF_8),
                        column -> new String((byte[]) column, StandardCharsets.UTF_8))
                .build();
        bytes.writeAll(Map.of(key.getMostSignificantBits(), "raw"));
        assertThat(bytes.load(key.getMostSignificantBits())).isEqualTo("raw");
    }

    @SuppressWarnings("unchecked")
    private static <T> Class<T> cast(Class<?> type) {
        return (Class<T>) type;
    }

    @Test
    void whatTheDatabaseSaysIsTheCause() throws SQLException {
        execute("drop table quotes");
        assertThatThrownBy(() -> store().load("a"))
                .isInstanceOf(JdbcStoreException.class)
                .hasCauseInstanceOf(SQLException.class);
    }

    @Test
    void servesAWriteBackCache() throws SQLException {
        List<Thread> threads = new ArrayList<>();
        StoreWriter policy = WritePolicies.writeBackWithoutJournal(
                "quotes",
                store(),
                WriteBackSettings.DEFAULTS,
                DirtyBytes.unlimited(),
                size -> 0,
                task -> {
                    threads.add(new Thread(task));
                    threads.get(0).start();
                },
                System::nanoTime,
                new Random());
        for (int i = 0; i < 500; i++) {
            policy.put("k" + i, "v" + i).close();
            if (i % 2 == 0) {
                policy.evict("k" + i).close();
            }
        }
        policy.close(Duration.ofSeconds(30));
        try (Statement statement = keepsItOpen.createStatement();
                var rows = statement.executeQuery("select count(*) from quotes")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(250);
        }
        assertThat(policy.load("k1")).isEqualTo("v1");
        assertThat(policy.load("k2")).isNull();
    }
}
