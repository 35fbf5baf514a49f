package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In one JVM a read that begins after a write has returned sees it. {@code -Dtinyllm.test.rounds=100000} for more of
 * it.
 */
class ReadYourWritesTests {

    private static final int ROUNDS = Integer.getInteger("tinyllm.test.rounds", 4000);

    private static RedisProcess redis;
    private static RedisNode node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = RedisNode.connected(redis);
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void readsItsOwnWritesFromRedis(int threads) throws Exception {
        assertThat(staleReads(node.cacheWithoutMemory("alone-" + threads, RedisNode.PATIENT), threads))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void readsItsOwnWritesThroughBothTiers(int threads) throws Exception {
        assertThat(staleReads(node.cache("both-" + threads), threads)).isZero();
    }

    private static int staleReads(TieredCache cache, int threads) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                String key = "key-" + t;
                counts.add(executor.submit(() -> staleReads(cache, key, ROUNDS / threads)));
            }
            int stale = 0;
            for (Future<Integer> count : counts) {
                stale += count.get(5, TimeUnit.MINUTES);
            }
            assertThat(cache.counters().errors()).isZero();
            return stale;
        } finally {
            executor.shutdownNow();
        }
    }

    private static int staleReads(TieredCache cache, String key, int rounds) {
        int stale = 0;
        for (int i = 0; i < rounds; i++) {
            cache.put(key, i);
            CacheEntry entry = cache.get(key);
            if (entry == null || !Integer.valueOf(i).equals(entry.value())) {
                stale++;
            }
            cache.evict(key);
            if (cache.get(key) != null) {
                stale++;
            }
        }
        return stale;
    }
}
