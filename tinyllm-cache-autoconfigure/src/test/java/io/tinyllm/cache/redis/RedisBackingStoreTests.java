package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.write.DirtyBytes;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteBackSettings;
import io.tinyllm.cache.write.WritePolicies;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

@Timeout(60)
class RedisBackingStoreTests {

    private static RedisProcess redis;
    private static LettuceConnectionFactory connections;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
        connections = new LettuceConnectionFactory(
                new RedisStandaloneConfiguration("127.0.0.1", redis.port()),
                LettuceClientConfiguration.builder()
                        .commandTimeout(Duration.ofSeconds(5))
                        .build());
        connections.afterPropertiesSet();
        connections.start();
    }

    @AfterAll
    static void stop() {
        connections.destroy();
        redis.close();
    }

    @AfterEach
    void empty() {
        redis.call(commands -> commands.flushall());
    }

    private static BackingStore<String, String> store() {
        return RedisBackingStore.builder(connections, "quotes", String.class, String.class)
                .build();
    }

    private static Map<String, String> rows(String hash) {
        return redis.call(commands -> commands.hgetall(hash));
    }

    @Test
    void writesReadsAndDeletes() {
        BackingStore<String, String> store = store();
        assertThat(store.cacheNames()).containsExactly("quotes");
        assertThat(store.load("a")).isNull();
        store.writeAll(Map.of("a", "1", "b", "2"));
        store.writeAll(Map.of("b", "3", "ключ", "значение"));
        assertThat(store.load("a")).isEqualTo("1");
        assertThat(store.load("b")).isEqualTo("3");
        assertThat(store.load("ключ")).isEqualTo("значение");
        store.deleteAll(List.of("a", "b", "absent"));
        assertThat(store.load("a")).isNull();
        assertThat(rows("quotes")).isEqualTo(Map.of("ключ", "значение"));
        store.writeAll(Map.of());
        store.deleteAll(List.of());
    }

    @Test
    void aBatchIsOneCommand() {
        Map<String, String> batch = new LinkedHashMap<>();
        for (int i = 0; i < 1_000; i++) {
            batch.put("k" + i, "v" + i);
        }
        redis.call(commands -> commands.configResetstat());
        store().writeAll(batch);
        store().deleteAll(batch.keySet().stream().limit(999).toList());
        String stats = redis.call(commands -> commands.info("commandstats"));
        assertThat(stats).containsPattern("cmdstat_hm?set:calls=1,").contains("cmdstat_hdel:calls=1,");
        assertThat(rows("quotes")).isEqualTo(Map.of("k999", "v999"));
    }

    @Test
    void clearsOnlyWhenToldTo() {
        BackingStore<String, String> keeps = store();
        keeps.writeAll(Map.of("a", "1"));
        keeps.clear();
        assertThat(keeps.load("a")).isEqualTo("1");
        redis.call(commands -> commands.set("other", "stays"));
        RedisBackingStore.builder(connections, "quotes", String.class, String.class)
                .clearDeletesTheHash()
                .build()
                .clear();
        assertThat(keeps.load("a")).isNull();
        String other = redis.call(commands -> commands.get("other"));
        assertThat(other).isEqualTo("stays");
    }

    @Test
    void convertsKeysAndValues() {
        BackingStore<UUID, Integer> numbers = RedisBackingStore.builder(
                        connections, "numbers", UUID.class, Integer.class)
                .cacheNames("numbers", "more")
                .value(number -> Integer.toString(number), Integer::valueOf)
                .build();
        UUID key = UUID.randomUUID();
        numbers.writeAll(Map.of(key, 42));
        assertThat(numbers.load(key)).isEqualTo(42);
        assertThat(numbers.cacheNames()).containsExactlyInAnyOrder("numbers", "more");
        assertThat(rows("numbers")).isEqualTo(Map.of(key.toString(), "42"));

        BackingStore<List<Integer>, byte[]> bytes = RedisBackingStore.<List<Integer>, byte[]>builder(
                        connections, "bytes", cast(List.class), byte[].class)
                .key(List::toString)
                .build();
        byte[] anything = {0, -1, 13, 10};
        bytes.writeAll(Map.of(List.of(1, 2), anything));
        assertThat(bytes.load(List.of(1, 2))).isEqualTo(anything);
        assertThat(bytes.load(List.of(12))).isNull();
    }

    @SuppressWarnings("unchecked")
    private static <T> Class<T> cast(Class<?> type) {
        return (Class<T>) type;
    }

    @Test
    void aTypeThatIsNoTextNeedsAFunction() {
        assertThatThrownBy(() -> RedisBackingStore.builder(connections, "x", Object.class, String.class)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("key(");
        assertThatThrownBy(() -> RedisBackingStore.builder(connections, "x", String.class, Object.class)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("value(");
    }

    @Test
    void whatRedisRefusesReachesTheCallerWithoutValues() {
        redis.call(commands -> commands.set("quotes", "not a hash"));
        assertThatThrownBy(() -> store().writeAll(Map.of("a", "secret")))
                .isInstanceOf(DataAccessException.class)
                .hasStackTraceContaining("WRONGTYPE")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aWriteBackCacheLosesNothingWhileItsRedisIsKilledAndRestarted() {
        StoreWriter policy = WritePolicies.writeBackWithoutJournal(
                "quotes",
                store(),
                new WriteBackSettings(Duration.ofMillis(5), 20, 10_000, 1_000_000, 100),
                DirtyBytes.unlimited(),
                size -> 0,
                task -> new Thread(task, "flusher").start(),
                System::nanoTime,
                new Random());
        Map<String, String> expected = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < 3_000; i++) {
            if (i == 1_000) {
                Awaitility.await("the first flush")
                        .until(() -> policy.statistics().flushed() > 0);
                redis.kill();
            } else if (i == 2_000) {
                redis.restart();
            }
            String key = "k" + random.nextInt(300);
            if (random.nextInt(4) == 0) {
                policy.evict(key).close();
                expected.remove(key);
            } else {
                policy.put(key, "v" + i).close();
                expected.put(key, "v" + i);
            }
        }
        policy.close(Duration.ofSeconds(30));
        assertThat(rows("quotes")).isEqualTo(expected);
    }
}
