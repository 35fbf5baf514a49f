package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.BackendHealth;
import io.tinyllm.cache.remote.ReplicaStatus.State;
import io.tinyllm.cache.remote.ReplicatedRemoteTier;
import io.tinyllm.cache.remote.ReplicationOptions;
import io.tinyllm.cache.remote.TierOptions;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cache on three Redis, of which some hang, die and come back. */
class ReplicationTests {

    /** How often a server is killed; {@code -Dtinyllm.test.kills=20} for longer. */
    private static final int KILLS = Integer.getInteger("tinyllm.test.kills", 5);

    /** How many changes are checked after that. */
    private static final int CHANGES = Integer.getInteger("tinyllm.test.changes", 5000);

    private static final int WORKERS = 4;
    private static final int KEYS = 25;
    private static final ReplicationOptions OPTIONS = new ReplicationOptions(
            true, 10_000, Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(1));

    private final List<RedisProcess> servers = new ArrayList<>();
    private final List<RedisNode> nodes = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    private ReplicatedRemoteTier tier;
    private TieredCache cache;

    @AfterEach
    void stop() {
        workers.shutdownNow();
        nodes.forEach(RedisNode::close);
        timer.shutdownNow();
        servers.forEach(RedisProcess::close);
    }

    private void start(int copies, TierOptions tierOptions) {
        for (int i = 0; i < copies; i++) {
            servers.add(RedisProcess.start());
        }
        tier = connect(tierOptions);
        cache = TieredCache.named("cache")
                .remote(tier)
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
        awaitAtRest();
    }

    /** What one JVM has of the servers. */
    private ReplicatedRemoteTier connect(TierOptions tierOptions) {
        List<RedisNode> connected = new ArrayList<>();
        for (RedisProcess server : servers) {
            connected.add(new RedisNode("backend-" + connected.size(), RedisEndpoint.of(server.url())));
        }
        nodes.addAll(connected);
        connected.forEach(RedisNode::awaitUp);
        return new ReplicatedRemoteTier(
                "cache",
                connected.stream()
                        .map(node -> node.tier("cache", tierOptions, Invalidation.AUTO))
                        .toList(),
                OPTIONS,
                timer,
                System::nanoTime);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }

    private State state(int copy) {
        return tier.status().get(copy).state();
    }

    private boolean isAtRest() {
        return state(0) == State.PRIMARY
                && tier.status().stream()
                        .skip(1)
                        .allMatch(status -> status.state() == State.REPLICA && status.lag() == 0);
    }

    private void awaitAtRest() {
        await(this::isAtRest);
    }

