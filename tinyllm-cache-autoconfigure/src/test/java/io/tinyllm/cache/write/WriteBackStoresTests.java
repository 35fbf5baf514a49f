package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Write-back over stores that misbehave, with its own threads, and over stops and starts. */
@Timeout(120)
class WriteBackStoresTests {

    private static final WriteBackSettings SETTINGS = new WriteBackSettings(Duration.ofMillis(20), 10, 100, 3, 20);

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FaultyDisk disk = new FaultyDisk();
    private final StringCodec codec = new StringCodec();
    private final RecordingStore store = new RecordingStore();
    private StoreWriter policy;

    private StoreWriter open(BackingStore<?, ?> under, WriteBackSettings settings, DirtyBytes bytes) {
        policy = new WriteBackPolicy(
                "cache",
                Untyped.of((BackingStore<String, String>) under),
                settings,
                bytes,
                () -> Journals.open(directory, disk, Fsync.INTERVAL, System::nanoTime, 1 << 20, codec),
                threads,
                System::nanoTime,
                new Random(1));
        return policy;
    }

    private StoreWriter open(BackingStore<?, ?> under) {
        return open(under, SETTINGS, DirtyBytes.unlimited());
    }

    @AfterEach
    void everyThreadEnds() throws InterruptedException {
        store.refuseNothing();
        store.before = () -> {};
        policy.close(Duration.ofSeconds(10));
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private void awaitRow(String key, String value) {
        await().atMost(Duration.ofSeconds(30)).until(() -> value.equals(store.rows.get(key)));
    }

    @Test
    void afterStopAndStartEverythingWorksAsBeforeAnyNumberOfTimes() {
        open(store);
        for (int round = 0; round < 4; round++) {
            store.refuseEverything();
            policy.put("left" + round, "v").close();
            policy.close(Duration.ZERO);
            assertThatThrownBy(() -> policy.put("left", "").close()).isInstanceOf(IllegalStateException.class);
            policy.start();
            policy.start();
            assertThat(policy.pending("left" + round)).isEqualTo(new StoreWriter.Pending("v"));
            store.refuseNothing();
            policy.put("key" + round, "w").close();
            assertThat(policy.statistics().writtenThrough()).isZero();
            awaitRow("left" + round, "v");
            awaitRow("key" + round, "w");
        }
        assertThat(policy.statistics().journalHealthy()).isTrue();
    }

    @Test
    void aStoreThatInterruptsItsOwnThreadInEveryCallDoesNotEndTheFlushing() {
        AtomicInteger calls = new AtomicInteger();
        store.before = () -> {
            Thread.currentThread().interrupt();
            if (calls.incrementAndGet() % 2 == 1) {
                throw new IllegalStateException("interrupted");
            }
        };
        open(store);
        for (int i = 0; i < 20; i++) {
            policy.put("k" + i, "v").close();
            awaitRow("k" + i, "v");
        }
    }

    @Test
    void whateverAStoreThrowsCostsOneAttempt() {
        Throwable[] odd = {
            new java.io.IOException("checked"), new NoClassDefFoundError("error"), new StackOverflowError(), new Odd()
        };
        AtomicInteger calls = new AtomicInteger();
        store.before = () -> {
            int call = calls.getAndIncrement();
            if (call < odd.length) {
                WriteBackStoresTests.<RuntimeException>sneak(odd[call]);
            }
        };
        open(store, new WriteBackSettings(Duration.ofMillis(20), 10, 100, 10, 20), DirtyBytes.unlimited());
        policy.put("key", "value").close();
        awaitRow("key", "value");
        assertThat(policy.statistics().failed()).isEqualTo(odd.length);
    }

    /** An exception that cannot even say what it is. */
    private static final class Odd extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    /** A store whose every write evicts another key of its cache, from its flush as well as from a write-through. */
    @Test
    void aStoreThatWritesToItsOwnCacheWhileItIsWrittenToEnds() throws Exception {
        store.onWrite = (key, value) -> {
            if (key.startsWith("k")) {
                policy.evict("other" + key).close();
                policy.evict(key.equals("k1") ? "k2" : "k1").close();
            }
        };
        open(store, new WriteBackSettings(Duration.ofMillis(1), 2, 1, 3, 20), DirtyBytes.unlimited());
        Future<?> first = threads.submit(() -> put("k1", 300));
        Future<?> second = threads.submit(() -> put("k2", 300));
        first.get(50, TimeUnit.SECONDS);
        second.get(50, TimeUnit.SECONDS);
    }

    private void put(String key, int times) {
        for (int i = 0; i < times; i++) {
            policy.put(key, "v" + i).close();
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void aClearLosesNothingOfAStoreBehindAProxyThatIsNotCleared() {
        BackingStore<String, String> proxied = (BackingStore<String, String>) proxy(store);
        store.refuseEverything();
        open(proxied);
        policy.put("key", "value").close();
        policy.clear().close();
        store.refuseNothing();
        awaitRow("key", "value");
    }

    private static Object proxy(RecordingStore behind) {
        return Proxy.newProxyInstance(
                BackingStore.class.getClassLoader(),
                new Class<?>[] {BackingStore.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.isDefault()
                                ? InvocationHandler.invokeDefault(proxy, method)
                                : method.invoke(behind, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whatTheBytesHaveNoRoomForIsWrittenThroughAndNothingIsDropped() {
        store.before = () -> {};
        DirtyBytes bytes = new DirtyBytes(100_000);
        open(store, new WriteBackSettings(Duration.ofHours(1), 10_000, 10_000, 3, 20), bytes);
        String value = "v".repeat(10_000);
        for (int i = 0; i < 50; i++) {
            policy.put("k" + i, value).close();
            assertThat(bytes.taken()).isLessThanOrEqualTo(bytes.maximum());
        }
        assertThat(policy.statistics().writtenThrough()).isBetween(40L, 45L);
        assertThat(store.rows).hasSize((int) policy.statistics().writtenThrough());
        policy.close(Duration.ofSeconds(10));
        assertThat(store.rows).hasSize(50);
        assertThat(bytes.taken()).isZero();
    }

    /** The evict needs no room that the value did not have, and no answer of the store. */
    @Test
    void anEvictOfWhatIsBeingFlushedWaitsForNobodyThoughNothingMoreHasRoom() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        store.before = () -> {
            writing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        DirtyBytes bytes = new DirtyBytes(20_000);
        open(store, new WriteBackSettings(Duration.ofMillis(1), 1, 1, 3, 20), bytes);
        policy.put("a", "v".repeat(15_000)).close();
        writing.await();
        bytes.take(20_000); // what the values of other caches take
        Future<?> evict = threads.submit(() -> policy.evict("a").close());
        evict.get(20, TimeUnit.SECONDS);
        assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending(null));
        bytes.give(20_000);
        goOn.countDown();
        await().until(() -> !policy.isDirty("a"));
        assertThat(store.rows).doesNotContainKey("a");
        assertThat(policy.statistics().writtenThrough()).isZero();
        assertThat(bytes.taken()).isZero();
    }

    @Test
    void anUnreadableValueIsADeadLetterThatDoesNotHoldUpOthersAndIsDeliveredOnceItCanBeRead() {
        store.refuseEverything();
        open(store);
        policy.put("old", "undecodable").close();
        policy.put("fine", "1").close();
        policy.close(Duration.ZERO);
        store.refuseNothing();
        policy.start();
        awaitRow("fine", "1");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> policy.statistics().deadLetters().size() == 1);
        DeadLetter letter = policy.statistics().deadLetters().get(0);
        assertThat(letter.key()).isEqualTo("old");
        assertThat(letter.type()).isEqualTo("text");
        assertThat(letter.reason()).isEqualTo(DeadLetter.VALUE_UNREADABLE);
        assertThat(policy.pending("old")).isNull();
        policy.close(Duration.ZERO);
        policy.start();
        // Where the end came before its mark was written, it is tried once more.
        await().until(() -> policy.statistics().deadLetters().size() == 1);
        codec.valuesAreWell = true;
        // One, unless it is being tried at this moment by itself.
        assertThat(policy.retryDeadLetters()).isLessThanOrEqualTo(1);
        awaitRow("old", "undecodable");
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    @Test
    void anUnreadableKeyIsADeadLetterThatIsDeliveredOnceItCanBeRead() {
        store.refuseEverything();
        open(store);
        policy.put("undecodable", "1").close();
        policy.close(Duration.ZERO);
        store.refuseNothing();
        policy.start();
        assertThat(policy.statistics().deadLetters())
                .extracting(DeadLetter::reason)
                .containsExactly(DeadLetter.KEY_UNREADABLE);
        codec.keysAreWell = true;
        policy.retryDeadLetters();
        awaitRow("undecodable", "1");
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    @Test
    void theDiskIsForcedOnceASecondWhileTheStoreDoesNotAnswer() {
        store.before = () -> {
            try {
                Thread.sleep(4_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        open(store, new WriteBackSettings(Duration.ofMillis(1), 1, 10_000, 3, 20), DirtyBytes.unlimited());
        policy.put("first", "v").close();
        long forced = disk.count("sync");
        for (int i = 0; i < 2; i++) {
            long before = disk.count("sync");
            policy.put("k" + i, "v").close();
            await().atMost(Duration.ofSeconds(10)).until(() -> disk.count("sync") > before);
        }
        assertThat(disk.count("sync")).isGreaterThan(forced);
        assertThat(store.rows).isEqualTo(Map.of());
        store.before = () -> {};
    }
}
