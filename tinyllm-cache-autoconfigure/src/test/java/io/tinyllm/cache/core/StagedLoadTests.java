package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.memory.StagedMemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loads of keys that nobody has asked for, against everything else that can happen to the keys. */
@Timeout(60)
class StagedLoadTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeTicker ticker = new FakeTicker();
    private final MemoryTier tier = new CaffeineMemoryTier(100, ticker, Runnable::run);
    private final List<Object> used = new ArrayList<>();
    private final StagedMemoryTier memory =
            new StagedMemoryTier(tier, 100, size -> 16, ticker, entry -> false, used::add, key -> {});
    private final AtomicInteger loads = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable Exception failure;

    /** Loads the version of a key that was current when the load began. */
    private final TieredCache cache = TieredCache.named("books")
            .ticker(ticker)
            .memory(memory)
            .background(new Background(threads, this::load))
            .build();

    @AfterEach
    void stop() {
        end.countDown();
        threads.shutdownNow();
    }

    private Object load(Object key) throws Exception {
        loads.incrementAndGet();
        begun.countDown();
        end.await();
        Exception thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        return "old";
    }

    private CompletableFuture<Boolean> stage(Object key) {
        return cache.stage(key, null, memory::stage);
    }

    private @Nullable Object value(Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    private Future<Boolean> begin(String key) throws InterruptedException {
        Future<Boolean> staged = threads.submit(() -> stage(key).get());
        begun.await();
        return staged;
    }

    @Test
    void bringsAKeyInWithoutAnyRequestBeingCounted() throws Exception {
        end.countDown();
        assertThat(stage("a").get()).isTrue();

        assertThat(cache.counters().hits()).isZero();
        assertThat(cache.counters().misses()).isZero();
        assertThat(cache.counters().puts()).isZero();
        assertThat(cache.counters().loads()).isEqualTo(1);
        assertThat(tier.size()).isZero();
        assertThat(value("a")).isEqualTo("old");
        assertThat(cache.counters().hits()).isEqualTo(1);
        assertThat(used).containsExactly("a");
        assertThat(tier.size()).isEqualTo(1);
    }

    private void overtake(Consumer<TieredCache> change, @Nullable Object expected) throws Exception {
        Future<Boolean> staged = begin("a");
        change.accept(cache);
        end.countDown();
        staged.get();

        assertThat(value("a")).isEqualTo(expected);
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void anEvictThatOvertakesItLeavesNothing() throws Exception {
        overtake(books -> books.evict("a"), null);
    }

    @Test
    void aClearThatOvertakesItLeavesNothing() throws Exception {
        overtake(TieredCache::clear, null);
    }

    @Test
    void aPutThatOvertakesItStays() throws Exception {
        overtake(books -> books.put("a", "new"), "new");
    }

    @Test
    void whoAsksMeanwhileWaitsAndTheEntryIsThenLikeAnyOther() throws Exception {
        Future<Boolean> staged = begin("a");
        Future<Object> caller = threads.submit(() -> cache.get("a", () -> "own"));
        await().until(() -> cache.loadsInProgress() == 1 && waits(caller));
        end.countDown();

        assertThat(caller.get()).isEqualTo("old");
        staged.get();
        assertThat(loads.get()).isEqualTo(1);
        assertThat(cache.counters().misses()).isEqualTo(1);
        assertThat(value("a")).isEqualTo("old");
        assertThat(tier.size() + memory.staged()).isEqualTo(1);
    }

    /** Whether a caller that was started has had its chance to join. */
    private boolean waits(Future<?> caller) {
        return !caller.isDone()
                && threads instanceof java.util.concurrent.ThreadPoolExecutor pool
                && pool.getActiveCount() == 2;
    }

    @Test
    void whoWaitsForOneThatFailsLoadsForItself() throws Exception {
        failure = new IllegalStateException("no context here");
        Future<Boolean> staged = begin("a");
        Future<Object> caller = threads.submit(() -> cache.get("a", () -> "own"));
        end.countDown();

        assertThat(caller.get()).isEqualTo("own");
        assertThatThrownBy(staged::get).hasRootCause(failure);
        assertThat(cache.counters().misses()).isEqualTo(1);
        assertThat(value("a")).isEqualTo("own");
    }

    @Test
    void nothingIsWantedThatIsCachedOrUnderWay() throws Exception {
        cache.put("cached", 1);
        begin("under way");

        assertThat(cache.lacks("cached")).isFalse();
        assertThat(cache.lacks("under way")).isFalse();
        assertThat(cache.lacks("other")).isTrue();
        assertThat(stage("cached").get()).isFalse();
        assertThat(stage("under way").get()).isFalse();
        assertThat(loads.get()).isEqualTo(1);
    }

    @Test
    void withoutAnyWayToLoadNothingHappens() throws Exception {
        TieredCache unloadable = TieredCache.named("none").memory(memory).build();

        assertThat(unloadable.stage("a", null, memory::stage).get()).isFalse();
        assertThat(unloadable.loadsInProgress()).isZero();
        CompletableFuture<@Nullable CacheEntry> lookup = unloadable.lookupAsync("a");
        assertThat(lookup).isNull();
    }
}
