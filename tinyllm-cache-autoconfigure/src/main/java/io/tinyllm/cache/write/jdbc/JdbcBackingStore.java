package io.tinyllm.cache.write.jdbc;

import io.tinyllm.cache.BackingStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A backing store in one table of any relational database: a column for the key, its primary key, and a column for the
 * value.
 *
 * <pre>{@code
 * create table quotes (cache_key varchar(200) primary key, cache_value varchar(4000) not null)
 *
 * @Bean
 * BackingStore<String, Quote> quotes(DataSource dataSource) {
 *     return JdbcBackingStore.builder(dataSource, "quotes", String.class, Quote.class)
 *             .cacheNames("quotes")
 *             .value(json::write, column -> json.read((String) column))
 *             .build();
 * }
 * }</pre>
 *
 * <p>A batch is one transaction on a connection of its own: each entry is updated, and inserted where there was no
 * row. That is all the SQL it needs, which every database understands. Where another process inserts the same row in
 * between, the batch is done once more.
 *
 * <p>Safe for use by several threads. Keys and values are never null. What the database refuses is thrown as
 * {@link JdbcStoreException}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public class JdbcBackingStore<K, V> implements BackingStore<K, V> {

    private final DataSource dataSource;
    private final Set<String> cacheNames;
    private final Function<? super K, ?> toKeyColumn;
    private final Function<? super V, ?> toValueColumn;
    private final Function<Object, ? extends V> fromValueColumn;
    private final String select;
    private final String update;
    private final String insert;
    private final String delete;
    private final String deleteAll;

    private JdbcBackingStore(Builder<K, V> builder) {
        this.dataSource = builder.dataSource;
        this.cacheNames = builder.cacheNames;
        this.toKeyColumn = builder.toKeyColumn;
        this.toValueColumn = builder.toValueColumn;
        this.fromValueColumn = builder.fromValueColumn;
        String table = builder.table;
        String key = builder.keyColumn;
        String value = builder.valueColumn;
        this.select = "select " + value + " from " + table + " where " + key + " = ?";
        this.update = "update " + table + " set " + value + " = ? where " + key + " = ?";
        this.insert = "insert into " + table + " (" + value + ", " + key + ") values (?, ?)";
        this.delete = "delete from " + table + " where " + key + " = ?";
        this.deleteAll = "delete from " + table;
    }

    /**
     * Begins with a store whose columns hold keys and values as they are: text, numbers, bytes, as the driver maps
     * them.
     *
     * @param table its name, with its schema if need be, as in SQL; it is never to come from a user
     */
    public static <K, V> Builder<K, V> builder(
            DataSource dataSource, String table, Class<K> keyType, Class<V> valueType) {
        return new Builder<>(dataSource, table, valueType);
    }

    @Override
    public Set<String> cacheNames() {
        return cacheNames;
    }

    @Override
    public @Nullable V load(K key) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setObject(1, toKeyColumn.apply(key));
            try (ResultSet rows = statement.executeQuery()) {
                Object column = rows.next() ? rows.getObject(1) : null;
                return column == null ? null : fromValueColumn.apply(JdbcValues.detached(column));
            }
        } catch (SQLException e) {
            throw failed("load from", e);
        }
    }

    @Override
    public void writeAll(Map<K, V> entries) {
        if (entries.isEmpty()) {
            return;
        }
        List<Object[]> rows = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> rows.add(new Object[] {toValueColumn.apply(value), toKeyColumn.apply(key)}));
        try {
            upsert(rows);
        } catch (JdbcStoreException e) {
            if (!e.isDuplicate()) {
                throw e;
            }
            upsert(rows);
        }
    }

    private void upsert(List<Object[]> rows) {
        inTransaction("write to", connection -> {
            int[] updated = execute(connection, update, rows);
            List<Object[]> absent = new ArrayList<>();
            for (int i = 0; i < updated.length; i++) {
                if (updated[i] == 0 || updated[i] < 0 && !exists(connection, rows.get(i)[1])) {
                    absent.add(rows.get(i));
                }
            }
            if (!absent.isEmpty()) {
                execute(connection, insert, absent);
            }
        });
    }

    /** Asked where a driver does not say how many rows an update of a batch has found. */
    private boolean exists(Connection connection, Object key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setObject(1, key);
            try (ResultSet found = statement.executeQuery()) {
                return found.next();
            }
        }
    }

    private static int[] execute(Connection connection, String sql, List<Object[]> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    statement.setObject(i + 1, row[i]);
                }
                statement.addBatch();
            }
            return statement.executeBatch();
        }
    }

    @Override
    public void deleteAll(Collection<K> keys) {
        if (keys.isEmpty()) {
            return;
        }
        List<Object[]> rows = new ArrayList<>(keys.size());
        keys.forEach(key -> rows.add(new Object[] {toKeyColumn.apply(key)}));
        inTransaction("delete from", connection -> execute(connection, delete, rows));
    }

    void deleteRows() {
        inTransaction("clear", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(deleteAll)) {
                statement.executeUpdate();
            }
        });
    }

    /** A class of its own, since whether a store overrides {@code clear} says whether it is cleared with its cache. */
    private static final class Clearing<K, V> extends JdbcBackingStore<K, V> {

        Clearing(Builder<K, V> builder) {
            super(builder);
        }

        @Override
        public void clear() {
            deleteRows();
        }
    }

    private interface Work {
        void run(Connection connection) throws SQLException;
    }

    private void inTransaction(String doing, Work work) {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            boolean done = false;
            try {
                work.run(connection);
                connection.commit();
                done = true;
            } finally {
                if (!done) {
                    connection.rollback();
                }
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw failed(doing, e);
        }
    }

    private JdbcStoreException failed(String doing, SQLException cause) {
        return new JdbcStoreException("Could not " + doing + " the table of caches " + cacheNames, cause);
    }

    /** Collects what a store needs. Not thread-safe. */
    public static final class Builder<K, V> {

        private final DataSource dataSource;
        private final String table;
        private Set<String> cacheNames;
        private String keyColumn = "cache_key";
        private String valueColumn = "cache_value";
        private Function<? super K, ?> toKeyColumn = key -> key;
        private Function<? super V, ?> toValueColumn = value -> value;
        private Function<Object, ? extends V> fromValueColumn;
        private boolean clears;

        private Builder(DataSource dataSource, String table, Class<V> valueType) {
            this.dataSource = dataSource;
            this.table = table;
            this.cacheNames = Set.of(table);
            this.fromValueColumn = valueType::cast;
        }

        /** The caches over this store; the name of the table by default. */
        public Builder<K, V> cacheNames(String... names) {
            this.cacheNames = Set.of(names);
            return this;
        }

        /** The names of the columns; {@code cache_key} and {@code cache_value} by default. */
        public Builder<K, V> columns(String key, String value) {
            this.keyColumn = key;
            this.valueColumn = value;
            return this;
        }

        /** The content of the column of a key. */
        public Builder<K, V> key(Function<? super K, ?> toColumn) {
            this.toKeyColumn = toColumn;
            return this;
        }

        /**
         * The content of the column of a value, and the way back. Large objects come back as a {@code String} or as
         * {@code byte[]}.
         */
        public Builder<K, V> value(Function<? super V, ?> toColumn, Function<Object, ? extends V> fromColumn) {
            this.toValueColumn = toColumn;
            this.fromValueColumn = fromColumn;
            return this;
        }

        /** Makes clearing the cache delete every row of the table. */
        public Builder<K, V> clearDeletesAllRows() {
            this.clears = true;
            return this;
        }

        public JdbcBackingStore<K, V> build() {
            return clears ? new Clearing<>(this) : new JdbcBackingStore<>(this);
        }
    }
}
