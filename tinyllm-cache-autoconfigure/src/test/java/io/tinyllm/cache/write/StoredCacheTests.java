package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache over a store: what the walk and the policy do together. */
@Timeout(30)
class StoredCacheTests {

    private final RecordingStore.Clearing store = new RecordingStore.Clearing();
    private final ManualTicker ticker = new ManualTicker();
    private final CaffeineMemoryTier memory = new CaffeineMemoryTier(100, ticker, Runnable::run);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private TieredCache cache(StoreWriter writer) {
        return TieredCache.named("cache")
                .ticker(ticker)
                .memory(memory)
                .writes(writer)
                .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
                .background(new Background(task -> new Thread(task, "background").start(), null))
                .build();
    }

    private StoreWriter writer(String policy) {
        return switch (policy) {
            case "through" -> WritePolicies.writeThrough(store);
            case "around" -> WritePolicies.writeAround(store);
            default -> writeBack();
        };
    }

    /** Flushes when it is told to. */
    private WriteBackPolicy writeBack() {
        return new WriteBackPolicy(
                "cache",
                Untyped.of(store),
                WriteBackSettings.DEFAULTS,
                DirtyBytes.unlimited(),
                () -> Journal.none(size -> 0),
                task -> {},
                ticker,
                new Random(1));
    }

    private void flush(StoreWriter writer) {
        if (writer instanceof WriteBackPolicy back) {
            ticker.advance(Duration.ofSeconds(1));
            back.flushDue();
        }
    }

    private static @Nullable Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    /** A load that has begun, and ends with "loaded" when told. */
    private final class Slow {

        private final CountDownLatch end = new CountDownLatch(1);
        private final Future<Object> answer;

        Slow(TieredCache cache, Object key) throws InterruptedException {
            CountDownLatch begun = new CountDownLatch(1);
            answer = threads.submit(() -> cache.get(key, () -> {
                begun.countDown();
                end.await();
                return "loaded";
            }));
            begun.await();
        }

        Object end() throws Exception {
            end.countDown();
            return answer.get();
        }
    }

    // ------------------------------------------------------------------------------------- writes against loads

    @ParameterizedTest
    @ValueSource(strings = {"through", "around", "back"})
    void aLoadIsWrittenToTheStoreAndReadFromIt(String policy) {
        StoreWriter writer = writer(policy);
        TieredCache cache = cache(writer);
        assertThat(cache.get("a", () -> "1")).isEqualTo("1");
        flush(writer);
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
        memory.clear();
        assertThat(cache.get("a", () -> "never called")).isEqualTo("1");
        assertThat(cache.counters().storeHits()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"through", "around", "back"})
    void anEvictDuringALoadIsNotUndoneByItsResult(String policy) throws Exception {
        StoreWriter writer = writer(policy);
        TieredCache cache = cache(writer);
        Slow slow = new Slow(cache, "a");
        cache.evict("a");
        assertThat(slow.end()).isEqualTo("loaded");
        flush(writer);
        assertThat(store.calls).containsExactly("delete [a]");
        assertThat(value(cache, "a")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"through", "around", "back"})
    void aPutDuringALoadIsNotOverwrittenByItsResult(String policy) throws Exception {
        StoreWriter writer = writer(policy);
        TieredCache cache = cache(writer);
        Slow slow = new Slow(cache, "a");
        cache.put("a", "put");
        assertThat(slow.end()).isEqualTo("loaded");
        flush(writer);
        assertThat(store.rows).isEqualTo(Map.of("a", "put"));
        assertThat(value(cache, "a")).isEqualTo("put");
    }

    @ParameterizedTest
    @ValueSource(strings = {"through", "around", "back"})
    void aClearDuringALoadIsNotUndoneByItsResult(String policy) throws Exception {
        StoreWriter writer = writer(policy);
        TieredCache cache = cache(writer);
        cache.put("b", "old");
        Slow slow = new Slow(cache, "a");
        cache.clear();
        assertThat(slow.end()).isEqualTo("loaded");
        flush(writer);
        assertThat(store.rows).isEmpty();
        assertThat(value(cache, "a")).isNull();
        assertThat(value(cache, "b")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"through", "around", "back"})
    void whatWasReadOfTheStoreBeforeAPutIsNotHeldAfterIt(String policy) throws Exception {
        StoreWriter writer = writer(policy);
        TieredCache cache = cache(writer);
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        store.rows.put("a", "old");
        AtomicReference<@Nullable Thread> reading = new AtomicReference<>();
        store.afterLoad = () -> {
            if (Thread.currentThread() == reading.get()) {
                read.countDown();
                WriteBackPolicyTests.await(go);
            }
        };
        Future<Object> reader = threads.submit(() -> {
            reading.set(Thread.currentThread());
            return value(cache, "a");
        });
        read.await();
        cache.put("a", "new");
        go.countDown();
        assertThat(reader.get()).isEqualTo("old");
        assertThat(value(cache, "a")).isEqualTo("new");
    }

    // ------------------------------------------------------------------------------------------------ write-back

