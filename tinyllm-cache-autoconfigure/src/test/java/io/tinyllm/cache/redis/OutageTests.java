package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Redis that hangs, dies or is not there costs callers little, and leaves nothing stale behind. */
class OutageTests {

    private static final TierOptions QUICK = TierOptions.DEFAULT;

    private final RedisProcess redis = RedisProcess.notStarted();
    private RedisNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        redis.close();
    }

    private void start() {
        redis.restart();
        node = RedisNode.connected(redis);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    private boolean storesInRedis(TieredCache cache, String key) {
        cache.put(key, "probe");
        return cache.get(key) != null;
    }

    @Test
    void worksWithoutRedisAndJoinsItWhenItComes() {
        node = new RedisNode(RedisEndpoint.of(redis.url()));
        TieredCache cache = node.cache("cache", QUICK, Invalidation.AUTO);

        cache.put("key", "value");
        assertThat(cache.get("key").value()).isEqualTo("value");
        assertThat(node.backend().health().state()).isEqualTo(State.DISCONNECTED);

        redis.restart();
        node.awaitUp();
        TieredCache alone = node.cacheWithoutMemory("alone", RedisNode.PATIENT);
        await(() -> storesInRedis(alone, "key"));
    }

    @Test
    void hangsNobodyWhileRedisHangs() {
        start();
        TieredCache cache = node.cacheWithoutMemory("cache", QUICK);
        cache.put("key", "value");
        assertThat(cache.get("key")).isNotNull();
        int threads = Thread.activeCount();

        redis.pause();
        long started = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertThat(cache.get("key-" + i, () -> "loaded")).isEqualTo("loaded");
        }
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);

        // Some calls time out, and the writes behind them, before the breaker opens.
        assertThat(took).isLessThan(5000);
        assertThat(node.backend().health().state()).isEqualTo(State.BREAKER_OPEN);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 8);

        redis.resume();
        long resumed = System.nanoTime();
        await(() -> node.backend().health().state() == State.UP);
        await(() -> storesInRedis(cache, "other"));
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - resumed)).isLessThanOrEqualTo(10);
    }

    @Test
    void servesNothingOldAfterWritesThatDidNotArrive() {
        start();
        TieredCache cache = node.cacheWithoutMemory("cache", QUICK);
        for (int i = 0; i < 50; i++) {
            cache.put("key-" + i, "old");
        }
        redis.pause();
        for (int i = 0; i < 50; i++) {
            if (i % 2 == 0) {
                cache.put("key-" + i, "new");
            } else {
                cache.evict("key-" + i);
            }
        }
        redis.resume();
        AtomicBoolean old = new AtomicBoolean();
        await(() -> {
            for (int i = 0; i < 50; i++) {
                CacheEntry entry = cache.get("key-" + i);
                if (entry != null && entry.value().equals("old")) {
                    old.set(true);
                }
            }
            return node.backend().health().state() == State.UP && storesInRedis(cache, "probe");
        });
        for (int i = 0; i < 50; i++) {
            CacheEntry entry = cache.get("key-" + i);
            assertThat(entry == null ? null : entry.value()).isNotEqualTo("old");
        }
        assertThat(old).isFalse();
    }

    @Test
    void forgetsWhatWasClearedWhileRedisWasAway() {
        start();
        TieredCache cache = node.cacheWithoutMemory("cache", QUICK);
        cache.put("key", "old");
        redis.pause();
        cache.clear();
        redis.resume();
        await(() -> {
            assertThat(cache.get("key")).isNull();
            return node.backend().health().state() == State.UP && storesInRedis(cache, "probe");
        });
        assertThat(cache.get("key")).isNull();
    }

    @Test
    void failsNoCallerWhileRedisIsKilledAndStartedUnderLoad() throws Exception {
        start();
        TieredCache cache = node.cache("cache", QUICK, Invalidation.AUTO);
        Map<String, Integer> truth = new ConcurrentHashMap<>();
        AtomicBoolean over = new AtomicBoolean();
        var executor = Executors.newFixedThreadPool(4);
        List<Future<Integer>> workers = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String key = "key-" + t;
            workers.add(executor.submit(() -> {
                int stale = 0;
                for (int i = 0; !over.get(); i++) {
                    truth.put(key, i);
                    if (i % 3 == 0) {
                        cache.put(key, i);
                    } else {
                        cache.evict(key);
                    }
                    Object value = cache.get(key, () -> truth.get(key));
                    if (!value.equals(i)) {
                        stale++;
                    }
                }
                return stale;
            }));
        }
        for (int i = 0; i < 3; i++) {
            redis.kill();
            await(() -> node.backend().health().state() == State.DISCONNECTED);
            redis.restart();
            node.awaitUp();
        }
        over.set(true);
        for (Future<Integer> worker : workers) {
            assertThat(worker.get(1, TimeUnit.MINUTES)).isZero();
        }
        executor.shutdownNow();
    }

    @Test
    void reconnectsWhenItsConnectionIsKilled() {
        start();
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        for (int i = 0; i < 3; i++) {
            redis.call(commands -> commands.clientKill(
                    io.lettuce.core.KillArgs.Builder.typeNormal().skipme()));
            await(() -> storesInRedis(cache, "key"));
        }
    }
}
