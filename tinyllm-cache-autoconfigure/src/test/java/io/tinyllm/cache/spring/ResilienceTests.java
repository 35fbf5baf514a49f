package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.StoredForm;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.TagPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cache.Cache;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.interceptor.LoggingCacheErrorHandler;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a cache refuses, remembers and forgives, for every style of cacheable method. */
class ResilienceTests {

    private static final Duration TTL = Duration.ofMinutes(10);

    private CachingContext context;
    private Model model;

    @AfterEach
    void stop() {
        context.close();
    }

    private void start(Consumer<CacheSettings> settings) {
        start(settings, Extensions.NONE, Runnable::run);
    }

    private void start(
            Consumer<CacheSettings> settings,
            Extensions extensions,
            java.util.concurrent.Executor background,
            Class<?>... more) {
        Class<?>[] beans =
                Stream.concat(Stream.of(Model.class), Stream.of(more)).toArray(Class[]::new);
        context = new CachingContext(
                defaults -> {
                    defaults.setTimeToLive(TTL);
                    settings.accept(defaults);
                },
                extensions,
                background,
                beans);
        model = context.bean(Model.class);
    }

    private CacheCounters counters() {
        return context.tiered("answers").counters();
    }

    /** The ways to write a cacheable method. */
    enum Style {
        PLAIN(Model::plain),
        SYNC(Model::sync),
        OPTIONAL((model, key) -> model.optional(key).orElse(null)),
        FUTURE((model, key) -> get(model.future(key))),
        SYNC_FUTURE((model, key) -> get(model.syncFuture(key))),
        MONO((model, key) -> model.mono(key).block()),
        SYNC_MONO((model, key) -> model.syncMono(key).block()),
        FLUX((model, key) -> model.flux(key).blockLast());

        private final Call call;

        Style(Call call) {
            this.call = call;
        }

        @Nullable
        String ask(Model model, String key) throws Exception {
            try {
                return call.ask(model, key);
            } catch (RuntimeException e) {
                // Reactor's block() wraps checked exceptions.
                throw e.getCause() instanceof IOException checked ? checked : e;
            }
        }

        private static <T> T get(CompletableFuture<T> future) throws Exception {
            try {
                return future.join();
            } catch (CompletionException e) {
                throw (Exception) e.getCause();
            }
        }

        interface Call {
            @Nullable
            String ask(Model model, String key) throws Exception;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureIsRememberedForItsOwnTime(Style style) throws Exception {
        start(settings -> settings.getNegative().setEnabled(true));
        model.fail(new IOException("down"));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> style.ask(model, "a"))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("down");
        }
        assertThat(model.calls()).isEqualTo(1);
        assertThat(counters().negativeHits()).isEqualTo(2);
        assertThat(counters().hits()).isEqualTo(2);
        assertThat(counters().loadFailures()).isEqualTo(1);

        model.recover();
        context.pass(Duration.ofMinutes(5).plusNanos(1));
        assertThat(style.ask(model, "a")).isEqualTo("a2");
        assertThat(style.ask(model, "a")).isEqualTo("a2");
    }

