package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextSnapshotFactory;
import io.tinyllm.cache.CacheSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.Caching;
import org.springframework.context.annotation.Lazy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** Cached publishers: what happens at which time, in whose context, and inside of each other. */
@Timeout(60)
class ReactiveCallTests {

    private static final Duration SOON = Duration.ofSeconds(10);

    private CachingContext context;
    private Users users;

    private void start(Consumer<CacheSettings> settings) {
        context = new CachingContext(settings, Users.class);
        users = context.bean(Users.class);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Test
    void monosThatNobodySubscribesToLeakNothing() {
        start(settings -> {});
        for (int i = 0; i < 10_000; i++) {
            // The alternative is assembled on every call and subscribed to on none.
            Mono<String> answer = Mono.just("found " + i).switchIfEmpty(users.mono("user " + i));
            assertThat(answer.block()).isEqualTo("found " + i);
        }
        assertThat(context.tiered("users").loadsInProgress()).isZero();
        assertThat(users.calls()).as("calls of the method").isZero();
    }

    @Test
    void aPublisherThatNobodySubscribesToRunsNothing() {
        start(settings -> {});
        for (int i = 0; i < 2; i++) {
            users.mono("a");
            users.flux("a");
        }
        assertThat(users.calls()).isZero();
        assertThat(context.tiered("users").counters().misses()).isZero();
    }

    @Test
    void aPublisherThatNobodySubscribesToRefreshesNothing() {
        start(settings -> {
            settings.setTimeToLive(Duration.ofMinutes(1));
            settings.setStaleWhileRevalidate(Duration.ofMinutes(10));
        });
        assertThat(users.mono("a").block()).isEqualTo("a1");
        context.pass(Duration.ofMinutes(2));
        users.mono("a");
        assertThat(users.calls()).isEqualTo(1);
        assertThat(users.mono("a").block()).isEqualTo("a1");
        assertThat(users.mono("a").block()).isEqualTo("a2");
    }

    @Test
    void onePublisherSubscribedToTwiceAsksTheCacheTwice() {
        start(settings -> {});
        Mono<String> mono = users.mono("a");
        assertThat(mono.block()).isEqualTo("a1");
        assertThat(mono.block()).isEqualTo("a1");
        context.cache("users").evict("a");
        assertThat(mono.block()).isEqualTo("a2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mono", "flux", "syncMono", "syncFlux"})
    void aLoadRunsInTheContextOfItsSubscriber(String style) {
        start(settings -> {});
        Mono<String> first = users.tenant(style, "1");
        Mono<String> second = users.tenant(style, "1");
        String both = Mono.zip(first, second, (a, b) -> a + "/" + b)
                .contextWrite(Context.of("tenant", "acme"))
                .block(SOON);
        assertThat(both).isEqualTo("acme/acme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mono", "flux", "syncMono"})
    void whoWaitsForTheLoadOfAnotherTakesNoThread(String style) {
        start(settings -> {});
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            users.gated(style, "a").subscribe(answers::add);
        }
        assertThat(answers).isEmpty();
        users.open();
        assertThat(answers).hasSize(50).containsOnly("a1");
        assertThat(context.tiered("gated-" + style).loadsInProgress()).isZero();
    }

    @Test
    void aSubscriberThatGivesUpWhileItWaitsLeavesTheOthersAlone() {
        start(settings -> {});
        List<String> answers = new ArrayList<>();
        users.gated("mono", "a").subscribe(answers::add);
        users.gated("mono", "a").subscribe(answers::add).dispose();
        users.gated("mono", "a").subscribe(answers::add);
        users.open();
        assertThat(answers).containsExactly("a1", "a1");
        assertThat(context.tiered("gated-mono").loadsInProgress()).isZero();
    }

    @Test
    void whatIsEvictedBeforeTheMethodIsEvictedOnceThoughTheCallHasToWait() {
        start(settings -> settings.setMaximumLoads(1));
        List<String> answers = new ArrayList<>();
        users.gated("mono", "a").subscribe(answers::add);
        users.replaced("b").subscribe(answers::add);
        assertThat(answers).isEmpty();
        users.open();
        assertThat(answers).containsExactlyInAnyOrder("a1", "b2");
        assertThat(context.cache("gated-mono").get("b", String.class)).isEqualTo("b2");
        assertThat(users.replaced("b").block(SOON)).isEqualTo("b3");
    }

