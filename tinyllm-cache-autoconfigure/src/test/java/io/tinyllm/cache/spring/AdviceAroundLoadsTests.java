package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.assembly.Extensions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.After;
import org.aspectj.lang.annotation.AfterReturning;
import org.aspectj.lang.annotation.AfterThrowing;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Advice outside of the cache and inside of it, in order, on every kind of cached method: what runs for a call and for
 * a load is what runs on Spring's own caches.
 */
class AdviceAroundLoadsTests {

    private static final List<String> LOG = Collections.synchronizedList(new ArrayList<>());

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "optional", "future", "sync future", "mono", "sync mono", "flux"})
    void aMissAndAHitRunWhatTheyRunOnSpringsOwnCaches(String style) throws Exception {
        List<String> stock;
        try (StockContext context = new StockContext(
                comesLater(style), Calls.class, Aspects.class, Outer.class, Middle.class, Inner.class)) {
            stock = missAndHit(style, context.bean(Calls.class));
        }
        try (CachingContext context = new CachingContext(
                settings -> {}, Calls.class, Aspects.class, Outer.class, Middle.class, Inner.class)) {
            assertSame(style, missAndHit(style, context.bean(Calls.class)), stock);
        }
        assertThat(stock)
                .as("what this test is of: the method, and advice on both sides of the cache")
                .contains("outer before", "middle before", "inner around", "the method")
                .filteredOn("the method"::equals)
                .hasSize(1);
    }

    private static boolean comesLater(String style) {
        return !List.of("plain", "sync", "optional").contains(style);
    }

    /** A method that returns a publisher runs when that is subscribed to: by then what is outside has returned. */
    private static void assertSame(String style, List<String> ours, List<String> stock) {
        if (style.endsWith("mono") || style.equals("flux")) {
            assertThat(ours).containsExactlyInAnyOrderElementsOf(stock);
        } else {
            assertThat(ours).isEqualTo(stock);
        }
    }

    private static List<String> missAndHit(String style, Calls calls) throws Exception {
        LOG.clear();
        assertThat(Calls.ask(style, calls, "key")).isEqualTo("answer 1 of key");
        LOG.add("-- hit");
        assertThat(Calls.ask(style, calls, "key")).isEqualTo("answer 1 of key");
        return List.copyOf(LOG);
    }

    /** The load in the background is no call: what is outside of the cache does not run, what is inside runs once. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "optional", "future", "sync future", "mono", "sync mono", "flux"})
    void aRefreshRunsWhatIsInsideOfTheCacheOnce(String style) throws Exception {
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                AdviceAroundLoadsTests::onAnotherThread,
                Calls.class,
                Aspects.class,
                Outer.class,
                Middle.class,
                Inner.class)) {
            Calls calls = context.bean(Calls.class);
            LOG.clear();
            Calls.ask(style, calls, "key");
            List<String> load = List.copyOf(LOG);
            context.pass(Duration.ofMinutes(6));
            LOG.clear();
            Calls.ask(style, calls, "key");
            List<String> hitAndRefresh = List.copyOf(LOG);
            assertThat(Calls.ask(style, calls, "key")).isEqualTo("answer 2 of key");
            for (String inside : new String[] {"middle before", "middle returned", "middle after", "inner around"}) {
                assertThat(Collections.frequency(hitAndRefresh, inside))
                        .as(inside)
                        .isOne();
            }
            assertThat(Collections.frequency(hitAndRefresh, "the method")).isOne();
            assertThat(Collections.frequency(hitAndRefresh, "outer before")).isOne();
            assertThat(load).contains("outer before", "middle before", "inner around", "the method");
            assertThat(context.tiered("calls").counters().loadFailures()).isZero();
            assertThat(context.tiered("calls").loadsInProgress()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "future", "mono"})
    void adviceThatIsToldOfFailuresIsToldOfThemAsOnSpringsOwnCaches(String style) {
        List<String> stock;
        try (StockContext context = new StockContext(
                comesLater(style), Calls.class, Aspects.class, Outer.class, Middle.class, Inner.class)) {
            stock = failure(style, context.bean(Calls.class));
        }
        try (CachingContext context = new CachingContext(
                settings -> {}, Calls.class, Aspects.class, Outer.class, Middle.class, Inner.class)) {
            assertSame(style, failure(style, context.bean(Calls.class)), stock);
        }
    }

    private static List<String> failure(String style, Calls calls) {
        LOG.clear();
        for (int i = 0; i < 2; i++) {
            try {
                Calls.ask(style, calls, "bad");
                LOG.add("-- answered");
            } catch (Exception e) {
                LOG.add("-- failed");
            }
        }
        return List.copyOf(LOG);
    }

    private static void onAnotherThread(Runnable load) {
        Thread thread = new Thread(load);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAspectJAutoProxy
    static class Aspects {}

    /** Outside of the cache, whose advice comes last by default but for what has no order of its own. */
    @Aspect
    @Order(0)
    static class Outer {

        @Before("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void before() {
            LOG.add("outer before");
        }

        @AfterReturning("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void returned() {
            LOG.add("outer returned");
        }

        @After("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void after() {
            LOG.add("outer after");
        }

        @AfterThrowing("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void thrown() {
            LOG.add("outer thrown");
        }
    }

    @Aspect
    @Order(Ordered.LOWEST_PRECEDENCE)
    static class Middle {

        @Before("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void before() {
            LOG.add("middle before");
        }

        @AfterReturning("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void returned() {
            LOG.add("middle returned");
        }

        @After("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void after() {
            LOG.add("middle after");
        }

        @AfterThrowing("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public void thrown() {
            LOG.add("middle thrown");
        }
    }

    @Aspect
    @Order(Ordered.LOWEST_PRECEDENCE)
    static class Inner {

        @Around("execution(* io.tinyllm.cache.spring.AdviceAroundLoadsTests.Calls.*(String))")
        public Object around(ProceedingJoinPoint call) throws Throwable {
            LOG.add("inner around");
            return call.proceed();
        }
    }

    public static class Calls {

        private final AtomicInteger count = new AtomicInteger();

        private String next(String key) {
            LOG.add("the method");
            if (key.equals("bad")) {
                throw new IllegalStateException("bad");
            }
            return "answer " + count.incrementAndGet() + " of " + key;
        }

        @Cacheable("calls")
        public String plain(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "calls", sync = true)
        public String sync(String key) {
            return next(key);
        }

        @Cacheable("calls")
        public Optional<String> optional(String key) {
            return Optional.of(next(key));
        }

        @Cacheable("calls")
        public CompletableFuture<String> future(String key) {
            return CompletableFuture.completedFuture(key).thenApply(this::next);
        }

        @Cacheable(cacheNames = "calls", sync = true)
        public CompletableFuture<String> syncFuture(String key) {
            return CompletableFuture.completedFuture(key).thenApply(this::next);
        }

        @Cacheable("calls")
        public Mono<String> mono(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable(cacheNames = "calls", sync = true)
        public Mono<String> syncMono(String key) {
            return Mono.fromSupplier(() -> next(key));
        }

        @Cacheable("calls")
        public Flux<String> flux(String key) {
            return Flux.defer(() -> Flux.just(next(key)));
        }

        static String ask(String style, Calls self, String key) throws Exception {
            return switch (style) {
                case "plain" -> self.plain(key);
                case "sync" -> self.sync(key);
                case "optional" -> self.optional(key).orElseThrow();
                case "future" -> self.future(key).get();
                case "sync future" -> self.syncFuture(key).get();
                case "mono" -> self.mono(key).block();
                case "sync mono" -> self.syncMono(key).block();
                default -> self.flux(key).blockLast();
            };
        }
    }
}
