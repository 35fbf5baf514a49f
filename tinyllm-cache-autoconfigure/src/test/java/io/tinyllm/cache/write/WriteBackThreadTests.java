package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Write-back with its own thread and the real time. */
@Timeout(60)
class WriteBackThreadTests {

    private final RecordingStore store = new RecordingStore();
    private final ExecutorService executor = Executors.newCachedThreadPool();

    private StoreWriter open(WriteBackSettings settings) {
        return WritePolicies.writeBackWithoutJournal(
                "cache", store, settings, DirtyBytes.unlimited(), size -> 0, executor, System::nanoTime, new Random());
    }

    @AfterEach
    void everyTaskHasEnded() throws InterruptedException {
        executor.shutdown();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void onePoisonKeyInAThousandDoesNotHoldUpTheOthers() {
        store.refuses = "k500"::equals;
        long begun = System.nanoTime();
        StoreWriter policy = open(WriteBackSettings.DEFAULTS);
        for (int i = 0; i < 1_000; i++) {
            policy.put("k" + i, "v").close();
        }
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> store.rows.size() == 999);
        System.out.println("999 keys beside a poison one landed " + millisSince(begun) + " ms after the first write");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> policy.statistics().deadLetters().size() == 1);
        assertThat(policy.statistics().deadLetters().get(0).key()).isEqualTo("k500");
        assertThat(policy.statistics().dirty()).isZero();
        policy.close(Duration.ofSeconds(10));
    }

    /** {@code -Dtinyllm.test.outage=30} makes the outage last 30 seconds. */
    @Test
    @Timeout(180)
    void anOutageLosesNothingKeepsTheOrderAndIsBounded() {
        long seconds = Integer.getInteger("tinyllm.test.outage", 1);
        int maximumDirty = 1_000;
        StoreWriter policy = open(new WriteBackSettings(Duration.ofMillis(100), 100, maximumDirty, 3, 50));
        Map<String, Integer> acknowledged = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        store.onWrite = (key, value) -> {
            Integer former = last.put(key, Integer.valueOf(value));
            assertThat(former)
                    .as("order of %s", key)
                    .matches(number -> number == null || number <= Integer.parseInt(value));
        };
        store.refuseEverything();
        Random random = new Random(7);
        long begun = System.nanoTime();
        int operations = 0;
        int mostWaiting = 0;
        while (millisSince(begun) < seconds * 1_000) {
            String key = "k" + random.nextInt(2_000);
            try {
                policy.put(key, Integer.toString(++operations)).close();
                acknowledged.put(key, operations);
            } catch (IllegalStateException refused) {
                assertThat(refused).hasMessage("refused");
            }
            if (operations % 100 == 0) {
                WriteStatistics now = policy.statistics();
                mostWaiting =
                        Math.max(mostWaiting, now.dirty() + now.deadLetters().size());
                store.calls.clear();
                LockSupport.parkNanos(1_000_000);
            }
        }
        assertThat(mostWaiting).isBetween(maximumDirty, maximumDirty + 50 + 1);
        assertThat(store.rows).isEmpty();
        store.refuseNothing();
        long back = System.nanoTime();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> store.rows.size() == acknowledged.size());
        System.out.println("An outage of " + seconds + " s: " + operations + " writes, at most " + mostWaiting
                + " waiting, " + acknowledged.size() + " keys acknowledged and all there " + millisSince(back)
                + " ms after the store was back");
        policy.close(Duration.ofSeconds(10));
        Map<String, Integer> rows = new HashMap<>();
        store.rows.forEach((key, value) -> rows.put(key, Integer.valueOf(value)));
        assertThat(rows).isEqualTo(acknowledged);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    @Test
    void writersOfTheSameKeysAndAFailingStoreEndInAgreement() throws InterruptedException {
        store.refuses = key -> ThreadLocalRandom.current().nextInt(20) == 0;
        StoreWriter policy = open(new WriteBackSettings(Duration.ofMillis(2), 5, 10, 5, 10));
        Map<String, String> acknowledged = new ConcurrentHashMap<>();
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 4; w++) {
            int writer = w;
            writers.add(new Thread(() -> {
                Random random = new Random(writer);
                for (int i = 0; i < 2_000; i++) {
                    // a key of its own, so that its last operation is known, and one that all share
                    String key = writer + ":" + random.nextInt(10);
                    String value = "v" + i;
                    boolean delete = random.nextInt(3) == 0;
                    try (StoreWriter.Write write = delete ? policy.evict(key) : policy.put(key, value)) {
                        if (delete) {
                            acknowledged.remove(key);
                        } else {
                            acknowledged.put(key, value);
                        }
                        policy.put("shared", writer + "/" + i).close();
                    } catch (IllegalStateException refused) {
                        assertThat(refused).hasMessage("refused");
                    }
                }
            }));
        }
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join();
        }
        store.refuseNothing();
        policy.retryDeadLetters();
        policy.close(Duration.ofSeconds(20));
        store.rows.remove("shared");
        assertThat(store.rows).isEqualTo(acknowledged);
        assertThat(policy.statistics().dirty()).isZero();
    }

    @Test
    void closeDoesNotWaitForAHungStoreLongerThanItIsTold() {
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch hung = new CountDownLatch(1);
        store.before = () -> {
            hung.countDown();
            WriteBackPolicyTests.await(hang);
        };
        StoreWriter policy = open(new WriteBackSettings(Duration.ZERO, 5, 10, 5, 10));
        policy.put("a", "1").close();
        WriteBackPolicyTests.await(hung);
        policy.close(Duration.ofMillis(50));
        assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending("1"));
        hang.countDown();
    }

    @Test
    void anOverlapNeverLeavesTheTiersWithWhatTheStoreDoesNotHave() throws InterruptedException {
        StoreWriter policy = WritePolicies.writeThrough(store);
        Map<String, String> tier = new ConcurrentHashMap<>();
        for (int round = 0; round < 2_000; round++) {
            Thread other = new Thread(() -> write(policy, tier, "other"));
            other.start();
            write(policy, tier, round % 2 == 0 ? "mine" : null);
            other.join();
            String cached = tier.get("a");
            if (cached != null) {
                assertThat(cached).isEqualTo(store.rows.get("a"));
            }
        }
    }

    private static void write(StoreWriter policy, Map<String, String> tier, String value) {
        try (StoreWriter.Write write = policy.put("a", value)) {
            tier.compute("a", (key, present) -> write.mayPublish() ? value : null);
        }
    }
}
