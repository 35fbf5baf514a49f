package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.LoadLeases.Lease;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.remote.RemoteLeases;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes load a key once between them. */
class LeaseTests {

    private static final Duration LEASE = Duration.ofMillis(600);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RedisProcess redis;
    private static RedisNode one;
    private static RedisNode two;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        one = RedisNode.connected(redis);
        two = RedisNode.connected(redis);
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private static RemoteLeases leases(RedisNode node, String name) {
        return node.backend().leases(name, node.tier(name), LEASE, PATIENCE);
    }

    private static TieredCache cache(RedisNode node, String name) {
        return cache(node, name, RedisNode.PATIENT);
    }

    private static TieredCache cache(RedisNode node, String name, TierOptions options) {
        GuardedRemoteTier tier = node.tier(name, options, Invalidation.AUTO);
        return TieredCache.named(name)
                .memory(new CaffeineMemoryTier(1000, System::nanoTime, Runnable::run))
                .remote(tier)
                .leases(node.backend().leases(name, tier, LEASE, PATIENCE))
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
    }

    @Test
    void loadsOneColdKeyOnceForAllThreadsOfTwoNodes() throws Exception {
        TieredCache[] caches = {cache(one, "once"), cache(two, "once")};
        int threads = 16;
        ExecutorService executor = Executors.newFixedThreadPool(2 * threads);
        try {
            for (int round = 0; round < 3; round++) {
                String key = "key-" + round;
                AtomicInteger loads = new AtomicInteger();
                CyclicBarrier start = new CyclicBarrier(2 * threads);
                List<Future<Object>> answers = new ArrayList<>();
                for (int t = 0; t < 2 * threads; t++) {
                    TieredCache cache = caches[t % 2];
                    answers.add(executor.submit(() -> {
                        start.await();
                        return cache.get(key, () -> {
                            // Longer than a lease, so that it has to be renewed.
                            new CountDownLatch(1).await(LEASE.toMillis() + 400, TimeUnit.MILLISECONDS);
                            return "loaded " + loads.incrementAndGet();
                        });
                    }));
                }
                for (Future<Object> answer : answers) {
                    assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo("loaded 1");
                }
                assertThat(loads).hasValue(1);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void letsTheOtherNodeLoadAfterLoadThatFailed() throws Exception {
        TieredCache here = cache(one, "failing");
        TieredCache there = cache(two, "failing");
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch fail = new CountDownLatch(1);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            Future<Object> failing = executor.submit(() -> here.get("key", () -> {
                loading.countDown();
                fail.await();
                throw new IllegalStateException("no luck");
            }));
            loading.await();
            Future<Object> waiting = executor.submit(() -> there.get("key", () -> "loaded"));
            fail.countDown();

            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("loaded");
            assertThat(failing).failsWithin(Duration.ofSeconds(20));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void waitsForDeadHolderNoLongerThanItsLease() throws Exception {
        // A node takes its turn and dies: nobody renews the lease, nobody gives it back.
        try (RedisNode dying = RedisNode.connected(redis)) {
            Lease turn = leases(dying, "dead").await("key").get(20, TimeUnit.SECONDS);
            assertThat(turn.found()).isNull();
        }
        long died = System.nanoTime();

        assertThat(cache(one, "dead").get("key", () -> "loaded")).isEqualTo("loaded");

        assertThat(Duration.ofNanos(System.nanoTime() - died)).isLessThan(LEASE.plusSeconds(5));
    }

    @Test
    void keepsLeaseFromOthersUntilItIsGivenBack() throws Exception {
        Lease mine = leases(one, "held").await("key").get(20, TimeUnit.SECONDS);
        RemoteLeases others = leases(two, "held");
        var theirs = others.await("key");
        // A round trip behind it on the same connection.
        others.await("other").get(20, TimeUnit.SECONDS).release().run();

        assertThat(theirs).isNotDone();
        mine.release().run();
        Lease turn = theirs.get(20, TimeUnit.SECONDS);
        assertThat(turn.found()).isNull();
        assertThat(leases(one, "held").await("key")).isNotDone();
        turn.release().run();
    }

    @Test
    void loadsWithoutLeaseWhileRedisIsAway() {
        try (RedisProcess away = RedisProcess.notStarted();
                RedisNode lonely = new RedisNode(RedisEndpoint.of(away.url()))) {
            assertThat(cache(lonely, "away").get("key", () -> "loaded")).isEqualTo("loaded");
        }
    }

    /** A lease that nobody gives back, at a node that waits for it while Redis stops answering. */
    @Test
    void waitsNoLongerForLeaseOnceRedisHangs() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (RedisProcess hanging = RedisProcess.start();
                RedisNode holder = RedisNode.connected(hanging);
                RedisNode waiter = RedisNode.connected(hanging)) {
            leases(holder, "hanging").await("key").get(20, TimeUnit.SECONDS);
            TieredCache cache = cache(waiter, "hanging", TierOptions.DEFAULT);
            CountDownLatch loading = new CountDownLatch(1);
            Future<Object> waiting = executor.submit(() -> cache.get("key", () -> {
                loading.countDown();
                return "loaded";
            }));
            assertThat(loading.await(LEASE.toMillis() / 4, TimeUnit.MILLISECONDS))
                    .isFalse();

            hanging.pause();
            // Far less than the patience with another's load, which renews its lease for all that anybody knows.
            assertThat(waiting.get(PATIENCE.toSeconds() / 3, TimeUnit.SECONDS)).isEqualTo("loaded");
            hanging.resume();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void holdsNoLoadUpWhileRedisHangsAndTakesTurnsAgainAfterwards() throws Exception {
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (RedisProcess hanging = RedisProcess.start();
                RedisNode here = RedisNode.connected(hanging);
                RedisNode there = RedisNode.connected(hanging)) {
            TieredCache[] caches = {
                cache(here, "turns", TierOptions.DEFAULT), cache(there, "turns", TierOptions.DEFAULT)
            };
            hanging.pause();
            long paused = System.nanoTime();
            for (int round = 0; round < 20; round++) {
                String key = "cold-" + round;
                List<Future<Object>> answers = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    TieredCache cache = caches[t % 2];
                    answers.add(executor.submit(() -> cache.get(key, () -> "loaded")));
                }
                for (Future<Object> answer : answers) {
                    assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .isEqualTo("loaded");
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - paused)).isLessThan(PATIENCE);

            hanging.resume();
            here.awaitUp();
            there.awaitUp();
            RemoteLeases ours = leases(here, "turns");
            RemoteLeases theirs = leases(there, "turns");
            Lease mine = ours.await("another").get(20, TimeUnit.SECONDS);
            CompletableFuture<Lease> waiting = theirs.await("another");
            // A round trip behind it on the same connection.
            theirs.await("other").get(20, TimeUnit.SECONDS).release().run();
            assertThat(waiting).isNotDone();
            mine.release().run();
            waiting.get(20, TimeUnit.SECONDS).release().run();
        } finally {
            executor.shutdownNow();
        }
    }
}