    @ParameterizedTest
    @EnumSource
    void aRememberedFailureIsNotHiddenByALoggingErrorHandler(Style style) {
        start(settings -> settings.getNegative().setEnabled(true), Extensions.NONE, Runnable::run, LoggingErrors.class);
        model.fail(new IOException("down"));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> style.ask(model, "a")).isExactlyInstanceOf(IOException.class);
        }
        assertThat(model.calls()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "SYNC", "OPTIONAL", "FUTURE", "MONO"})
    void anAbsenceIsRememberedForItsOwnTime(Style style) throws Exception {
        start(settings -> settings.getNegative().setEnabled(true));
        model.answerNothing();
        assertThat(style.ask(model, "a")).isNull();
        assertThat(style.ask(model, "a")).isNull();
        assertThat(model.calls()).isEqualTo(1);
        assertThat(context.tiered("answers").memory().size()).isZero();
        context.pass(Duration.ofMinutes(5).plusNanos(1));
        assertThat(style.ask(model, "a")).isNull();
        assertThat(model.calls()).isEqualTo(2);
    }

    @Test
    void anAbsenceIsNotCachedAtAllWhereThatIsUnwanted() throws Exception {
        start(settings -> {
            settings.getNegative().setEnabled(true);
            settings.getNegative().setCacheNull(false);
        });
        model.answerNothing();
        assertThat(model.plain("a")).isNull();
        assertThat(model.plain("a")).isNull();
        assertThat(model.calls()).isEqualTo(2);
    }

    @Test
    void onlyTheExceptionsAskedForAreRemembered() throws Exception {
        start(settings -> {
            settings.getNegative().setEnabled(true);
            settings.getNegative().setExceptions(List.of(IOException.class.getName()));
        });
        model.fail(new FileNotFoundException("a subclass"));
        assertThatThrownBy(() -> model.plain("a")).isExactlyInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> model.plain("a")).isExactlyInstanceOf(FileNotFoundException.class);
        assertThat(model.calls()).isEqualTo(1);
        model.fail(new IllegalStateException("another"));
        assertThatThrownBy(() -> model.plain("b")).isExactlyInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> model.plain("b")).isExactlyInstanceOf(IllegalStateException.class);
        assertThat(model.calls()).isEqualTo(3);
    }

    @Test
    void errorsInterruptionsAndCancellationsAreNeverRemembered() {
        start(settings -> settings.getNegative().setEnabled(true));
        List<Throwable> never = List.of(
                new StackOverflowError(), new InterruptedException("stop"), new CancellationException("cancelled"));
        for (Throwable failure : never) {
            int before = model.calls();
            model.fail(failure);
            assertThatThrownBy(() -> model.plain("a")).isSameAs(failure);
            assertThatThrownBy(() -> model.plain("a")).isSameAs(failure);
            assertThat(model.calls()).isEqualTo(before + 2);
        }
    }

    @Test
    void aPutOrAnEvictForgetsWhatWasRemembered() throws Exception {
        start(settings -> settings.getNegative().setEnabled(true));
        model.fail(new IOException("down"));
        assertThatThrownBy(() -> model.plain("a")).isInstanceOf(IOException.class);
        context.cache("answers").put("a", "put");
        assertThat(model.plain("a")).isEqualTo("put");
        context.cache("answers").evict("a");
        assertThatThrownBy(() -> model.plain("a")).isInstanceOf(IOException.class);
        model.recover();
        context.cache("answers").evict("a");
        assertThat(model.plain("a")).isEqualTo("a3");
    }

    @Test
    void aLateFailureDoesNotOverwriteANewerPut() throws Exception {
        start(settings -> settings.getNegative().setEnabled(true));
        model.fail(new IOException("down"));
        model.during(() -> context.cache("answers").put("a", "newer"));
        assertThatThrownBy(() -> model.plain("a")).isInstanceOf(IOException.class);
        assertThat(model.plain("a")).isEqualTo("newer");
    }

    @Test
    void tenThousandCallersOfAFailingKeyMakeOneCallATtl() throws Exception {
        start(settings -> settings.getNegative().setEnabled(true));
        model.fail(new IOException("down"));
        for (int round = 1; round <= 3; round++) {
            AtomicInteger failures = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            ExecutorService callers = Executors.newFixedThreadPool(50);
            try {
                List<Future<?>> futures = Stream.<Callable<Object>>generate(() -> () -> {
                            start.await();
                            try {
                                return model.plain("a");
                            } catch (IOException e) {
                                return failures.incrementAndGet();
                            }
                        })
                        .limit(10_000)
                        .<Future<?>>map(callers::submit)
                        .toList();
                start.countDown();
                for (Future<?> future : futures) {
                    future.get(60, TimeUnit.SECONDS);
                }
            } finally {
                callers.shutdownNow();
            }
            assertThat(failures).hasValue(10_000);
            assertThat(model.calls()).isEqualTo(round);
            context.pass(Duration.ofMinutes(5).plusNanos(1));
        }
    }

    @Test
    void aFloodOfAbsentKeysEvictsNothingOfTheHotSet() {
        start(settings -> {
            settings.getNegative().setEnabled(true);
            settings.getMemory().setMaximumSize(1000);
        });
        for (int i = 0; i < 500; i++) {
            model.plainOf("hot" + i);
        }
        model.answerNothing();
        for (int i = 0; i < 1_000_000; i++) {
            context.cache("answers").get("absent" + i, () -> null);
        }
        for (int i = 0; i < 500; i++) {
            assertThat(context.cache("answers").get("hot" + i)).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStaleValueStandsInForAFailure(Style style) throws Exception {
        start(settings -> settings.setStaleIfError(Duration.ofHours(1)));
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        model.fail(new IOException("down"));
        context.pass(TTL.plusNanos(1));
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(model.calls()).isEqualTo(2);
        assertThat(counters().staleHits()).isEqualTo(1);
        assertThat(counters().hits() + counters().misses()).isEqualTo(2);
        model.recover();
        assertThat(style.ask(model, "a")).isEqualTo("a3");
        model.fail(new IOException("down"));
        context.pass(TTL.plusHours(1).plusNanos(1));
        assertThatThrownBy(() -> style.ask(model, "a")).isExactlyInstanceOf(IOException.class);
    }

    @Test
    void aStaleValueComesBeforeARememberedFailure() throws Exception {
        start(settings -> {
            settings.getNegative().setEnabled(true);
            settings.setStaleIfError(Duration.ofHours(1));
        });
        assertThat(model.plain("a")).isEqualTo("a1");
        model.fail(new IOException("down"));
        context.pass(TTL.plusNanos(1));
        assertThat(model.plain("a")).isEqualTo("a1");
        assertThat(model.plain("a")).isEqualTo("a1");
    }

    @Test
    void anErrorIsNotCoveredUpByAStaleValue() throws Exception {
        start(settings -> settings.setStaleIfError(Duration.ofHours(1)));
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        model.fail(new OutOfMemoryError("pretended"));
        assertThatThrownBy(() -> model.plain("a")).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anEvictedValueNeverStandsIn() throws Exception {
        start(settings -> settings.setStaleIfError(Duration.ofHours(1)));
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        context.cache("answers").evict("a");
        model.fail(new IOException("down"));
        assertThatThrownBy(() -> model.plain("a")).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void anExpiredValueIsServedWhileOneLoadReplacesIt(Style style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(settings -> settings.setStaleWhileRevalidate(Duration.ofMinutes(1)), Extensions.NONE, background::add);
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        context.pass(TTL.plusNanos(1));
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(background).hasSize(1);
        background.remove().run();
        assertThat(style.ask(model, "a")).isEqualTo("a2");
        assertThat(model.calls()).isEqualTo(2);
        assertThat(counters().staleHits()).isEqualTo(2);
        assertThat(counters().misses()).isEqualTo(1);
        assertThat(context.tiered("answers").loadsInProgress()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aPatientCallerGetsTheFreshValueWhereItComesInTime(Style style) throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try {
            start(patient(Duration.ofHours(1)), Extensions.NONE, background);
            assertThat(style.ask(model, "a")).isEqualTo("a1");
            context.pass(TTL.plusNanos(1));
            assertThat(style.ask(model, "a")).isEqualTo("a2");
            assertThat(model.calls()).isEqualTo(2);
            assertThat(counters().staleHits()).isZero();
            assertThat(counters().misses() + counters().hits()).isEqualTo(2);
        } finally {
            background.shutdown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPatientCallerIsServedTheExpiredValueWhereItsRefreshIsLate(Style style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(patient(Duration.ofMillis(1)), Extensions.NONE, background::add);
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        context.pass(TTL.plusNanos(1));
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(counters().staleHits()).isEqualTo(1);
        assertThat(background).hasSize(1);
        background.remove().run();
        assertThat(style.ask(model, "a")).isEqualTo("a2");
        assertThat(model.calls()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aPatientCallerIsServedTheExpiredValueAtOnceWhereItsRefreshFails(Style style) throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try {
            start(patient(Duration.ofHours(1)), Extensions.NONE, background);
            style.ask(model, "a");
            context.pass(TTL.plusNanos(1));
            model.fail(new IOException("down"));
            for (int i = 0; i < 10; i++) {
                assertThat(style.ask(model, "a")).isEqualTo("a1");
            }
            assertThat(model.calls()).isEqualTo(2);
            assertThat(counters().staleHits()).isEqualTo(10);
        } finally {
            background.shutdown();
        }
    }

    @Test
    void patientCallersOfFuturesWaitWithoutAThread() throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(patient(Duration.ofHours(1)), Extensions.NONE, background::add);
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        List<CompletableFuture<String>> waiting = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            waiting.add(model.future("a"));
        }
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        assertThat(background).hasSize(1);
        background.remove().run();
        for (CompletableFuture<String> answer : waiting) {
            assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("a2");
        }
    }

    @Test
    void lateAnswersOfPatientCallersDoNotRunOnTheTimerOfTheJdk() throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(patient(Duration.ofMillis(50)), Extensions.NONE, background::add);
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        CompletableFuture<String> thread =
                model.future("a").thenApply(value -> Thread.currentThread().getName());
        assertThat(thread.get(10, TimeUnit.SECONDS)).doesNotContain("DelayScheduler");
    }

    @Test
    void aRefreshThatAsksForItsOwnKeyIsServedTheExpiredValueAtOnce() throws Exception {
        start(patient(Duration.ofHours(1)));
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        List<Object> inside = new ArrayList<>();
        model.during(() -> inside.add(context.cache("answers").get("a").get()));
        assertThat(model.plain("a")).isEqualTo("a2");
        assertThat(inside).containsExactly("a1");
    }

    @Test
    void aPatientCallerThatIsInterruptedIsServedTheExpiredValue() throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(patient(Duration.ofHours(1)), Extensions.NONE, background::add);
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        Thread.currentThread().interrupt();
        try {
            assertThat(model.plain("a")).isEqualTo("a1");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static Consumer<CacheSettings> patient(Duration wait) {
        return settings -> {
            settings.setStaleWhileRevalidate(Duration.ofMinutes(1));
            settings.setStaleWhileRevalidateWait(wait);
        };
    }

    @ParameterizedTest
    @EnumSource
    void aReadPastTheRefreshPointStartsOneBackgroundLoad(Style style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(settings -> settings.setRefreshAhead(0.5), Extensions.NONE, background::add);
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        context.pass(TTL.dividedBy(2).minusNanos(1));
        style.ask(model, "a");
        assertThat(background).isEmpty();
        context.pass(Duration.ofNanos(1));
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(style.ask(model, "a")).isEqualTo("a1");
        assertThat(background).hasSize(1);
        background.remove().run();
        assertThat(style.ask(model, "a")).isEqualTo("a2");
        assertThat(counters().staleHits()).isZero();
        assertThat(counters().puts()).isZero();
        assertThat(context.tiered("answers").loadsInProgress()).isZero();
    }

    static List<Throwable> failures() {
        return List.of(new IOException("down"), new NoClassDefFoundError("down"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aRefreshThatFailsKeepsTheValueAndIsNotTriedAtEveryRead(Throwable failure) throws Exception {
        start(settings -> {
            settings.setRefreshAhead(0.5);
            settings.getNegative().setEnabled(true);
        });
        model.plain("a");
        context.pass(TTL.dividedBy(2));
        model.fail(failure);
        assertThat(model.plain("a")).isEqualTo("a1");
        assertThat(model.plain("a")).isEqualTo("a1");
        assertThat(model.calls()).isEqualTo(2);
        context.pass(Duration.ofSeconds(1));
        assertThat(model.plain("a")).isEqualTo("a1");
        assertThat(model.calls()).isEqualTo(3);
        model.recover();
        context.pass(Duration.ofSeconds(1));
        model.plain("a");
        assertThat(model.plain("a")).isEqualTo("a4");
    }

    @Test
    void aFailingBackendIsAskedOnceASecondWhileStaleValuesAreServed() throws Exception {
        start(settings -> settings.setStaleWhileRevalidate(Duration.ofMinutes(1)));
        model.plain("a");
        context.pass(TTL.plusNanos(1));
        model.fail(new IOException("down"));
        for (int i = 0; i < 10; i++) {
            assertThat(model.plain("a")).isEqualTo("a1");
        }
        assertThat(model.calls()).isEqualTo(2);
    }

    @Test
    void whatRefusesABackgroundLoadCostsNoReader() throws Exception {
        start(settings -> settings.setRefreshAhead(0.5), Extensions.NONE, task -> {
            throw new IllegalStateException("no request");
        });
        model.plain("a");
        context.pass(TTL.dividedBy(2));
        assertThat(model.plain("a")).isEqualTo("a1");
        assertThat(context.tiered("answers").loadsInProgress()).isZero();
        assertThat(counters().errors()).isPositive();
    }

    @Test
    void aCallerThatGaveUpIsNotMadeToLoad() {
        start(settings -> {});
        Cache cache = context.cache("answers");
        CompletableFuture<String> loading = new CompletableFuture<>();
        CompletableFuture<String> first = cache.retrieve("a", () -> loading);
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Object> second = context.tiered("answers").getAsync("a", () -> {
            calls.incrementAndGet();
            return CompletableFuture.completedFuture("late");
        });
        second.cancel(false);
        loading.completeExceptionally(new IllegalStateException("down"));
        assertThat(first).isCompletedExceptionally();
        assertThat(calls).hasValue(0);
        assertThat(context.tiered("answers").loadsInProgress()).isZero();
    }

    @Test
    void aRefreshOfAnEvictedEntryIsDropped() throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        start(settings -> settings.setRefreshAhead(0.5), Extensions.NONE, background::add);
        model.plain("a");
        context.pass(TTL.dividedBy(2));
        model.plain("a");
        context.cache("answers").evict("a");
        background.remove().run();
        assertThat(context.cache("answers").get("a")).isNull();
    }

    @Test
    void aRefreshedValueThatUnlessRejectsIsNotStored() {
        start(settings -> settings.setRefreshAhead(0.5));
        model.unless("a");
        context.pass(TTL.dividedBy(2));
        model.reject();
        assertThat(model.unless("a")).isEqualTo("a1");
        assertThat(model.calls()).isEqualTo(2);
        assertThat(model.unless("a")).isEqualTo("a1");
        assertThat(context.tiered("answers").loadsInProgress()).isZero();
    }

    @Test
    void refreshWorksForProgrammaticLoaders() {
        start(settings -> settings.setRefreshAhead(0.5));
        AtomicInteger loads = new AtomicInteger();
        Callable<Integer> loader = loads::incrementAndGet;
        context.cache("answers").get("a", loader);
        context.pass(TTL.dividedBy(2));
        assertThat(context.cache("answers").get("a", loader)).isEqualTo(1);
        assertThat(context.cache("answers").get("a", loader)).isEqualTo(2);
    }

    @Test
    void aCacheLoaderTakesThePlaceOfInvokingTheMethodAgain() throws Exception {
        CacheLoader<String, String> loader = new CacheLoader<>() {

            @Override
            public Set<String> cacheNames() {
                return Set.of("answers");
            }

            @Override
            public String load(String key) {
                return "loaded " + key;
            }
        };
        start(
                settings -> settings.setRefreshAhead(0.5),
                new Extensions(
                        List.of(),
                        Map.of(),
                        List.of(loader),
                        SharedTiers.NONE,
                        StoreWriters.none(),
                        List.of(),
                        TagPolicy.Factory.none(),
                        CacheObserver.none(),
                        List.of(),
                        name -> LoadGate.none()),
                Runnable::run);
        model.plain("a");
        context.pass(TTL.dividedBy(2));
        // A lookup without a loader can start it, too.
        assertThat(context.cache("answers").get("a").get()).isEqualTo("a1");
        assertThat(model.plain("a")).isEqualTo("loaded a");
        assertThat(model.calls()).isEqualTo(1);
    }

    @Test
    void noCallerWaitsForAHotKeyThatIsRefreshedAhead() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        ExecutorService background = Executors.newSingleThreadExecutor();
        try {
            start(settings -> settings.setRefreshAhead(0.5), Extensions.NONE, background);
            model.plain("a");
            context.pass(TTL.dividedBy(2));
            model.during(() -> {
                slow.await();
                return null;
            });
            for (int i = 0; i < 1000; i++) {
                assertThat(model.plain("a")).isEqualTo("a1");
            }
            slow.countDown();
        } finally {
            background.shutdown();
            assertThat(background.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(model.plain("a")).isEqualTo("a2");
    }

    @Test
    void bypassedKeysStayAwayOnEveryPath() throws Exception {
        start(settings -> settings.getBypass().setKeyPatterns(List.of("tmp-*", "?x")));
        for (Style style : Style.values()) {
            int before = model.calls();
            style.ask(model, "tmp-1");
            style.ask(model, "tmp-1");
            assertThat(model.calls()).as(style.name()).isEqualTo(before + 2);
        }
        context.cache("answers").put("ax", "value");
        assertThat(context.cache("answers").get("ax")).isNull();
        assertThat(context.cache("answers").putIfAbsent("ax", "value")).isNull();
        assertThat(context.cache("answers").get("ax")).isNull();
        assertThat(context.tiered("answers").memory().size()).isZero();
        assertThat(counters().bypassed()).isEqualTo(2L * Style.values().length + 2);
        assertThat(counters().misses()).isZero();
    }

    @Test
    void aValueTooLargeIsReturnedAndRemovesTheOlderOne() {
        start(settings -> settings.getBypass().setMaximumValueSize(DataSize.ofBytes(10)));
        context.cache("answers").put("a", "short");
        context.cache("answers").put("a", "a very long value");
        assertThat(context.cache("answers").get("a")).isNull();
        assertThat(context.cache("answers").get("a", () -> "another long value"))
                .isEqualTo("another long value");
        assertThat(context.cache("answers").get("a")).isNull();
        assertThat(context.cache("answers").get("a", () -> new ArrayList<>(List.of(1, 2, 3))))
                .hasSize(3);
        assertThat(context.cache("answers").get("a")).isNotNull();
        // Ten characters of three bytes each.
        context.cache("answers").put("a", "\u20ac".repeat(10));
        assertThat(context.cache("answers").get("a")).isNull();
    }

    @Test
    void aValueIsMeasuredByTheStoredFormOfItsBeanAndOneWithoutAnyIsKept() {
        StoredForm<Thread> form = new StoredForm<>() {

            @Override
            public Class<Thread> type() {
                return Thread.class;
            }

            @Override
            public Object write(Thread value) {
                return value.getName();
            }

            @Override
            public Thread read(Object form) {
                return new Thread((String) form);
            }
        };
        start(
                settings -> settings.getBypass().setMaximumValueSize(DataSize.ofBytes(100)),
                new Extensions(
                        List.of(),
                        Map.of(),
                        List.of(),
                        SharedTiers.NONE,
                        StoreWriters.none(),
                        List.of(),
                        TagPolicy.Factory.none(),
                        CacheObserver.none(),
                        List.of(form),
                        name -> LoadGate.none()),
                Runnable::run);
        context.cache("answers").put("short", new Thread("short"));
        context.cache("answers").put("long", new Thread("long".repeat(100)));
        context.cache("answers").put("none", new ReentrantLock());
        assertThat(context.cache("answers").get("short")).isNotNull();
        assertThat(context.cache("answers").get("long")).isNull();
        assertThat(context.cache("answers").get("none")).isNotNull();
        assertThat(counters().errors()).isZero();
    }

    @Test
    void rulesOfTheApplicationAreAskedAndOneThatThrowsBypassesAndIsCounted() {
        BypassRule secret = (cache, key, value) -> "secret".equals(value);
        BypassRule broken = (cache, key, value) -> {
            if (key.equals("broken")) {
                throw new IllegalStateException("broken");
            }
            return false;
        };
        start(
                settings -> {},
                new Extensions(
                        List.of(secret, broken),
                        Map.of(),
                        List.of(),
                        SharedTiers.NONE,
                        StoreWriters.none(),
                        List.of(),
                        TagPolicy.Factory.none(),
                        CacheObserver.none(),
                        List.of(),
                        name -> LoadGate.none()),
                Runnable::run);
        context.cache("answers").put("a", "open");
        context.cache("answers").put("a", "secret");
        assertThat(context.cache("answers").get("a")).isNull();
        context.cache("answers").put("broken", "value");
        assertThat(context.cache("answers").get("broken")).isNull();
        assertThat(counters().errors()).isEqualTo(2);
    }

    @Configuration(proxyBeanMethods = false)
    static class LoggingErrors implements CachingConfigurer {

        @Override
        public CacheErrorHandler errorHandler() {
            return new LoggingCacheErrorHandler();
        }
    }

    /** A model whose mood the test sets. */
    public static class Model {

        private final AtomicInteger calls = new AtomicInteger();
        private volatile @Nullable Throwable failure;
        private volatile @Nullable Callable<?> during;
        private volatile boolean nothing;
        private volatile boolean rejected;

        int calls() {
            return calls.get();
        }

        void fail(Throwable failure) {
            this.failure = failure;
        }

        void recover() {
            this.failure = null;
        }

        void answerNothing() {
            this.nothing = true;
        }

        void during(Runnable action) {
            during(() -> {
                action.run();
                return null;
            });
        }

        void during(Callable<?> action) {
            this.during = action;
        }

        void reject() {
            this.rejected = true;
        }

        public boolean isRejected() {
            return rejected;
        }

        private @Nullable String answer(String key) {
            int call = calls.incrementAndGet();
            try {
                Callable<?> action = during;
                if (action != null) {
                    action.call();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            Throwable thrown = failure;
            if (thrown != null) {
                throw Sneaky.rethrow(thrown);
            }
            return nothing ? null : key + call;
        }

        @Cacheable("answers")
        public @Nullable String plain(String key) throws IOException, InterruptedException {
            return answer(key);
        }

        @Cacheable("answers")
        public @Nullable String plainOf(String key) {
            return answer(key);
        }

        @Cacheable(cacheNames = "answers", sync = true)
        public @Nullable String sync(String key) throws IOException {
            return answer(key);
        }

        @Cacheable("answers")
        public Optional<String> optional(String key) throws IOException {
            return Optional.ofNullable(answer(key));
        }

        @Cacheable("answers")
        public CompletableFuture<@Nullable String> future(String key) {
            return CompletableFuture.completedFuture(key).thenApply(this::answer);
        }

        @Cacheable(cacheNames = "answers", sync = true)
        public CompletableFuture<@Nullable String> syncFuture(String key) {
            return CompletableFuture.completedFuture(key).thenApply(this::answer);
        }

        @Cacheable("answers")
        public Mono<String> mono(String key) {
            return Mono.fromCallable(() -> answer(key));
        }

        @Cacheable(cacheNames = "answers", sync = true)
        public Mono<String> syncMono(String key) {
            return Mono.fromCallable(() -> answer(key));
        }

        @Cacheable("answers")
        public Flux<String> flux(String key) {
            return Mono.fromCallable(() -> answer(key)).flux();
        }

        @Cacheable(cacheNames = "answers", unless = "#root.target.rejected")
        public String unless(String key) {
            return answer(key);
        }
    }
}