    @Test
    void aDirtyEntryThatMemoryEvictedIsReadFromTheBuffer() throws Exception {
        WriteBackPolicy writer = writeBack();
        TieredCache cache = cache(writer);
        store.rows.put("a", "old");
        cache.put("a", "new");
        store.rows.put("b", "old");
        cache.evict("b");
        memory.clear();
        store.before = () -> {
            throw new AssertionError("the store was asked");
        };
        assertThat(value(cache, "a")).isEqualTo("new");
        memory.clear();
        CompletableFuture<@Nullable CacheEntry> later = cache.lookupAsync("a");
        assertThat(later.get().value()).isEqualTo("new");
        assertThat(value(cache, "b")).isNull();
        assertThat(cache.get("b", () -> "loaded anew")).isEqualTo("loaded anew");
        store.before = () -> {};
        flush(writer);
        assertThat(store.rows).isEqualTo(Map.of("a", "new", "b", "loaded anew"));
    }

    @Test
    void aRowPutTwiceAndEvictedWithinOneFlushNeverExisted() {
        WriteBackPolicy writer = writeBack();
        TieredCache cache = cache(writer);
        cache.put("a", "1");
        cache.put("a", "2");
        cache.evict("a");
        flush(writer);
        flush(writer);
        assertThat(store.calls).containsExactly("delete [a]");
        assertThat(value(cache, "a")).isNull();
    }

    @Test
    void onePoisonKeyInAThousandDelaysNoOtherBeyondItsOwnFlush() {
        WriteBackPolicy writer = writeBack();
        TieredCache cache = cache(writer);
        store.refuses = "k500"::equals;
        for (int i = 0; i < 1_000; i++) {
            cache.put("k" + i, "v");
        }
        writer.flushDue();
        assertThat(store.rows).as("at once, and no later").hasSize(999).doesNotContainKey("k500");
        assertThat(store.calls)
                .as("the batches, and the search for the culprit")
                .hasSizeLessThan(10 + 2 * 7 + 1);
        assertThat(value(cache, "k500")).isEqualTo("v");
    }

    // ---------------------------------------------------------------------------------------------- a failing store

    @Test
    void whereTheStoreRefusesALoadTheLeaderIsToldAndTheWaitersGetTheValue() throws Exception {
        TieredCache cache = cache(WritePolicies.writeThrough(store));
        Slow slow = new Slow(cache, "a");
        CompletableFuture<Object> waiter = cache.getAsync("a", () -> CompletableFuture.completedFuture("unused"));
        store.refuseEverything();
        assertThatThrownBy(slow::end)
                .cause()
                .isInstanceOf(LoadFailedException.class)
                .hasRootCauseMessage("refused");
        assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo("loaded");
        store.refuseNothing();
        assertThat(memory.size()).isZero();
        assertThat(cache.loadsInProgress()).isZero();
        assertThat(cache.get("a", () -> "again")).isEqualTo("again");
    }

    @Test
    void whereTheStoreRefusesAnAsynchronousLoadItsLeaderIsTold() {
        TieredCache cache = cache(WritePolicies.writeThrough(store));
        store.refuseEverything();
        CompletableFuture<Object> answer = cache.getAsync("a", () -> CompletableFuture.completedFuture("loaded"));
        assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(LoadFailedException.class)
                .hasRootCauseMessage("refused");
        assertThat(memory.size()).isZero();
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aStoreThatCannotBeReadIsAMiss() {
        TieredCache cache = cache(writeBack());
        store.refuseEverything();
        assertThat(value(cache, "a")).isNull();
        assertThat(cache.get("a", () -> "loaded")).isEqualTo("loaded");
        assertThat(cache.counters().errors()).isEqualTo(2);
    }

    // ------------------------------------------------------------------------------------------------ asynchronous

    @Test
    void asynchronousReadsAskTheStoreOnABackgroundThread() throws Exception {
        TieredCache cache = cache(WritePolicies.writeThrough(store));
        store.rows.put("a", "1");
        List<String> readers = new java.util.concurrent.CopyOnWriteArrayList<>();
        store.before = () -> readers.add(Thread.currentThread().getName());
        Object value = cache.getAsync("a", () -> CompletableFuture.failedFuture(new AssertionError("loaded")))
                .get(10, TimeUnit.SECONDS);
        assertThat(value).isEqualTo("1");
        memory.clear();
        CompletableFuture<@Nullable CacheEntry> entry = cache.lookupAsync("a");
        assertThat(entry.get(10, TimeUnit.SECONDS).value()).isEqualTo("1");
        assertThat(readers).containsExactly("background", "background");
    }

    @Test
    void aThreadMayAskAgainForAKeyThatItIsLookingUpAsynchronously() throws Exception {
        TieredCache cache = cache(WritePolicies.writeThrough(store));
        for (boolean loads : new boolean[] {true, false}) {
            CountDownLatch asked = new CountDownLatch(1);
            store.before = () -> {
                store.before = () -> {};
                WriteBackPolicyTests.await(asked);
            };
            CompletableFuture<?> first = loads
                    ? cache.getAsync("a", () -> CompletableFuture.completedFuture("loaded"))
                    : cache.lookupAsync("a");
            CompletableFuture<Object> second = cache.getAsync("a", () -> CompletableFuture.completedFuture("loaded"));
            CompletableFuture<Object> third = cache.getAsync("a", () -> CompletableFuture.completedFuture("loaded"));
            asked.countDown();
            first.get(10, TimeUnit.SECONDS);
            assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo("loaded");
            assertThat(third.get(10, TimeUnit.SECONDS)).isEqualTo("loaded");
            cache.evict("a");
        }
    }
}
