package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The walk over the memory tier: waiting, giving up, expiry and figures. */
@Timeout(60)
class TieredCacheTests {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeTicker ticker = new FakeTicker();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private TieredCacheBuilder builder() {
        return TieredCache.named("books")
                .ticker(ticker)
                .memory(new CaffeineMemoryTier(100, ticker, Runnable::run))
                .ttl(TtlPolicy.fixed(MINUTE));
    }

    /** Waits are of real time: short where the timeout is what is tested. */
    private TieredCache impatient() {
        return builder().loadTimeoutNanos(Duration.ofMillis(50).toNanos()).build();
    }

    private static @Nullable Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    /** A load that has begun and ends when told. */
    private final class Slow {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private final Future<Object> answer;

        Slow(TieredCache cache, Object key, Object value) throws InterruptedException {
            answer = threads.submit(() -> cache.get(key, () -> {
                begun.countDown();
                end.await();
                return value;
            }));
            begun.await();
        }

        Object end() throws Exception {
            end.countDown();
            return answer.get();
        }
    }

    // ------------------------------------------------------------------------------------------------ load timeout

    @Test
    void whoHasWaitedLoadTimeoutRunsOneLoadBesideTheSlowOne() throws Exception {
        TieredCache cache = impatient();
        Slow slow = new Slow(cache, "key", "late");
        assertThat(cache.get("key", () -> "beside")).isEqualTo("beside");
        assertThat(value(cache, "key")).isEqualTo("beside");
        assertThat(slow.end()).isEqualTo("late");
        assertThat(value(cache, "key"))
                .as("the result of a load that began later stays")
                .isEqualTo("beside");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void anAsynchronousCallerThatHasWaitedLoadTimeoutRunsOneLoadBesideTheSlowOne() throws Exception {
        TieredCache cache = impatient();
        Slow slow = new Slow(cache, "key", "late");
        assertThat(cache.getAsync("key", () -> CompletableFuture.completedFuture("beside"))
                        .get())
                .isEqualTo("beside");
        slow.end();
        assertThat(value(cache, "key")).isEqualTo("beside");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void whoWaitsBesideTwoLoadsFailsAfterTwiceLoadTimeoutAndIsToldTheCacheButNotTheKey() throws Exception {
        TieredCache cache = impatient();
        Slow first = new Slow(cache, "secret", "first");
        Slow second = new Slow(cache, "secret", "second");
        long begun = System.nanoTime();
        assertThatThrownBy(() -> cache.get("secret", () -> "unused"))
                .isExactlyInstanceOf(LoadTimeoutException.class)
                .hasMessageContaining("books")
                .hasMessageContaining("50 ms")
                .hasMessageNotContaining("secret");
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(100_000_000);
        CompletableFuture<Object> waiting = cache.getAsync("secret", () -> CompletableFuture.completedFuture("unused"));
        assertThatThrownBy(waiting::get)
                .isExactlyInstanceOf(ExecutionException.class)
                .hasCauseExactlyInstanceOf(LoadTimeoutException.class);
        assertThat(cache.loadsInProgress()).isEqualTo(1);
        assertThat(first.end()).isEqualTo("first");
        assertThat(second.end()).isEqualTo("second");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void theResultOfTheSlowLoadAnswersThoseWhoWaitAndIsKeptUntilTheNewerOneComes() throws Exception {
        TieredCache cache = impatient();
        Slow first = new Slow(cache, "key", "first");
        Slow second = new Slow(cache, "key", "second");
        Future<Object> waiting = threads.submit(() -> cache.get("key", () -> "unused"));
        assertThat(first.end()).isEqualTo("first");
        assertThat(waiting.get()).isEqualTo("first");
        assertThat(value(cache, "key")).isEqualTo("first");
        assertThat(second.end()).isEqualTo("second");
        assertThat(value(cache, "key")).isEqualTo("second");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aFailureIsOfItsCallerAloneWhileAnotherLoadOfTheKeyRuns() throws Exception {
        TieredCache cache = impatient();
        Slow slow = new Slow(cache, "key", "late");
        assertThatThrownBy(() -> cache.get("key", () -> {
                    throw new IOException("broken");
                }))
                .hasCauseExactlyInstanceOf(IOException.class);
        Future<Object> waiting = threads.submit(() -> cache.get("key", () -> "beside"));
        assertThat(slow.end()).isEqualTo("late");
        assertThat(waiting.get()).isIn("late", "beside");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aLateResultIsDroppedWhereAPutHappened() throws Exception {
        TieredCache cache = impatient();
        Slow slow = new Slow(cache, "key", "late");
        Slow beside = new Slow(cache, "key", "beside");
        cache.put("key", "newer");
        slow.end();
        beside.end();
        assertThat(value(cache, "key")).isEqualTo("newer");
    }

    @Test
    void aLateResultIsDroppedWhereAnEvictHappened() throws Exception {
        TieredCache cache = impatient();
        Slow slow = new Slow(cache, "key", "late");
        Slow beside = new Slow(cache, "key", "beside");
        cache.evict("key");
        beside.end();
        slow.end();
        assertThat(value(cache, "key")).isNull();
        assertThat(cache.loadsInProgress()).isZero();
    }

    // ------------------------------------------------------------------------------------------ who waits, who does
    // not

    @Test
    void anInterruptedWaiterRunsItsOwnLoadAndStaysInterrupted() throws Exception {
        TieredCache cache = builder().build();
        Slow slow = new Slow(cache, "key", "slow");
        Thread.currentThread().interrupt();
        Object answer = cache.get("key", () -> "own");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(answer).isEqualTo("own");
        slow.end();
        assertThat(value(cache, "key"))
                .as("an interrupt is the interrupted caller's")
                .isEqualTo("slow");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void withoutSingleFlightEveryCallerLoadsAtOnce() throws Exception {
        TieredCache cache = builder().singleFlight(false).build();
        List<Slow> loads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            loads.add(new Slow(cache, "key", "value" + i));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(loads.get(i).end()).isEqualTo("value" + i);
        }
        assertThat(cache.counters().loads()).isEqualTo(5);
        assertThat(cache.counters().misses()).isEqualTo(5);
        assertThat(value(cache, "key")).isEqualTo("value4");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void withoutSingleFlightNoLoadOutlivesAnEvict() throws Exception {
        TieredCache cache = builder().singleFlight(false).build();
        List<Slow> loads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            loads.add(new Slow(cache, "key", "value" + i));
        }
        cache.evict("key");
        for (Slow load : loads) {
            load.end();
        }
        assertThat(value(cache, "key")).isNull();
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aFailureReachesTheLeaderAndItsWaitersAndTheNextCallerLoads() throws Exception {
        TieredCache cache = builder().build();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        IOException broken = new IOException("broken");
        Callable<Object> failing = () -> {
            begun.countDown();
            end.await();
            throw broken;
        };
        Future<Object> leader = threads.submit(() -> cache.get("key", failing));
        begun.await();
        CompletableFuture<Object> waiter = cache.getAsync("key", () -> CompletableFuture.completedFuture("unused"));
        end.countDown();
        assertThatThrownBy(leader::get).rootCause().isSameAs(broken);
        assertThatThrownBy(waiter::get).rootCause().isSameAs(broken);
        assertThat(cache.get("key", () -> "anew")).isEqualTo("anew");
        assertThat(cache.counters().loadFailures()).isEqualTo(1);
        assertThat(cache.loadsInProgress()).isZero();
    }

    // ------------------------------------------------------------------------------------------------------- expiry

    @Test
    void anEntryIsServedUpToItsTimeToLiveAndNotBeyond() {
        TieredCache cache = builder().build();
        cache.put("key", "value");
        ticker.advance(MINUTE.minusNanos(1));
        assertThat(value(cache, "key")).isEqualTo("value");
        ticker.advance(Duration.ofNanos(1));
        assertThat(value(cache, "key")).isNull();
        assertThat(cache.get("key", () -> "loaded")).isEqualTo("loaded");
    }

    @Test
    void aReadDoesNotProlongAnEntryAndAPutDoes() {
        TieredCache cache = builder().build();
        cache.put("read", 1);
        cache.put("put", 1);
        ticker.advance(MINUTE.minusSeconds(1));
        cache.get("read");
        cache.put("put", 2);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(value(cache, "read")).isNull();
        assertThat(value(cache, "put")).isEqualTo(2);
    }

    @Test
    void zeroTimeToLiveNeverExpires() {
        TieredCache cache = builder().ttl(TtlPolicy.fixed(Duration.ZERO)).build();
        cache.put("key", "value");
        ticker.advance(Duration.ofDays(36_500));
        assertThat(value(cache, "key")).isEqualTo("value");
    }

    @Test
    void jitterShortensLivesByAtMostItsFractionAndSpreadsThem() {
        Random random = new Random(42);
        TtlPolicy policy = TtlPolicy.jittered(TtlPolicy.fixed(MINUTE), 0.5, random::nextDouble);
        long[] lives = new long[1_000];
        for (int i = 0; i < lives.length; i++) {
            lives[i] = policy.ttlNanos(i, "value");
        }
        assertThat(LongStream.of(lives)).allMatch(nanos -> nanos <= MINUTE.toNanos() && nanos >= MINUTE.toNanos() / 2);
        assertThat(LongStream.of(lives).distinct().count()).isGreaterThan(990);
        assertThat(LongStream.of(lives).average().orElseThrow())
                .isBetween(MINUTE.toNanos() * 0.72, MINUTE.toNanos() * 0.78);
    }

    @Test
    void entriesWrittenTogetherExpireApartWithJitter() {
        double[] next = {0};
        TieredCache cache = builder()
                .ttl(TtlPolicy.jittered(TtlPolicy.fixed(MINUTE), 0.5, () -> next[0]))
                .build();
        cache.put("long", 1);
        next[0] = 0.999_999;
        cache.put("short", 1);
        ticker.advance(Duration.ofSeconds(31));
        assertThat(value(cache, "short")).isNull();
        assertThat(value(cache, "long")).isEqualTo(1);
        ticker.advance(Duration.ofSeconds(29));
        assertThat(value(cache, "long")).isNull();
    }

    @Test
    void theMemoryIsBoundedAndCountsWhatItDrops() {
        TieredCache cache = builder().build();
        for (int i = 0; i < 1_000; i++) {
            cache.put(i, i);
        }
        assertThat(cache.memory().size()).isEqualTo(100);
        assertThat(cache.memory().evictions()).isEqualTo(900);
        cache.memory().resize(10);
        cache.put("one more", 1);
        assertThat(cache.memory().size()).isEqualTo(10);
    }

    // ------------------------------------------------------------------------------------------------------ figures

    @Test
    void everyReadIsOneHitOrOneMissWhateverTheOutcome() throws Exception {
        TieredCache cache = builder().build();
        int callers = 8;
        int reads = 5_000;
        AtomicInteger loads = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
            Random random = new Random(caller);
            running.add(threads.submit(() -> {
                for (int i = 0; i < reads; i++) {
                    read(cache, random, loads, failures);
                }
                return null;
            }));
        }
        for (Future<?> future : running) {
            future.get();
        }
        CacheCounters counters = cache.counters();
        assertThat(counters.hits() + counters.misses()).isEqualTo((long) callers * reads);
        assertThat(counters.hits()).isEqualTo(counters.memoryHits());
        assertThat(counters.loads()).isEqualTo(loads.get());
        assertThat(counters.loadFailures()).isEqualTo(failures.get());
        assertThat(counters.puts()).isZero();
        assertThat(counters.stores()).isBetween(1L, counters.loads() - counters.loadFailures());
        assertThat(counters.bypassed() + counters.errors() + counters.negativeHits())
                .isZero();
        assertThat(cache.loadsInProgress())
                .as("nothing is left in the in-flight table")
                .isZero();
    }

    private static void read(TieredCache cache, Random random, AtomicInteger loads, AtomicInteger failures) {
        Object key = random.nextInt(20);
        int kind = random.nextInt(20);
        try {
            if (kind < 6) {
                cache.get(key);
            } else if (kind < 15) {
                cache.get(key, () -> {
                    loads.incrementAndGet();
                    return key;
                });
            } else if (kind < 18) {
                cache.getAsync(key, () -> {
                            loads.incrementAndGet();
                            return CompletableFuture.completedFuture(key);
                        })
                        .join();
            } else {
                cache.get(key, () -> {
                    loads.incrementAndGet();
                    failures.incrementAndGet();
                    throw new IOException();
                });
            }
        } catch (LoadFailedException | java.util.concurrent.CompletionException e) {
            // Its own, or that of the load that it waited for.
        }
        if (random.nextInt(4) == 0) {
            cache.evict(key);
        }
    }

    @Test
    void loadsAreTimedByTheTicker() {
        TieredCache cache = builder().build();
        cache.get("key", () -> {
            ticker.advance(Duration.ofMillis(7));
            return "value";
        });
        assertThat(cache.counters().loadNanos()).isEqualTo(Duration.ofMillis(7).toNanos());
    }

    @Test
    void putIfAbsentCountsOnlyWhereItStored() {
        TieredCache cache = builder().build();
        assertThat(cache.putIfAbsent("key", "first")).isNull();
        CacheEntry present = cache.putIfAbsent("key", "second");
        assertThat(present).isNotNull();
        assertThat(present.value()).isEqualTo("first");
        assertThat(cache.counters().puts()).isEqualTo(1);
        assertThat(cache.counters().stores()).isEqualTo(1);
        assertThat(cache.counters().hits() + cache.counters().misses()).isZero();
    }

    @Test
    void evictAndClearTellWhetherTheyFoundSomething() {
        TieredCache cache = builder().build();
        assertThat(cache.evict("key")).isFalse();
        assertThat(cache.clear()).isFalse();
        cache.put("key", null);
        assertThat(cache.evict("key")).isTrue();
        cache.put("key", "value");
        assertThat(cache.clear()).isTrue();
        assertThat(cache.get("key")).isNull();
    }

    // ---------------------------------------------------------------------------------------------- what callers do

    @Test
    void aWaiterThatCancelsItsFutureHarmsNobodyElse() throws Exception {
        TieredCache cache = builder().build();
        CompletableFuture<Object> loading = new CompletableFuture<>();
        CompletableFuture<Object> leader = cache.getAsync("key", () -> loading);
        CompletableFuture<Object> first = cache.getAsync("key", () -> CompletableFuture.completedFuture("unused"));
        CompletableFuture<Object> second = cache.getAsync("key", () -> CompletableFuture.completedFuture("unused"));
        first.cancel(true);
        loading.complete("value");
        assertThat(leader.get()).isEqualTo("value");
        assertThat(second.get()).isEqualTo("value");
        assertThat(value(cache, "key")).isEqualTo("value");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aWaiterOfAnAbandonedLoadLoadsItself() throws Exception {
        TieredCache cache = builder().build();
        Load[] led = new Load[1];
        assertThat(cache.getOrLead("key", load -> led[0] = load)).isNull();
        led[0].releaseThread();
        Future<Object> waiter = threads.submit(() -> cache.get("key", () -> "own"));
        CompletableFuture<Object> asynchronous = cache.getAsync("key", () -> CompletableFuture.completedFuture("own"));
        led[0].abandon();
        assertThat(waiter.get(20, TimeUnit.SECONDS)).isEqualTo("own");
        assertThat(asynchronous.get(20, TimeUnit.SECONDS)).isEqualTo("own");
        await().untilAsserted(() -> assertThat(cache.loadsInProgress()).isZero());
        assertThat(cache.counters().misses() + cache.counters().hits()).isEqualTo(3);
    }

    @Test
    void putIfAbsentFindsANullThatIsRemembered() {
        TieredCache remembering = TieredCache.named("nulls")
                .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
                .negative(
                        new CaffeineNegativeCache(60_000_000_000L, 10, Set.of(), true, System::nanoTime, Runnable::run))
                .build();
        remembering.put("key", null);
        assertThat(remembering.putIfAbsent("key", "value")).isNotNull();
        assertThat(remembering.get("key").value()).isNull();
    }
}
