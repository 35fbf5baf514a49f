package io.tinyllm.cache.redis;

import io.tinyllm.cache.BackingStore;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * A backing store in one hash of a Redis: a field for each key. For data whose home is Redis, which is something else
 * than the shared tier of a cache: nothing here expires.
 *
 * <pre>{@code
 * @Bean
 * BackingStore<String, Quote> quotes(RedisConnectionFactory redis) {
 *     return RedisBackingStore.builder(redis, "quotes", String.class, Quote.class)
 *             .value(json::write, json::read)
 *             .build();
 * }
 * }</pre>
 *
 * <p>A batch is one command, so Redis takes all of it or nothing, in a cluster too, where the hash lies on one node.
 * What Redis has acknowledged is as durable as Redis is configured: with {@code appendonly yes}, and with a {@code
 * maxmemory-policy} that does not evict keys without an expiry.
 *
 * <p>Safe for use by several threads. Keys and values are never null. What Redis refuses, or does not answer in the
 * time limit of the connection, is thrown as Spring's {@code DataAccessException}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public class RedisBackingStore<K, V> implements BackingStore<K, V> {

    private final RedisConnectionFactory connections;
    private final byte[] hash;
    private final Set<String> cacheNames;
    private final Function<? super K, byte[]> toField;
    private final Function<? super V, byte[]> toBytes;
    private final Function<byte[], ? extends V> fromBytes;

    private RedisBackingStore(Builder<K, V> builder) {
        this.connections = builder.connections;
        this.hash = utf8(builder.hash);
        this.cacheNames = builder.cacheNames;
        this.toField = needed(builder.toField, "key");
        this.toBytes = needed(builder.toBytes, "value");
        this.fromBytes = needed(builder.fromBytes, "value");
    }

    private static <F> F needed(@Nullable F function, String what) {
        if (function == null) {
            throw new IllegalStateException("This type needs a function to text or to bytes: call " + what + "(...)");
        }
        return function;
    }

    /**
     * Begins with a store of text: keys that are {@code String}, {@code Integer}, {@code Long} or {@code UUID}, values
     * that are {@code String} or {@code byte[]}. Other types need functions.
     *
     * @param hash the Redis key of the hash, which nothing else uses
     */
    public static <K, V> Builder<K, V> builder(
            RedisConnectionFactory connections, String hash, Class<K> keyType, Class<V> valueType) {
        return new Builder<>(connections, hash, keyType, valueType);
    }

    @Override
    public Set<String> cacheNames() {
        return cacheNames;
    }

    @Override
    public @Nullable V load(K key) {
        byte[] field = toField.apply(key);
        try (RedisConnection connection = connections.getConnection()) {
            byte[] bytes = connection.hashCommands().hGet(hash, field);
            return bytes == null ? null : fromBytes.apply(bytes);
        }
    }

    @Override
    public void writeAll(Map<K, V> entries) {
        if (entries.isEmpty()) {
            return;
        }
        Map<byte[], byte[]> fields = new HashMap<>();
        entries.forEach((key, value) -> fields.put(toField.apply(key), toBytes.apply(value)));
        with(connection -> connection.hashCommands().hMSet(hash, fields));
    }

    @Override
    public void deleteAll(Collection<K> keys) {
        if (keys.isEmpty()) {
            return;
        }
        byte[][] fields = keys.stream().map(toField).toArray(byte[][]::new);
        with(connection -> connection.hashCommands().hDel(hash, fields));
    }

    void deleteHash() {
        with(connection -> connection.keyCommands().unlink(hash));
    }

    private void with(Consumer<RedisConnection> work) {
        try (RedisConnection connection = connections.getConnection()) {
            work.accept(connection);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** A class of its own, since whether a store overrides {@code clear} says whether it is cleared with its cache. */
    private static final class Clearing<K, V> extends RedisBackingStore<K, V> {

        Clearing(Builder<K, V> builder) {
            super(builder);
        }

        @Override
        public void clear() {
            deleteHash();
        }
    }

    /** Collects what a store needs. Not thread-safe. */
    public static final class Builder<K, V> {

        private static final Set<Class<?>> TEXT_KEYS = Set.of(String.class, Integer.class, Long.class, UUID.class);

        private final RedisConnectionFactory connections;
        private final String hash;
        private Set<String> cacheNames;
        private @Nullable Function<? super K, byte[]> toField;
        private @Nullable Function<? super V, byte[]> toBytes;
        private @Nullable Function<byte[], ? extends V> fromBytes;
        private boolean clears;

        private Builder(RedisConnectionFactory connections, String hash, Class<K> keyType, Class<V> valueType) {
            this.connections = connections;
            this.hash = hash;
            this.cacheNames = Set.of(hash);
            if (TEXT_KEYS.contains(keyType)) {
                this.toField = key -> utf8(key.toString());
            }
            if (valueType == String.class) {
                this.toBytes = value -> utf8((String) value);
                this.fromBytes = bytes -> valueType.cast(text(bytes));
            } else if (valueType == byte[].class) {
                this.toBytes = byte[].class::cast;
                this.fromBytes = valueType::cast;
            }
        }

        /** The caches over this store; the name of the hash by default. */
        public Builder<K, V> cacheNames(String... names) {
            this.cacheNames = Set.of(names);
            return this;
        }

        /** The text of a key, different for different keys. */
        public Builder<K, V> key(Function<? super K, String> toText) {
            this.toField = toText.andThen(RedisBackingStore::utf8);
            return this;
        }

        /** The text of a value, and the way back. */
        public Builder<K, V> value(Function<? super V, String> toText, Function<String, ? extends V> fromText) {
            return valueAsBytes(toText.andThen(RedisBackingStore::utf8), bytes -> fromText.apply(text(bytes)));
        }

        /** The bytes of a value, and the way back. */
        public Builder<K, V> valueAsBytes(
                Function<? super V, byte[]> toBytes, Function<byte[], ? extends V> fromBytes) {
            this.toBytes = toBytes;
            this.fromBytes = fromBytes;
            return this;
        }

        /** Makes clearing the cache delete the hash. */
        public Builder<K, V> clearDeletesTheHash() {
            this.clears = true;
            return this;
        }

        /**
         * Builds the store; connects to nothing yet.
         * @throws IllegalStateException if the type of the keys or the values needs a function and got none
         */
        public RedisBackingStore<K, V> build() {
            return clears ? new Clearing<>(this) : new RedisBackingStore<>(this);
        }
    }
}
