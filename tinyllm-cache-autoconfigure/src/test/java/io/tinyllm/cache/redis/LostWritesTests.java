package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.remote.BackendHealth.State;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that comes back with less than it had acknowledged brings back nothing that was changed here lately. */
class LostWritesTests {

    private static final int KEYS = 40;

    private RedisProcess redis;
    private RedisNode node;

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        node = RedisNode.connected(redis);
    }

    @AfterEach
    void stop() {
        node.close();
        redis.close();
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    private void killAndRestart() {
        redis.kill();
        await(() -> node.backend().health().state() != State.UP);
        redis.restart();
        node.awaitUp();
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    @Test
    void whatWasPutOrEvictedWithinAMinuteIsNotReadFromAnOldDump() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        for (int i = 0; i < KEYS; i++) {
            cache.put("put-" + i, "old");
            cache.put("evicted-" + i, "old");
        }
        redis.call(commands -> commands.save());
        for (int i = 0; i < KEYS; i++) {
            cache.put("put-" + i, "new");
            cache.evict("evicted-" + i);
        }

        killAndRestart();

        for (int i = 0; i < KEYS; i++) {
            assertThat(value(cache, "put-" + i)).isNotEqualTo("old");
            assertThat(value(cache, "evicted-" + i)).isNull();
        }
        await(() -> {
            cache.put("put-1", "newest");
            return "newest".equals(value(cache, "put-1"));
        });
    }

    @Test
    void aClearHoldsAgainstAnOldDump() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        for (int i = 0; i < KEYS; i++) {
            cache.put("key-" + i, "old");
        }
        redis.call(commands -> commands.save());
        cache.clear();

        killAndRestart();

        for (int i = 0; i < KEYS; i++) {
            assertThat(value(cache, "key-" + i)).isNull();
        }
    }

    /** Nothing was lost, hence nothing is deleted. */
    @Test
    void aConnectionThatOnlyBrokeCostsNothing() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", "value");
        redis.call(commands -> commands.clientKill(
                io.lettuce.core.KillArgs.Builder.typeNormal().skipme()));
        await(() -> {
            cache.put("other", "value");
            return node.backend().health().state() == State.UP && "value".equals(value(cache, "other"));
        });
        assertThat(value(cache, "key")).isEqualTo("value");
    }
}