    @Test
    void aFluxThatHadToWaitIsCachedThoughItsSubscriberHasSeenEnough() {
        start(settings -> settings.setMaximumLoads(1));
        List<String> answers = new ArrayList<>();
        users.gated("flux", "a").subscribe(answers::add);
        users.gated("first", "b").subscribe(answers::add);
        assertThat(answers).isEmpty();
        users.open();
        assertThat(answers).hasSize(2);
        assertThat(context.cache("gated-flux").get("b", List.class)).containsExactly("b2", "b2");
        assertThat(context.tiered("gated-flux").loadsInProgress()).isZero();
    }

    // --------------------------------------------------------------------------------------------------------- nested

    @ParameterizedTest
    @ValueSource(
            strings = {"mono of mono", "mono of mono elsewhere", "mono of plain", "flux of flux", "future of future"})
    void aCallOfTheSameKeyInsideOfALoadRunsTheMethod(String style) {
        start(settings -> settings.setLoadTimeout(Duration.ofMinutes(1)));
        assertThat(users.nested(style, "a").block(SOON)).isEqualTo("outer a1");
        assertThat(users.nested(style, "a").block(SOON)).isEqualTo("outer a1");
        assertThat(users.calls()).isEqualTo(1);
        assertThat(context.tiered("nested").loadsInProgress()).isZero();
    }

    @Test
    void aSynchronizedMonoInsideOfAnotherOfItsKeyRunsTheMethodWhereItsThreadIsAnother() {
        start(settings -> settings.setLoadTimeout(Duration.ofMinutes(1)));
        assertThat(users.syncOuter("a").block(SOON)).isEqualTo("outer a1");
    }

