package io.tinyllm.cache.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.TieredCacheBuilder;
import io.tinyllm.cache.core.port.LoadGate.Kind;
import io.tinyllm.cache.core.port.LoadGate.Pass;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadLimitTests {

    private static final long HOUR = Duration.ofHours(1).toNanos();

    private final ExecutorService callers = Executors.newCachedThreadPool();
    private final ExecutorService background = Executors.newFixedThreadPool(4);
    private final AtomicLong time = new AtomicLong();

    @AfterEach
    void stop() {
        callers.shutdownNow();
        background.shutdownNow();
    }

    private TieredCacheBuilder cache(LoadLimit limit) {
        return TieredCache.named("answers")
                .ticker(time::get)
                .memory(new CaffeineMemoryTier(100_000, time::get, Runnable::run))
                .background(new Background(background, null))
                .gate(limit);
    }

    @Test
    void tenThousandCallersOfTenThousandKeysNeverRunMoreLoadsThanTheLimit() {
        LoadLimit limit = new LoadLimit(4, HOUR);
        TieredCache cache = cache(limit).build();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            int key = i;
            // All of them from this one thread: whoever waits, waits without a thread.
            answers.add(cache.getAsync(key, () -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                return CompletableFuture.supplyAsync(
                        () -> {
                            running.decrementAndGet();
                            return key;
                        },
                        background);
            }));
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(answers.get(i).join()).isEqualTo(i);
        }
        assertThat(most.get()).isBetween(2, 4);
        assertThat(cache.counters().loads()).isEqualTo(10_000);
        await().untilAsserted(
                        () -> assertThat(limit.running() + limit.waiting()).isZero());
        assertThat(cache.loadsInProgress()).isZero();
    }

    /** As when threads cannot be made any more, or the application is closing. */
    @Test
    void aTimerThatRunsAtOnceDoesNotLiftTheLimit() {
        LoadLimit limit = new LoadLimit(2, HOUR, nanos -> CompletableFuture.completedFuture(null));
        List<Pass> passes = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            passes.add(limit.begin(Kind.CALLER));
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(passes.get(i).turn()).as("turn " + i).isDone();
            if (i + 2 < 10_000) {
                assertThat(passes.get(i + 2).turn()).as("turn " + (i + 2)).isNotDone();
            }
            passes.get(i).end(null);
        }
        assertThat(limit.running() + limit.waiting()).isZero();
    }

    @Test
    void blockingCallersGetTheirTurnsInTheOrderInWhichTheyCame() throws Exception {
        LoadLimit limit = new LoadLimit(1, HOUR);
        TieredCache cache = cache(limit).build();
        CountDownLatch end = new CountDownLatch(1);
        List<Object> order = Collections.synchronizedList(new ArrayList<>());
        List<Future<Object>> answers = new ArrayList<>();
        for (int i = 0; i <= 20; i++) {
            int key = i;
            answers.add(callers.submit(() -> cache.get(key, () -> {
                end.await();
                order.add(key);
                return key;
            })));
            await().until(() -> limit.running() == 1 && limit.waiting() == key);
        }
        end.countDown();
        for (Future<Object> answer : answers) {
            answer.get();
        }
        assertThat(order).isSorted().hasSize(21);
    }

    @Test
    void hitsNeverWait() {
        TieredCache cache = cache(new LoadLimit(1, HOUR)).build();
        cache.put("hot", "value");
        cache.getAsync("hung", CompletableFuture::new);
        CompletableFuture<Object> waiting = cache.getAsync("cold", () -> CompletableFuture.completedFuture("loaded"));
        assertThat(cache.get("hot", () -> "loaded")).isEqualTo("value");
        assertThat(cache.getAsync("hot", CompletableFuture::new)).isCompletedWithValue("value");
        assertThat(waiting).isNotDone();
        assertThat(cache.loadsRunning()).isEqualTo(1);
        assertThat(cache.loadsWaiting()).isEqualTo(1);
    }

    @Test
    void aHungLoadLosesItsPlaceAfterAWhileAndItsEndFreesNoOther() {
        List<CompletableFuture<?>> timers = new ArrayList<>();
        LoadLimit limit = new LoadLimit(1, HOUR, nanos -> {
            assertThat(nanos).isEqualTo(HOUR);
            CompletableFuture<Object> timer = new CompletableFuture<>();
            timers.add(timer);
            return timer;
        });
        Pass hung = limit.begin(Kind.CALLER);
        Pass second = limit.begin(Kind.CALLER);
        Pass third = limit.begin(Kind.CALLER);
        assertThat(second.turn()).isNotDone();
        timers.get(0).complete(null);
        assertThat(second.turn()).isDone();
        hung.end(null);
        assertThat(third.turn()).isNotDone();
        assertThat(limit.running()).isEqualTo(1);
        second.end(null);
        second.end(null);
        assertThat(third.turn()).isDone();
        third.end(null);
        assertThat(limit.running()).isZero();
        assertThat(timers.subList(1, 3))
                .as("the timers of loads that have ended")
                .allMatch(CompletableFuture::isDone);
    }

    @Test
    void backgroundLoadsGiveWayToCallers() {
        LoadLimit limit = new LoadLimit(1, HOUR);
        Pass running = limit.begin(Kind.CALLER);
        Pass refresh = limit.begin(Kind.BACKGROUND);
        Pass caller = limit.begin(Kind.CALLER);
        running.end(null);
        assertThat(caller.turn()).isDone();
        assertThat(refresh.turn()).isNotDone();
        caller.end(null);
        assertThat(refresh.turn()).isDone();
    }

    @Test
    void whoLeavesTheQueueTakesNobodysTurn() {
        LoadLimit limit = new LoadLimit(1, HOUR);
        Pass running = limit.begin(Kind.CALLER);
        Pass gone = limit.begin(Kind.CALLER);
        Pass patient = limit.begin(Kind.CALLER);
        gone.end(null);
        assertThat(limit.waiting()).isEqualTo(1);
        running.end(null);
        assertThat(gone.turn()).isNotDone();
        assertThat(patient.turn()).isDone();
        assertThat(limit.running()).isEqualTo(1);
        assertThat(limit.waiting()).isZero();
    }

    @Test
    void aLoadInsideOfAnotherUsesItsPlace() {
        TieredCache cache = cache(new LoadLimit(1, HOUR)).build();
        assertThat(cache.get("a", () -> cache.get("b", () -> cache.get("c", () -> "value"))))
                .isEqualTo("value");
        assertThat(cache.loadsRunning()).isZero();
    }

    @Test
    void aLoadInsideOfAnotherDoesNotWaitForOneThatWaitsForItsPlace() throws Exception {
        LoadLimit limit = new LoadLimit(1, HOUR);
        TieredCache cache = cache(limit).build();
        CountDownLatch queued = new CountDownLatch(1);
        Future<Object> outer = callers.submit(() -> cache.get("outer", () -> {
            queued.await();
            return cache.get("inner", () -> "by outer");
        }));
        await().until(() -> limit.running() == 1);
        Future<Object> inner = callers.submit(() -> cache.get("inner", () -> "by itself"));
        await().until(() -> limit.waiting() == 1);
        queued.countDown();
        assertThat(outer.get()).isEqualTo("by outer");
        assertThat(inner.get()).as("found when its turn came").isEqualTo("by outer");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void whoWaitsForItsTurnLongerThanLoadTimeoutFailsAndLeavesTheQueue() {
        LoadLimit limit = new LoadLimit(1, HOUR);
        TieredCache cache = cache(limit).loadTimeoutNanos(50_000_000).build();
        cache.getAsync("hung", CompletableFuture::new);
        assertThatThrownBy(() -> cache.get("key", () -> "unused"))
                .isExactlyInstanceOf(LoadTimeoutException.class)
                .hasMessageContaining("'answers'")
                .hasMessageContaining("turn");
        assertThatThrownBy(() -> cache.getAsync("key", CompletableFuture::new).join())
                .hasCauseExactlyInstanceOf(LoadTimeoutException.class);
        assertThat(limit.waiting()).isZero();
        assertThat(limit.running()).isEqualTo(1);
        assertThat(cache.counters().misses()).isEqualTo(2);
    }

    @Test
    void aStaleValueStandsInForATurnThatDoesNotCome() {
        TieredCache cache = cache(new LoadLimit(1, HOUR))
                .ttl(TtlPolicy.fixed(Duration.ofMinutes(1)))
                .staleness(new Staleness(HOUR, 0, 0))
                .loadTimeoutNanos(50_000_000)
                .build();
        cache.put("key", "old");
        time.addAndGet(Duration.ofMinutes(2).toNanos());
        cache.getAsync("hung", CompletableFuture::new);
        assertThat(cache.get("key", () -> "unused")).isEqualTo("old");
        assertThat(cache.getAsync("key", CompletableFuture::new).join()).isEqualTo("old");
    }

    @Test
    void aCallerThatCancelsWhileItWaitsDoesNotLoad() throws Exception {
        LoadLimit limit = new LoadLimit(1, HOUR);
        TieredCache cache = cache(limit).build();
        CompletableFuture<Object> running = new CompletableFuture<>();
        cache.getAsync("running", () -> running);
        AtomicInteger loads = new AtomicInteger();
        CompletableFuture<Object> cancelled = cache.getAsync("key", () -> {
            loads.incrementAndGet();
            return new CompletableFuture<>();
        });
        cancelled.cancel(false);
        running.complete("value");
        await().until(() -> limit.running() == 0 && cache.loadsInProgress() == 0);
        assertThat(loads).hasValue(0);
    }
}