    private Object held(String key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    // ---------------------------------------------------------------- killed under load

    @Test
    void failsNobodyAndServesNothingOldWhileThePrimaryIsKilled() throws Exception {
        start(3, TierOptions.DEFAULT);
        killUnderLoad(0);
    }

    @Test
    void failsNobodyAndServesNothingOldWhileAReplicaIsKilled() throws Exception {
        start(3, TierOptions.DEFAULT);
        killUnderLoad(1);
    }

    @Test
    void failsNobodyAndServesNothingOldWhileBothAreKilled() throws Exception {
        start(3, TierOptions.DEFAULT);
        killUnderLoad(0, 1);
    }

    private void killUnderLoad(int... victims) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        List<Future<Work>> work = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Work load = new Work(i);
            work.add(workers.submit(() -> {
                while (!over.get()) {
                    load.step();
                    done.incrementAndGet();
                }
                return load;
            }));
        }
        Random random = new Random(7);
        for (int i = 0; i < KILLS; i++) {
            for (int victim : victims) {
                servers.get(victim).kill();
            }
            await(() -> Arrays.stream(victims).allMatch(victim -> state(victim) == State.DOWN));
            int before = done.get();
            int more = 50 + random.nextInt(200);
            await(() -> done.get() > before + more);
            for (int victim : victims) {
                servers.get(victim).restart();
            }
            int again = done.get();
            await(() -> done.get() > again + more);
            await(() -> Arrays.stream(victims).noneMatch(victim -> state(victim) == State.DOWN));
        }
        over.set(true);
        List<Work> loads = new ArrayList<>();
        for (Future<Work> each : work) {
            loads.add(each.get(1, TimeUnit.MINUTES));
        }
        awaitAtRest();
        loads.forEach(Work::check);
        for (int i = 0; i < CHANGES; i++) {
            loads.get(i % WORKERS).step();
            if (i % 500 == 499) {
                cache.clear();
                loads.forEach(Work::cleared);
            }
        }
        loads.forEach(Work::check);
        assertThat(loads).allSatisfy(load -> assertThat(load.wrong).isEmpty());
        assertThat(loads).allSatisfy(load -> assertThat(load.found).isPositive());
    }

    /** Random changes of keys that nobody else changes, and reads that check them. */
    private final class Work {

        private final List<String> wrong = new ArrayList<>();
        private final Random random;
        private final int number;
        private final Integer[] truth = new Integer[KEYS];
        private int count;
        private int found;

        Work(int number) {
            this.number = number;
            this.random = new Random(number);
        }

        void step() {
            int index = random.nextInt(KEYS);
            String key = number + "-" + index;
            count++;
            switch (random.nextInt(5)) {
                case 0 -> {
                    cache.put(key, count);
                    truth[index] = count;
                }
                case 1 -> {
                    cache.evict(key);
                    truth[index] = null;
                }
                case 2 -> {
                    int loaded = count;
                    Object value = cache.get(key, () -> loaded);
                    if (value.equals(loaded)) {
                        truth[index] = loaded;
                    } else {
                        compare(key, index, value);
                    }
                }
                default -> compare(key, index, held(key));
            }
        }

        private void compare(String key, int index, Object value) {
            if (value != null && !value.equals(truth[index])) {
                wrong.add(key + " is " + value + ", not " + truth[index]);
            }
            found += value == null ? 0 : 1;
        }

        void cleared() {
            Arrays.fill(truth, null);
        }

        void check() {
            for (int index = 0; index < KEYS; index++) {
                compare(number + "-" + index, index, held(number + "-" + index));
            }
        }
    }

    // ---------------------------------------------------------------------------------- failback

    @Test
    void switchesWithinOneTripOfTheBreaker() {
        start(2, TierOptions.DEFAULT.withTimeout(Duration.ofMillis(500)));
        cache.put("key", "value");
        BackendGuard guard = nodes.get(0).backend().guard();
        long before = guard.errors("timeout");

        servers.get(0).pause();
        for (int i = 0; i < 100; i++) {
            assertThat(held("key")).isEqualTo("value");
        }

        assertThat(guard.errors("timeout") - before).isBetween(1L, 5L);
        servers.get(0).resume();
    }

    @Test
    void hearsOfChangesThatAnotherJvmMakesOnTheReplicaThatAnswers() {
        start(2, RedisNode.PATIENT);
        ReplicatedRemoteTier otherTier = connect(RedisNode.PATIENT);
        TieredCache other = TieredCache.named("cache")
                .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
                .remote(otherTier)
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
        cache.put("key", "old");
        await(() -> other.get("key") != null);
        servers.get(0).kill();
        await(() -> state(1) == State.FAILED_OVER && otherTier.status().get(1).state() == State.FAILED_OVER);
        await(() -> other.get("key") != null && other.memory().peek("key") != null);

        cache.put("key", "new");

        await(() -> other.get("key").value().equals("new"));
    }

    @Test
    void servesFromThePrimaryAfterFailbackWhatWasWrittenWhileItWasDown() {
        start(2, RedisNode.PATIENT);
        cache.put("before", "before");
        servers.get(0).kill();
        await(() -> state(1) == State.FAILED_OVER);
        assertThat(held("before")).isEqualTo("before");
        cache.put("while", "while");
        assertThat(held("while")).isEqualTo("while");

        servers.get(0).restart();
        await(() -> state(1) == State.REPLICA);
        assertThat(held("before")).isEqualTo("before");
        awaitAtRest();
        servers.get(1).kill();
        await(() -> state(1) == State.DOWN);

        assertThat(held("while")).isEqualTo("while");
        assertThat(held("before")).isEqualTo("before");
        assertThat(tier.get("while").join().source()).isEqualTo(Outcome.REMOTE_HIT);
    }

    @Test
    void forgetsOnThePrimaryWhatWasRemovedWhileItHung() {
        start(2, TierOptions.DEFAULT);
        cache.put("removed", "old");
        cache.put("changed", "old");
        servers.get(0).pause();
        await(() -> {
            held("removed");
            return nodes.get(0).backend().health().state() == BackendHealth.State.BREAKER_OPEN;
        });
        cache.evict("removed");
        cache.put("changed", "new");
        servers.get(0).resume();
        await(() -> {
            assertThat(held("removed")).isNull();
            assertThat(held("changed")).isNotEqualTo("old");
            return isAtRest();
        });
        assertThat(held("removed")).isNull();
        assertThat(held("changed")).isEqualTo("new");
    }

    // ------------------------------------------------------------------------------------ limits

    @Test
    void waitsForNoPausedReplica() {
        start(3, TierOptions.DEFAULT);
        for (int i = 0; i < 2000; i++) {
            cache.put("key-" + i % 100, i);
        }
        long without = medianOfPuts();
        servers.get(1).pause();
        long with = medianOfPuts();
        servers.get(1).resume();

        assertThat((double) with / without)
                .as("%d ns, then %d ns a put", without, with)
                .isLessThan(3);
    }

    private long medianOfPuts() {
        long[] took = new long[2000];
        for (int i = 0; i < took.length; i++) {
            long started = System.nanoTime();
            cache.put("key-" + i % 100, i);
            took[i] = System.nanoTime() - started;
        }
        Arrays.sort(took);
        return took[took.length / 2];
    }

    @Test
    void remembersABoundedNumberOfMissedWrites() {
        start(2, TierOptions.DEFAULT);
        cache.put("key-1", "old");
        servers.get(0).pause();
        await(() -> {
            held("key-1");
            return state(0) == State.DOWN;
        });
        int writes = Integer.getInteger("tinyllm.test.missed", 12_000);
        int most = 0;
        for (int i = 0; i < writes; i++) {
            cache.put("key-" + i, i);
            most = Math.max(most, tier.status().get(0).logSize());
        }
        assertThat(most).isLessThanOrEqualTo(OPTIONS.maximumMissed() + 1);

        servers.get(0).resume();
        await(() -> {
            assertThat(held("key-1")).isEqualTo(1);
            return state(1) == State.REPLICA;
        });
        assertThat(held("key-1")).isEqualTo(1);
    }
}