    @Test
    void aCallOfTheSameKeyOnAnotherThreadRunsTheMethodWhereContextPropagationCarriesTheMark() {
        start(settings -> settings.setLoadTimeout(Duration.ofMinutes(1)));
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            users.setExecutor(ContextExecutorService.wrap(
                    pool, () -> ContextSnapshotFactory.builder().build().captureAll()));
            assertThat(users.onAnotherThread("a")).isEqualTo("outer a1");
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aCallOfTheSameKeyInAnotherChainWaits() {
        start(settings -> settings.setLoadTimeout(Duration.ofMinutes(1)));
        List<String> answers = new ArrayList<>();
        users.gated("mono", "a").subscribe(answers::add);
        users.gated("mono", "a").subscribe(answers::add);
        assertThat(users.calls()).isEqualTo(1);
        users.open();
        assertThat(answers).containsExactly("a1", "a1");
    }

    // -------------------------------------------------------------------------------------------------- maximum-loads

    @ParameterizedTest
    @ValueSource(strings = {"mono", "flux", "syncMono"})
    void aLoadHoldsItsPlaceFromSubscriptionToEnd(String style) {
        start(settings -> settings.setMaximumLoads(2));
        List<String> answers = new ArrayList<>();
        List<Mono<String>> assembled = IntStream.range(0, 10)
                .mapToObj(i -> users.gated(style, "k" + i))
                .toList();
        assertThat(context.tiered("gated-" + style).loadsRunning()).isZero();
        assembled.forEach(mono -> mono.subscribe(answers::add));
        assertThat(context.tiered("gated-" + style).loadsRunning()).isEqualTo(2);
        assertThat(context.tiered("gated-" + style).loadsWaiting()).isEqualTo(8);
        users.open();
        assertThat(answers).hasSize(10);
        assertThat(context.tiered("gated-" + style).loadsRunning()).isZero();
    }

    @Test
    void aPublisherThatIsForgottenHoldsNoPlace() {
        start(settings -> settings.setMaximumLoads(1));
        Mono<String> forgotten = users.mono("a");
        assertThat(users.mono("b").block(SOON)).isEqualTo("b1");
        assertThat(forgotten.block(SOON)).isEqualTo("a2");
    }

    @Test
    void aSubscriberThatGivesUpFreesItsPlace() {
        start(settings -> settings.setMaximumLoads(1));
        users.gated("mono", "a").subscribe().dispose();
        assertThat(context.tiered("gated-mono").loadsRunning()).isZero();
        users.open();
        assertThat(users.gated("mono", "b").block(SOON)).startsWith("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mono", "mono elsewhere", "plain"})
    void aLoadInsideOfAnotherOfItsCacheInOneChainUsesItsPlace(String style) {
        start(settings -> {
            settings.setMaximumLoads(1);
            settings.setLoadTimeout(Duration.ofMinutes(1));
        });
        assertThat(users.sum(style, 5).block(SOON)).isEqualTo(15);
        assertThat(context.tiered("sums").loadsRunning()).isZero();
    }

    @Test
    void futuresAndSynchronizedCallsKeepTheMaximum() throws Exception {
        start(settings -> settings.setMaximumLoads(2));
        List<CompletableFuture<String>> futures =
                IntStream.range(0, 6).mapToObj(i -> users.gatedFuture("k" + i)).toList();
        assertThat(context.tiered("futures").loadsRunning()).isEqualTo(2);
        assertThat(context.tiered("futures").loadsWaiting()).isEqualTo(4);
        users.open();
        for (CompletableFuture<String> future : futures) {
            assertThat(future.get(10, TimeUnit.SECONDS)).startsWith("k");
        }
        ExecutorService pool = Executors.newFixedThreadPool(6);
        try {
            pool.invokeAll(IntStream.range(0, 6)
                            .<java.util.concurrent.Callable<String>>mapToObj(i -> () -> users.sync("k" + i))
                            .toList())
                    .forEach(answer -> assertThat(answer).isDone());
        } finally {
            pool.shutdownNow();
        }
        assertThat(users.mostAtATime()).isBetween(1, 2);
    }

    @Test
    void aCallThatDoesNotGetItsTurnFailsAndHoldsNobodyUp() {
        start(settings -> {
            settings.setMaximumLoads(1);
            settings.setLoadTimeout(Duration.ofMillis(200));
        });
        List<String> answers = new ArrayList<>();
        users.gated("mono", "a").subscribe(answers::add);
        assertThatThrownBy(() -> users.gated("mono", "b").block(SOON))
                .isInstanceOf(io.tinyllm.cache.LoadTimeoutException.class);
        users.open();
        assertThat(answers).containsExactly("a1");
        assertThat(users.gated("mono", "b").block(SOON)).isNotNull();
    }

    static class Users {

        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger atATime = new AtomicInteger();
        private final AtomicInteger mostAtATime = new AtomicInteger();
        private final Sinks.One<Boolean> gate = Sinks.one();

        @Lazy
        @Autowired
        Users self;

        private ExecutorService executor;

        void setExecutor(ExecutorService executor) {
            this.executor = executor;
        }

        int mostAtATime() {
            return mostAtATime.get();
        }

        int calls() {
            return calls.get();
        }

        void open() {
            gate.tryEmitValue(true);
        }

        private String next(String key) {
            return key + calls.incrementAndGet();
        }

        @Cacheable("users")
        public Mono<String> mono(String key) {
            String value = next(key);
            return Mono.just(value);
        }

        @Cacheable("lists")
        public Flux<String> flux(String key) {
            String value = next(key);
            return Flux.just(value, value);
        }

        Mono<String> tenant(String style, String id) {
            return switch (style) {
                case "mono" -> self.monoTenant(id);
                case "flux" -> self.fluxTenant(id).collectList().map(all -> all.get(0));
                case "syncMono" -> self.syncMonoTenant(id);
                default -> self.syncFluxTenant(id).collectList().map(all -> all.get(0));
            };
        }

        @Cacheable("tenants")
        public Mono<String> monoTenant(String id) {
            return Mono.deferContextual(known -> Mono.just(known.<String>get("tenant")));
        }

        @Cacheable("tenants")
        public Flux<String> fluxTenant(String id) {
            return Flux.deferContextual(known -> Flux.just(known.<String>get("tenant"), "more"));
        }

        @Cacheable(cacheNames = "tenants", sync = true)
        public Mono<String> syncMonoTenant(String id) {
            return monoTenant(id);
        }

        @Cacheable(cacheNames = "tenants", sync = true)
        public Flux<String> syncFluxTenant(String id) {
            return fluxTenant(id);
        }

        Mono<String> gated(String style, String key) {
            return switch (style) {
                case "mono" -> self.gatedMono(key);
                case "flux" -> self.gatedFlux(key).collectList().map(all -> all.get(0));
                case "first" -> self.gatedFlux(key).next();
                default -> self.gatedSyncMono(key);
            };
        }

        @Cacheable("gated-mono")
        public Mono<String> gatedMono(String key) {
            String value = next(key);
            return gate.asMono().map(open -> value);
        }

        @Cacheable("gated-flux")
        public Flux<String> gatedFlux(String key) {
            String value = next(key);
            return gate.asMono().flatMapMany(open -> Flux.just(value, value));
        }

        @Cacheable(cacheNames = "gated-syncMono", sync = true)
        public Mono<String> gatedSyncMono(String key) {
            return gatedMono(key);
        }

        @Caching(
                cacheable = @Cacheable("gated-mono"),
                evict = @CacheEvict(cacheNames = "gated-mono", beforeInvocation = true))
        public Mono<String> replaced(String key) {
            return gatedMono(key);
        }

        @Cacheable("futures")
        public CompletableFuture<String> gatedFuture(String key) {
            return gatedMono(key).toFuture();
        }

        @Cacheable(cacheNames = "synchronous", sync = true)
        public String sync(String key) {
            mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(20).toNanos());
            atATime.decrementAndGet();
            return next(key);
        }

        Mono<String> nested(String style, String key) {
            return switch (style) {
                case "mono of mono" -> self.monoOfMono(key);
                case "mono of mono elsewhere" -> self.monoOfMonoElsewhere(key);
                case "mono of plain" -> self.monoOfPlain(key);
                case "flux of flux" -> self.fluxOfFlux(key).collectList().map(all -> all.get(0));
                default -> Mono.fromFuture(() -> self.futureOfFuture(key));
            };
        }

        @Cacheable("nested")
        public Mono<String> monoOfMono(String key) {
            return self.innerMono(key).map(value -> "outer " + value);
        }

        @Cacheable("nested")
        public Mono<String> monoOfMonoElsewhere(String key) {
            return Mono.delay(Duration.ofMillis(1), Schedulers.parallel())
                    .flatMap(now -> self.innerMono(key))
                    .map(value -> "outer " + value);
        }

        @Cacheable("nested")
        public Mono<String> monoOfPlain(String key) {
            return Mono.fromSupplier(() -> "outer " + self.innerPlain(key));
        }

        @Cacheable("nested")
        public Flux<String> fluxOfFlux(String key) {
            return Mono.delay(Duration.ofMillis(1))
                    .thenMany(self.innerFlux(key))
                    .map(value -> "outer " + value);
        }

        @Cacheable("nested")
        public CompletableFuture<String> futureOfFuture(String key) {
            return self.innerFuture(key).thenApply(value -> "outer " + value);
        }

        @Cacheable("nested")
        public Mono<String> innerMono(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable("nested")
        public String innerPlain(String key) {
            return next(key);
        }

        @Cacheable("nested")
        public Flux<String> innerFlux(String key) {
            return Flux.defer(() -> Flux.just(next(key)));
        }

        @Cacheable("nested")
        public CompletableFuture<String> innerFuture(String key) {
            return CompletableFuture.completedFuture(next(key));
        }

        @Cacheable(cacheNames = "nested", sync = true)
        public Mono<String> syncOuter(String key) {
            return Mono.delay(Duration.ofMillis(1))
                    .flatMap(now -> self.syncInner(key))
                    .map(value -> "outer " + value);
        }

        @Cacheable(cacheNames = "nested", sync = true)
        public Mono<String> syncInner(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable("nested")
        public String onAnotherThread(String key) {
            return "outer "
                    + CompletableFuture.supplyAsync(() -> self.innerPlain(key), executor)
                            .join();
        }

        Mono<Integer> sum(String style, int n) {
            return self.sumMono(n, style);
        }

        @Cacheable(cacheNames = "sums", key = "#n")
        public Mono<Integer> sumMono(int n, String style) {
            if (n == 0) {
                return Mono.just(0);
            }
            return switch (style) {
                case "mono" -> self.sumMono(n - 1, style).map(sum -> sum + n);
                case "plain" -> Mono.fromSupplier(() -> self.sumPlain(n - 1) + n);
                default ->
                    Mono.delay(Duration.ofMillis(1))
                            .flatMap(now -> self.sumMono(n - 1, style))
                            .map(sum -> sum + n);
            };
        }

        @Cacheable(cacheNames = "sums", key = "#n")
        public int sumPlain(int n) {
            return n == 0 ? 0 : self.sumPlain(n - 1) + n;
        }
    }
}
