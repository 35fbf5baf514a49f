package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.core.TieredCache;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheConfig;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.Caching;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.interceptor.LoggingCacheErrorHandler;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What Spring documents of its cache annotations, and single flight for all of them. */
class CacheableSemanticsTests {

    /** How many callers ask for a cold key at a time, each on a thread of its own: ten thousand in the soak profile. */
    private static final int CROWD = Integer.getInteger("tinyllm.test.crowd", 1_000);

    private ConfigurableApplicationContext context;
    private Service service;
    private CacheManager manager;

    @BeforeEach
    void start() {
        start(Plain.class);
    }

    /** Changes what is common to all tests. */
    void prepare(AnnotationConfigApplicationContext application) {}

    private void start(Class<?>... more) {
        if (context != null) {
            context.close();
        }
        AnnotationConfigApplicationContext annotated = new AnnotationConfigApplicationContext();
        annotated
                .getEnvironment()
                .getPropertySources()
                .addFirst(
                        new MapPropertySource("test", java.util.Map.of("tinyllm.cache.defaults.load-timeout", "20s")));
        annotated.register(TinyLlmCacheAutoConfiguration.class, Service.class);
        annotated.register(more);
        prepare(annotated);
        annotated.refresh();
        context = annotated;
        service = context.getBean(Service.class);
        manager = context.getBean(CacheManager.class);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    private TieredCache cache(String name) {
        return (TieredCache) manager.getCache(name).getNativeCache();
    }

    @Test
    void secondCallIsServedFromTheCache() {
        assertThat(service.plain("a")).isEqualTo(service.plain("a")).isEqualTo("a1");
        assertThat(cache("plain").counters().hits()).isEqualTo(1);
        assertThat(cache("plain").counters().misses()).isEqualTo(1);
        assertThat(cache("plain").counters().loads()).isEqualTo(1);
        assertThat(cache("plain").counters().puts()).isZero();
    }

    @Test
    void nullIsCachedLikeAnyValue() {
        assertThat(service.nothing("a")).isNull();
        assertThat(service.nothing("a")).isNull();
        assertThat(service.calls().get()).isEqualTo(1);
    }

    @Test
    void emptyOptionalIsCachedAsNullAndComesBackEmpty() {
        assertThat(service.optional("")).isEmpty();
        assertThat(service.optional("")).isEmpty();
        assertThat(service.optional("x")).contains("x2");
        assertThat(service.optional("x")).contains("x2");
        assertThat(service.calls().get()).isEqualTo(2);
        assertThat(manager.getCache("optional").get("x").get()).isEqualTo("x2");
    }

    @Test
    void conditionKeepsACallAwayFromTheCache() {
        service.conditional("secret");
        service.conditional("secret");
        assertThat(service.calls().get()).isEqualTo(2);
        assertThat(cache("conditional").counters().misses()).isZero();
    }

    @Test
    void unlessKeepsAResultOutOfTheCache() {
        service.unless("no");
        service.unless("no");
        assertThat(service.calls().get()).isEqualTo(2);
        service.unless("yes");
        service.unless("yes");
        assertThat(service.calls().get()).isEqualTo(3);
        assertThat(cache("unless").loadsInProgress()).isZero();
    }

    @Test
    void syncLoadsOnceAndRethrowsTheMethodsOwnException() {
        assertThat(service.sync("a")).isEqualTo(service.sync("a"));
        assertThatThrownBy(() -> service.syncFailing("a")).isExactlyInstanceOf(IOException.class);
        assertThatThrownBy(() -> service.syncFailing("a")).isExactlyInstanceOf(IOException.class);
        assertThat(service.calls().get()).isEqualTo(3);
    }

    @Test
    void anExceptionReachesTheCallerAndIsNotCached() {
        assertThatThrownBy(() -> service.failing("a")).isExactlyInstanceOf(IOException.class);
        assertThatThrownBy(() -> service.failing("a")).isExactlyInstanceOf(IOException.class);
        assertThat(service.calls().get()).isEqualTo(2);
        assertThat(cache("failing").counters().loadFailures()).isEqualTo(2);
        assertThat(cache("failing").loadsInProgress()).isZero();
    }

    @Test
    void futureIsCachedByItsValue() throws Exception {
        assertThat(service.future("a").get()).isEqualTo("a1");
        assertThat(service.future("a").get()).isEqualTo("a1");
        assertThat(manager.getCache("future").get("a").get()).isEqualTo("a1");
        assertThat(cache("future").loadsInProgress()).isZero();
    }

    @Test
    void failedFutureIsNotCached() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> service.failedFuture("a").get()).hasCauseExactlyInstanceOf(IOException.class);
        }
        assertThat(service.calls().get()).isEqualTo(2);
        assertThat(cache("failedFuture").loadsInProgress()).isZero();
    }

    @Test
    void syncFutureIsCachedByItsValue() throws Exception {
        assertThat(service.syncFuture("a").get()).isEqualTo("a1");
        assertThat(service.syncFuture("a").get()).isEqualTo("a1");
    }

    @Test
    void monoIsCachedByItsValue() {
        assertThat(service.mono("a").block()).isEqualTo("a1");
        assertThat(service.mono("a").block()).isEqualTo("a1");
        assertThat(manager.getCache("mono").get("a").get()).isEqualTo("a1");
        assertThat(cache("mono").loadsInProgress()).isZero();
    }

    @Test
    void syncMonoIsCachedByItsValue() {
        assertThat(service.syncMono("a").block()).isEqualTo("a1");
        assertThat(service.syncMono("a").block()).isEqualTo("a1");
    }

    @Test
    void failedMonoIsNotCachedAndItsRetryRunsAnew() {
        Mono<String> mono = service.flakyMono("a");
        assertThat(mono.retry(1).block()).isEqualTo("a2");
        assertThat(service.flakyMono("a").block()).isEqualTo("a2");
        assertThat(cache("flakyMono").loadsInProgress()).isZero();
    }

    @Test
    void cancelledMonoLetsOthersLoad() {
        service.never("a").subscribe().dispose();
        assertThat(cache("never").loadsInProgress()).isZero();
    }

    @Test
    void fluxIsCachedAsAList() {
        assertThat(service.flux("a").collectList().block()).containsExactly("a1", "b");
        assertThat(service.flux("a").collectList().block()).containsExactly("a1", "b");
        assertThat(manager.getCache("flux").get("a").get()).isEqualTo(List.of("a1", "b"));
        assertThat(cache("flux").loadsInProgress()).isZero();
    }

    @Test
    void fluxIsCachedThoughItsSubscriberHasSeenEnough() {
        assertThat(service.flux("a").blockFirst()).isEqualTo("a1");
        assertThat(service.flux("a").collectList().block()).containsExactly("a1", "b");
        assertThat(cache("flux").loadsInProgress()).isZero();
    }

    @Test
    void fluxIsCachedThoughItsSubscriberIsSlow() {
        List<String> seen = new ArrayList<>();
        BaseSubscriber<String> slow = new BaseSubscriber<>() {

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(String value) {
                seen.add(value);
            }
        };
        service.flux("a").subscribe(slow);
        assertThat(seen).containsExactly("a1");
        slow.request(1);
        assertThat(seen).containsExactly("a1", "b");
        assertThat(service.flux("a").collectList().block()).containsExactly("a1", "b");
        assertThat(cache("flux").loadsInProgress()).isZero();
    }

    @Test
    void fluxThatUnlessRejectsHoldsNobodyUp() {
        assertThat(service.fluxUnless("a").blockFirst()).isEqualTo("a1");
        assertThat(cache("fluxUnless").loadsInProgress()).isZero();
        assertThat(service.fluxUnless("a").collectList().block(Duration.ofSeconds(5)))
                .containsExactly("a2", "b");
        assertThat(cache("fluxUnless").loadsInProgress()).isZero();
    }

    @Test
    void aMonoThatNobodySubscribesToHoldsNobodyUp() {
        Mono<String> forgotten = service.mono("a");
        assertThat(service.mono("a").block(Duration.ofSeconds(5))).isEqualTo("a1");
        assertThat(forgotten.block(Duration.ofSeconds(5))).isEqualTo("a1");
        assertThat(service.calls().get()).isEqualTo(1);
    }

    @Test
    void cachePutAlwaysRunsAndReplacesTheValue() {
        service.plain("a");
        assertThat(service.put("a")).isEqualTo("put2");
        assertThat(service.plain("a")).isEqualTo("put2");
        assertThat(cache("plain").counters().puts()).isEqualTo(1);
    }

    @Test
    void cacheEvictRemovesAfterTheCallAndOnlyIfItSucceeds() {
        service.plain("a");
        assertThatThrownBy(() -> service.evictFailing("a")).isInstanceOf(IllegalStateException.class);
        assertThat(service.plain("a")).isEqualTo("a1");
        service.evict("a");
        assertThat(service.plain("a")).isEqualTo("a2");
    }

    @Test
    void cacheEvictBeforeInvocationRemovesEvenIfTheCallFails() {
        service.plain("a");
        assertThatThrownBy(() -> service.evictBefore("a")).isInstanceOf(IllegalStateException.class);
        assertThat(service.plain("a")).isEqualTo("a2");
    }

    @Test
    void cacheEvictAllEntriesEmptiesTheCache() {
        service.plain("a");
        service.plain("b");
        service.evictAll();
        assertThat(cache("plain").memory().size()).isZero();
    }

    @Test
    void cachingCombinesOperations() {
        service.plain("old");
        assertThat(service.combined("new", "old")).isEqualTo("new2");
        assertThat(service.plain("old")).isEqualTo("old3");
        assertThat(manager.getCache("second").get("new").get()).isEqualTo("new2");
    }

    @Test
    void aMethodOverTwoCachesFillsBothAndAnswersFromEither() {
        assertThat(service.two("a")).isEqualTo("a1");
        manager.getCache("one").evict("a");
        assertThat(service.two("a")).isEqualTo("a1");
        assertThat(cache("one").loadsInProgress()).isZero();
    }

    @Test
    void callersOfTwoCachesInOppositeOrderDoNotWaitForEachOther() throws Exception {
        for (int round = 0; round < 200; round++) {
            String key = "k" + round;
            inParallel(4, i -> i % 2 == 0 ? service.two(key) : service.owt(key));
        }
        assertThat(cache("one").loadsInProgress()).isZero();
        assertThat(cache("two").loadsInProgress()).isZero();
    }

    @Test
    void methodsThatLoadThroughEachOthersKeysDoNotDeadlock() throws Exception {
        for (int round = 0; round < 20; round++) {
            String key = "k" + round;
            inParallel(2, i -> i == 0 ? service.left(key, 1) : service.right(key, 1));
        }
    }

    @Test
    void aCachedMethodInsideALoadOfItsOwnKeyRunsAsInSpring() {
        assertThat(service.nested("a", 2)).isEqualTo("a1");
        assertThat(service.nested("a", 2)).isEqualTo("a1");
        assertThat(service.calls().get()).isEqualTo(1);
        assertThat(cache("nested").counters().misses()).isEqualTo(1);
        assertThat(cache("nested").counters().loads()).isEqualTo(3);
        assertThat(cache("nested").loadsInProgress()).isZero();
    }

    @Test
    void aSynchronizedLoadThatAsksForItsOwnKeyFailsAndNamesTheCache() {
        assertThatThrownBy(() -> service.recursive("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'recursive'");
        assertThat(cache("recursive").loadsInProgress()).isZero();
    }

    @Test
    void programmaticLoaderThatAsksForItsOwnKeyFails() {
        Cache cache = manager.getCache("programmatic");
        assertThatThrownBy(() -> cache.get("a", () -> cache.get("a", () -> "x")))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void loggingErrorHandlerDoesNotBreakSingleFlightOrReentrancy() throws Exception {
        start(LoggingErrors.class);
        assertThatThrownBy(() -> service.recursive("a")).isInstanceOf(IllegalStateException.class);
        assertThat(failures(32, () -> service.slowFailing("a"))).isEqualTo(32);
        assertThat(service.calls().get()).isEqualTo(1 + 1);
    }

    @Test
    void coldKeyIsLoadedOnceByPlainCacheable() throws Exception {
        assertLoadedOnce(key -> service.slow(key));
    }

    @Test
    void coldKeyIsLoadedOnceWithUnlessThatKeepsIt() throws Exception {
        assertLoadedOnce(key -> service.slowUnless(key));
    }

    @Test
    void coldKeyIsLoadedOnceWithUnlessThatRejectsIt() throws Exception {
        assertLoadedOnce(key -> service.slowRejected(key));
        assertThat(cache("slowRejected").memory().size()).isZero();
    }

    @Test
    void coldKeyIsLoadedOnceWithSync() throws Exception {
        assertLoadedOnce(key -> service.slowSync(key));
    }

    @Test
    void coldKeyIsLoadedOnceByFuture() throws Exception {
        assertLoadedOnce(key -> service.slowFuture(key).join());
    }

    @Test
    void coldKeyIsLoadedOnceBySyncFuture() throws Exception {
        assertLoadedOnce(key -> service.slowSyncFuture(key).join());
    }

    @Test
    void coldKeyIsLoadedOnceByMono() throws Exception {
        assertLoadedOnce(key -> service.slowMono(key).block());
    }

    @Test
    void coldKeyIsLoadedOnceBySyncMono() throws Exception {
        assertLoadedOnce(key -> service.slowSyncMono(key).block());
    }

    @Test
    void coldKeyIsLoadedOnceByFlux() throws Exception {
        assertLoadedOnce(key -> service.slowFlux(key).blockLast());
    }

    @Test
    void failureOfTheOneLoadReachesEveryWaiter() throws Exception {
        assertThat(failures(32, () -> service.slowFailing("a"))).isEqualTo(32);
        assertThat(service.calls().get()).isEqualTo(1);
        assertThat(cache("slowFailing").counters().loads()).isEqualTo(1);
        assertThat(cache("slowFailing").counters().misses()).isEqualTo(32);
    }

    @Test
    void aCrowdGetsOneEqualAnswer() throws Exception {
        assertLoadedOnce(CROWD, key -> service.slow(key));
        assertThat(cache("slow").counters().misses() + cache("slow").counters().hits())
                .isEqualTo(CROWD);
    }

    @Test
    void anEvictDuringALoadKeepsTheLoadedValueOut() throws Exception {
        try (Pool pool = new Pool(1)) {
            Future<String> loading = pool.submit(() -> service.gated("a"));
            service.entered().await();
            manager.getCache("gated").evict("a");
            service.gate().countDown();
            assertThat(loading.get(20, TimeUnit.SECONDS)).isEqualTo("a1");
            assertThat(manager.getCache("gated").get("a")).isNull();
        }
    }

    @Test
    void aPutDuringALoadWins() throws Exception {
        try (Pool pool = new Pool(1)) {
            Future<String> loading = pool.submit(() -> service.gated("a"));
            service.entered().await();
            manager.getCache("gated").put("a", "newer");
            service.gate().countDown();
            assertThat(loading.get(20, TimeUnit.SECONDS)).isEqualTo("a1");
            assertThat(manager.getCache("gated").get("a").get()).isEqualTo("newer");
        }
    }

    @Test
    void aClearDuringALoadKeepsTheLoadedValueOut() throws Exception {
        try (Pool pool = new Pool(1)) {
            Future<String> loading = pool.submit(() -> service.gated("a"));
            service.entered().await();
            manager.getCache("gated").clear();
            service.gate().countDown();
            loading.get(20, TimeUnit.SECONDS);
            assertThat(manager.getCache("gated").get("a")).isNull();
        }
    }

    private void assertLoadedOnce(Function<String, Object> call) throws Exception {
        assertLoadedOnce(32, call);
    }

    private void assertLoadedOnce(int callers, Function<String, Object> call) throws Exception {
        List<Object> answers = inParallel(callers, i -> call.apply("a"));
        assertThat(answers).hasSize(callers).containsOnly(answers.get(0));
        assertThat(answers.get(0)).isNotNull();
        assertThat(service.calls().get()).isEqualTo(1);
    }

    private int failures(int callers, Callable<?> call) throws Exception {
        AtomicInteger failures = new AtomicInteger();
        inParallel(callers, i -> {
            try {
                call.call();
            } catch (IOException e) {
                failures.incrementAndGet();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return "done";
        });
        return failures.get();
    }

    private static List<Object> inParallel(int callers, Function<Integer, @Nullable Object> call) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        try (Pool pool = new Pool(callers)) {
            List<Future<Object>> futures = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                futures.add(pool.submit(() -> {
                    start.await();
                    return call.apply(caller);
                }));
            }
            start.countDown();
            List<Object> answers = new ArrayList<>();
            for (Future<Object> future : futures) {
                answers.add(future.get(60, TimeUnit.SECONDS));
            }
            return answers;
        }
    }

    /** Threads that end with the test. */
    private static final class Pool implements AutoCloseable {

        private final ExecutorService executor;

        Pool(int threads) {
            this.executor =
                    Executors.newFixedThreadPool(threads, runnable -> new Thread(null, runnable, "caller", 256 * 1024));
        }

        <T> Future<T> submit(Callable<T> task) {
            return executor.submit(task);
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Plain {}

    @Configuration(proxyBeanMethods = false)
    static class LoggingErrors implements CachingConfigurer {

        @Override
        public CacheErrorHandler errorHandler() {
            return new LoggingCacheErrorHandler();
        }
    }

    @CacheConfig(cacheNames = "plain")
    static class Service {

        final AtomicInteger calls = new AtomicInteger();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @org.springframework.context.annotation.Lazy
        @org.springframework.beans.factory.annotation.Autowired
        Service self;

        AtomicInteger calls() {
            return calls;
        }

        CountDownLatch entered() {
            return entered;
        }

        CountDownLatch gate() {
            return gate;
        }

        private String next(String key) {
            return key + calls.incrementAndGet();
        }

        private String slowly(String key) {
            String value = next(key);
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(300).toNanos());
            return value;
        }

        @Cacheable
        public String plain(String key) {
            return next(key);
        }

        @Cacheable("nothing")
        public @Nullable String nothing(String key) {
            next(key);
            return null;
        }

        @Cacheable("optional")
        public Optional<String> optional(String key) {
            String value = next(key);
            return key.isEmpty() ? Optional.empty() : Optional.of(value);
        }

        @Cacheable(cacheNames = "conditional", condition = "#p0 != 'secret'")
        public String conditional(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "unless", unless = "#result.startsWith('no')")
        public String unless(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "sync", sync = true)
        public String sync(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "syncFailing", sync = true)
        public String syncFailing(String key) throws IOException {
            next(key);
            throw new IOException("down");
        }

        @Cacheable("failing")
        public String failing(String key) throws IOException {
            next(key);
            throw new IOException("down");
        }

        @Cacheable("slowFailing")
        public String slowFailing(String key) throws IOException {
            slowly(key);
            throw new IOException("down");
        }

        @Cacheable("future")
        public CompletableFuture<String> future(String key) {
            return CompletableFuture.completedFuture(next(key));
        }

        @Cacheable("failedFuture")
        public CompletableFuture<String> failedFuture(String key) {
            next(key);
            return CompletableFuture.failedFuture(new IOException("down"));
        }

        @Cacheable(cacheNames = "syncFuture", sync = true)
        public CompletableFuture<String> syncFuture(String key) {
            return CompletableFuture.completedFuture(next(key));
        }

        @Cacheable("mono")
        public Mono<String> mono(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable(cacheNames = "syncMono", sync = true)
        public Mono<String> syncMono(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable("flakyMono")
        public Mono<String> flakyMono(String key) {
            return Mono.defer(() -> {
                String value = next(key);
                return value.endsWith("1") ? Mono.error(new IOException("down")) : Mono.just(value);
            });
        }

        @Cacheable("never")
        public Mono<String> never(String key) {
            return Mono.never();
        }

        @Cacheable("flux")
        public Flux<String> flux(String key) {
            return Flux.defer(() -> Flux.just(next(key), "b"));
        }

        @Cacheable(cacheNames = "fluxUnless", unless = "#result.size() == 2")
        public Flux<String> fluxUnless(String key) {
            return Flux.defer(() -> Flux.just(next(key), "b"));
        }

        @CachePut
        public String put(String key) {
            return next("put");
        }

        @CacheEvict
        public void evict(String key) {}

        @CacheEvict
        public void evictFailing(String key) {
            throw new IllegalStateException("not done");
        }

        @CacheEvict(beforeInvocation = true)
        public void evictBefore(String key) {
            throw new IllegalStateException("not done");
        }

        @CacheEvict(allEntries = true)
        public void evictAll() {}

        @Caching(
                cacheable = @Cacheable(cacheNames = "combined", key = "#p0"),
                put = @CachePut(cacheNames = "second", key = "#p0"),
                evict = @CacheEvict(cacheNames = "plain", key = "#p1"))
        public String combined(String key, String old) {
            return next(key);
        }

        @Cacheable({"one", "two"})
        public String two(String key) {
            return next(key);
        }

        @Cacheable({"two", "one"})
        public String owt(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "left", key = "#p0")
        public String left(String key, int depth) {
            return depth == 0 ? next(key) : self.right(key, depth - 1);
        }

        @Cacheable(cacheNames = "right", key = "#p0")
        public String right(String key, int depth) {
            return depth == 0 ? next(key) : self.left(key, depth - 1);
        }

        @Cacheable(cacheNames = "nested", key = "#key")
        public String nested(String key, int depth) {
            return depth == 0 ? next(key) : self.nested(key, depth - 1);
        }

        @Cacheable(cacheNames = "recursive", sync = true)
        public String recursive(String key) {
            next(key);
            return self.recursive(key);
        }

        @Cacheable("slow")
        public String slow(String key) {
            return slowly(key);
        }

        @Cacheable(cacheNames = "slowUnless", unless = "#result == null")
        public String slowUnless(String key) {
            return slowly(key);
        }

        @Cacheable(cacheNames = "slowRejected", unless = "true")
        public String slowRejected(String key) {
            return slowly(key);
        }

        @Cacheable(cacheNames = "slowSync", sync = true)
        public String slowSync(String key) {
            return slowly(key);
        }

        @Cacheable("slowFuture")
        public CompletableFuture<String> slowFuture(String key) {
            String value = next(key);
            return CompletableFuture.supplyAsync(
                    () -> value, CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
        }

        @Cacheable(cacheNames = "slowSyncFuture", sync = true)
        public CompletableFuture<String> slowSyncFuture(String key) {
            return slowFutureBody(key);
        }

        private CompletableFuture<String> slowFutureBody(String key) {
            String value = next(key);
            return CompletableFuture.supplyAsync(
                    () -> value, CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
        }

        @Cacheable("slowMono")
        public Mono<String> slowMono(String key) {
            String value = next(key);
            return Mono.delay(Duration.ofMillis(300)).map(tick -> value);
        }

        @Cacheable(cacheNames = "slowSyncMono", sync = true)
        public Mono<String> slowSyncMono(String key) {
            String value = next(key);
            return Mono.delay(Duration.ofMillis(300)).map(tick -> value);
        }

        @Cacheable("slowFlux")
        public Flux<String> slowFlux(String key) {
            String value = next(key);
            return Mono.delay(Duration.ofMillis(300)).flatMapMany(tick -> Flux.just(value, value));
        }

        @Cacheable("gated")
        public String gated(String key) throws InterruptedException {
            String value = next(key);
            entered.countDown();
            gate.await();
            return value;
        }
    }
}
