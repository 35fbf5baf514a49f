package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads that are their caller's own: what runs in a transaction, for one. */
@Timeout(60)
class OwnLoadTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeTicker ticker = new FakeTicker();
    private final TieredCache cache = TieredCache.named("own")
            .ticker(ticker)
            .memory(new CaffeineMemoryTier(100, ticker, Runnable::run))
            .negative(new CaffeineNegativeCache(60_000_000_000L, 100, Set.of(), true, ticker, Runnable::run))
            .ttl(TtlPolicy.fixed(Duration.ofMinutes(1)))
            .build();

    /** What a transaction has to do when it ends: publish first, abandon second. */
    private final List<Runnable> deferred = new ArrayList<>();

    private final Publication later = (publish, abandon) -> {
        deferred.add(publish);
        deferred.add(abandon);
    };

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private @Nullable Object held() {
        CacheEntry entry = cache.memory().peek("key");
        return entry == null ? null : entry.value();
    }

    private Object own(Callable<Object> loader) {
        return cache.get("key", loader, () -> Publication.AT_ONCE);
    }

    @Test
    void nobodyWaitsForItOrIsAnsweredByIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<Object> own = threads.submit(() -> own(() -> {
            begun.countDown();
            end.await();
            return "uncommitted";
        }));
        begun.await();
        assertThat(cache.get("key", () -> "committed")).isEqualTo("committed");
        assertThat(cache.getAsync("other", () -> CompletableFuture.completedFuture("x"))
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo("x");
        end.countDown();
        assertThat(own.get()).isEqualTo("uncommitted");
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void itWaitsForNobody() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<Object> shared = threads.submit(() -> cache.get("key", () -> {
            begun.countDown();
            end.await();
            return "theirs";
        }));
        begun.await();
        assertThat(own(() -> "mine")).isEqualTo("mine");
        assertThat(cache.getAsync("key", () -> CompletableFuture.completedFuture("mine too"), () -> Publication.AT_ONCE)
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo("mine");
        end.countDown();
        assertThat(shared.get()).isEqualTo("theirs");
    }

    @Test
    void whoWaitsForTheOthersLoadIsAnsweredByThatOne() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<Object> shared = threads.submit(() -> cache.get("key", () -> {
            begun.countDown();
            end.await();
            return "theirs";
        }));
        begun.await();
        CompletableFuture<Object> waiter =
                cache.getAsync("key", () -> CompletableFuture.completedFuture("loaded by who waits"));
        assertThat(own(() -> "mine")).isEqualTo("mine");
        assertThat(waiter).isNotDone();
        end.countDown();
        assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo("theirs");
        assertThat(shared.get()).isEqualTo("theirs");
        assertThat(held()).as("the load that began later").isEqualTo("mine");
    }

    @Test
    void itsFailureIsRememberedForNobody() {
        assertThatThrownBy(() -> own(() -> {
                    throw new IllegalArgumentException("deleted, not committed");
                }))
                .hasRootCauseMessage("deleted, not committed");
        assertThat(cache.get("key", () -> "there")).isEqualTo("there");
        assertThatThrownBy(() -> cache.getAsync(
                                "other",
                                () -> CompletableFuture.failedFuture(new IllegalArgumentException("deleted")),
                                () -> Publication.AT_ONCE)
                        .get(10, TimeUnit.SECONDS))
                .hasRootCauseMessage("deleted");
        assertThat(cache.get("other", () -> "there")).isEqualTo("there");
    }

    @Test
    void itsResultIsCachedAsItReturns() {
        own(() -> "mine");
        assertThat(held()).isEqualTo("mine");
    }

    @Test
    void aDeferredResultIsHeldWhenOthersMaySeeItAndNotBefore() {
        assertThat(cache.get("key", () -> "mine", () -> later)).isEqualTo("mine");
        assertThat(held()).isNull();
        deferred.get(0).run();
        assertThat(held()).isEqualTo("mine");
        assertThat(cache.loadsInProgress()).isZero();
        assertThat(cache.counters().loads()).isEqualTo(1);
    }

    @Test
    void aDeferredResultThatIsAbandonedLeavesNothing() {
        cache.get("key", () -> "mine", () -> later);
        deferred.get(1).run();
        assertThat(held()).isNull();
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aDeferredResultDoesNotBeatWhatHasHappenedSince() {
        for (Runnable change : List.<Runnable>of(
                () -> cache.evict("key"),
                cache::clear,
                () -> cache.put("key", "newer"),
                () -> cache.get("key", () -> "newer"))) {
            deferred.clear();
            cache.clear();
            cache.get("key", () -> "older", () -> later);
            change.run();
            deferred.get(0).run();
            assertThat(held()).isNotEqualTo("older");
        }
    }

    @Test
    void aCallOfTheSameKeyInsideItIsNoOtherCaller() {
        assertThatThrownBy(() -> own(() -> own(() -> "inner"))).hasCauseInstanceOf(ReentrantLoadException.class);
        assertThat(cache.loadsInProgress()).isZero();
    }

    // ------------------------------------------------------------------------------------------------- across JVMs

    /** With {@code redis.single-flight} a load waits for that of another JVM; not these two. */
    @Test
    void neitherAnOwnLoadNorASecondOneBesideWaitsForTheTurnAcrossJvms() throws Exception {
        List<Object> askedFor = new CopyOnWriteArrayList<>();
        LoadLeases never = key -> {
            askedFor.add(key);
            return askedFor.size() > 1
                    ? new CompletableFuture<>()
                    : CompletableFuture.completedFuture(LoadLeases.Lease.FREE);
        };
        TieredCache shared = TieredCache.named("shared")
                .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
                .remote(new NothingThere())
                .leases(never)
                .loadTimeoutNanos(Duration.ofMillis(200).toNanos())
                .build();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<Object> first = threads.submit(() -> shared.get("key", () -> {
            begun.countDown();
            end.await();
            return "slow";
        }));
        begun.await();
        assertThat(shared.get("key", () -> "mine", () -> Publication.AT_ONCE)).isEqualTo("mine");
        shared.evict("key");
        Future<Object> third = threads.submit(() -> shared.get("other", () -> "never its turn"));
        await().until(() -> askedFor.size() == 2);
        assertThat(shared.get("other", () -> "beside")).isEqualTo("beside");
        end.countDown();
        assertThat(first.get()).isEqualTo("slow");
        assertThat(third).isNotDone();
        assertThat(askedFor).containsExactly("key", "other");
    }

    /** A remote tier that holds nothing. */
    private static final class NothingThere implements RemoteTier {

        private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
            return () -> DONE;
        }

        @Override
        public CompletableFuture<?> remove(Object key) {
            return DONE;
        }

        @Override
        public CompletableFuture<?> clear() {
            return DONE;
        }
    }

    // ------------------------------------------------------------------------------- loads that nobody will ever end

    @Test
    void aFutureThatIsDroppedLeavesNothing() {
        for (int i = 0; i < 100; i++) {
            cache.getAsync(i, CompletableFuture::new);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return cache.loadsInProgress() == 0;
        });
    }

    @Test
    void aFutureThatIsKeptAndEndsLateIsCached() {
        CompletableFuture<Object> kept = new CompletableFuture<>();
        cache.getAsync("key", () -> kept);
        System.gc();
        assertThat(cache.loadsInProgress()).isEqualTo(1);
        kept.complete("late");
        assertThat(held()).isEqualTo("late");
    }

    @Test
    void aFutureThatNeverEndsDoesNotKeepItsKeyFromBeingLoadedForGood() {
        TieredCache impatient = TieredCache.named("impatient")
                .ticker(ticker)
                .memory(new CaffeineMemoryTier(100, ticker, Runnable::run))
                .loadTimeoutNanos(Duration.ofMillis(20).toNanos())
                .build();
        List<CompletableFuture<Object>> kept = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            impatient.getAsync("key", () -> {
                CompletableFuture<Object> never = new CompletableFuture<>();
                kept.add(never);
                return never;
            });
        }
        await().until(() -> kept.size() == 2); // the second began beside the first, in vain
        ticker.advance(Duration.ofSeconds(1));
        assertThat(impatient.get("key", () -> "loaded")).isEqualTo("loaded");
    }

    // ------------------------------------------------------------------------------------------------------- threads

    /** What callers do with an answer that is late must not hold up every timeout of the JVM. */
    @Test
    void whoHasWaitedTooLongIsNotToldOnTheThreadOfTheTimer() throws Exception {
        TieredCache impatient = TieredCache.named("impatient")
                .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
                .loadTimeoutNanos(Duration.ofMillis(20).toNanos())
                .build();
        CompletableFuture<Object> never = new CompletableFuture<>();
        impatient.getAsync("key", () -> never);
        CompletableFuture<String> loads = new CompletableFuture<>();
        CompletableFuture<Object> second = impatient.getAsync("key", () -> {
            loads.complete(Thread.currentThread().getName());
            return never;
        });
        assertThat(loads.get(10, TimeUnit.SECONDS)).doesNotContain("Delay");
        CompletableFuture<String> told = new CompletableFuture<>();
        // Two may load, if the machine has been slow; the third of a moment waits.
        await().until(() -> {
            for (int caller = 0; caller < 3; caller++) {
                impatient
                        .getAsync("key", () -> never)
                        .whenComplete((value, failure) ->
                                told.complete(Thread.currentThread().getName()));
            }
            return told.isDone();
        });
        assertThat(told.get(10, TimeUnit.SECONDS)).doesNotContain("Delay");
        assertThat(second).isNotDone();
    }

    /** Both of those who have waited too long, and of those who look again as a load has ended without a result. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoHasWaitedGoesOnOnTheThreadsThatAreMeantForIt(boolean rejected) throws Exception {
        Executor waiters = task -> {
            if (rejected) {
                throw new RejectedExecutionException();
            }
            new Thread(task, "waiter").start();
        };
        TieredCache impatient = TieredCache.named("impatient")
                .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
                .background(new Background(
                        task -> {
                            throw new AssertionError("no load of the background's");
                        },
                        waiters,
                        Background.Timer.JDK,
                        null))
                .loadTimeoutNanos(Duration.ofMillis(200).toNanos())
                .build();
        String expected = rejected ? "ForkJoinPool" : "waiter";
        CompletableFuture<Object> never = new CompletableFuture<>();
        impatient.getAsync("late", () -> never);
        CompletableFuture<String> late = new CompletableFuture<>();
        impatient.getAsync("late", () -> {
            late.complete(Thread.currentThread().getName());
            return never;
        });
        assertThat(late.get(10, TimeUnit.SECONDS)).startsWith(expected);

        CompletableFuture<Object> vain = new CompletableFuture<>();
        impatient.getAsync("vain", () -> vain);
        CompletableFuture<String> again = new CompletableFuture<>();
        impatient.getAsync("vain", () -> {
            again.complete(Thread.currentThread().getName());
            return never;
        });
        vain.cancel(true);
        assertThat(again.get(10, TimeUnit.SECONDS)).startsWith(expected);
    }

    /**
     * A pool may make a thread that waits run another task, which waits in its turn: a wait for what that thread loads
     * must still see what it waited for before.
     */
    @Test
    void waitsForEachOtherAreSeenThroughWaitsThatHaveBegunBetween() throws Exception {
        Flight mine = flight("mine");
        Flight theirs = flight("theirs");
        Flight third = flight("third");
        third.setOwner(null);
        CompletableFuture<@Nullable Answer> ofThird = new CompletableFuture<>();
        Waiting inner = new Waiting(List.of(third), ofThird);
        CountDownLatch inside = new CountDownLatch(1);
        CompletableFuture<@Nullable Answer> helping = new CompletableFuture<>() {
            @Override
            public @Nullable Answer get(long timeout, TimeUnit unit) {
                inside.countDown();
                inner.await(Duration.ofSeconds(20).toNanos());
                return null;
            }
        };
        Thread other = new Thread(() -> new Waiting(List.of(mine), helping).await(1));
        theirs.setOwner(other);
        other.start();
        inside.await();
        await().until(() -> other.getState() == Thread.State.TIMED_WAITING);
        assertThat(new Waiting(List.of(theirs), new CompletableFuture<>())
                        .await(Duration.ofSeconds(20).toNanos())
                        .isInVain())
                .isTrue();
        ofThird.complete(null);
        other.join();
    }

    private static Flight flight(String key) {
        return new Flight(key, Flight.Purpose.REQUEST, 0, LoadGate.Kind.CALLER);
    }
}
