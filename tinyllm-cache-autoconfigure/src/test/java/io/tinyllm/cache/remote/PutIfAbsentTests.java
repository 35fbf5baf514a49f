package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several callers of one JVM that store where nothing is, in a cache that holds nothing in memory. */
@Timeout(60)
class PutIfAbsentTests {

    @Test
    void oneOfSeveralCallersStoresThoughNothingIsHeldInMemory() throws Exception {
        int callers = 8;
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            TieredCache cache = TieredCache.named("cache")
                    .remote(new InMemoryRemoteTier(System::nanoTime, Outcome.REMOTE_HIT))
                    .ttl(TtlPolicy.fixed(Duration.ofMinutes(1)))
                    .build();
            for (int round = 0; round < 500; round++) {
                int key = round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Boolean>> stored = new ArrayList<>();
                for (int i = 0; i < callers; i++) {
                    int caller = i;
                    stored.add(threads.submit(() -> {
                        start.await();
                        return cache.putIfAbsent(key, caller) == null;
                    }));
                }
                start.countDown();
                int winners = 0;
                for (Future<Boolean> one : stored) {
                    winners += one.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
