package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.LoadTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.annotation.Cacheable;
import reactor.core.publisher.Mono;

/** Loads that take longer than the load-timeout, as long completions do, and callers that are cancelled meanwhile. */
@Timeout(60)
class SlowLoadTests {

    private static final int CALLERS = 20;
    private static final Duration PATIENCE = Duration.ofMillis(50);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Callers who ask again and again, until each has waited for longer than twice the load-timeout. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "future", "mono"})
    void aLoadThatTakesLongerThanItsWaitersIsCachedAllTheSame(String style) throws Exception {
        if (style.equals("plain")) {
            try (StockContext context = new StockContext(false, Gated.class)) {
                Gated gated = context.bean(Gated.class);
                traffic(style, gated, () -> gated.calls() > CALLERS);
                int begun = gated.calls();
                assertThat(gated.load("key")).isEqualTo("value");
                assertThat(gated.calls()).as("stock").isEqualTo(begun);
            }
        }
        try (CachingContext context = new CachingContext(settings -> settings.setLoadTimeout(PATIENCE), Gated.class)) {
            Gated gated = context.bean(Gated.class);
            assertThat(traffic(style, gated, () -> false)).hasValueGreaterThanOrEqualTo(CALLERS - 1);
            assertThat(Gated.ask(style, gated)).isEqualTo("value");
            assertThat(gated.calls()).as("the slow load, and one beside it").isLessThanOrEqualTo(2);
        }
    }

    /**
     * Has one caller load, and others ask until they get the value, which the load gives once all of them but the one
     * that may load beside it have failed, or it is told to.
     * @return how many calls timed out
     */
    private AtomicInteger traffic(String style, Gated gated, BooleanSupplier enough) throws Exception {
        AtomicInteger timeouts = new AtomicInteger();
        Future<String> leader = threads.submit(() -> Gated.ask(style, gated));
        gated.awaitBegun();
        List<Future<String>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(threads.submit(() -> {
                while (true) {
                    long asked = System.nanoTime();
                    try {
                        return Gated.ask(style, gated);
                    } catch (LoadTimeoutException e) {
                        assertThat(System.nanoTime() - asked)
                                .as("nobody fails before twice the load-timeout")
                                .isGreaterThanOrEqualTo(2 * PATIENCE.toNanos());
                        timeouts.incrementAndGet();
                    }
                }
            }));
        }
        await().until(() -> timeouts.get() >= CALLERS - 1 || enough.getAsBoolean());
        gated.release();
        assertThat(leader.get()).isEqualTo("value");
        for (Future<String> caller : callers) {
            assertThat(caller.get()).isEqualTo("value");
        }
        return timeouts;
    }

    /** The first caller's call goes well; a second, who waits for it, is cancelled. */
    @Test
    void anInterruptOfOneWhoWaitsDoesNotThrowAwayWhatIsBeingLoaded() throws Exception {
        try (StockContext context = new StockContext(false, Gated.class)) {
            assertThat(callsAfterInterrupt(context.bean(Gated.class)))
                    .as("stock")
                    .isZero();
        }
        try (CachingContext context = new CachingContext(settings -> {}, Gated.class)) {
            assertThat(callsAfterInterrupt(context.bean(Gated.class)))
                    .as("ours")
                    .isZero();
        }
    }

    /** How often the method is called for a key that was loaded before. */
    private int callsAfterInterrupt(Gated gated) throws Exception {
        Future<String> leader = threads.submit(() -> gated.load("key"));
        gated.awaitBegun();
        Thread waiter = new Thread(() -> {
            try {
                gated.load("key");
            } catch (Exception cancelled) {
                Thread.currentThread().interrupt();
            }
        });
        waiter.start();
        await().until(() ->
                waiter.getState() == Thread.State.WAITING || waiter.getState() == Thread.State.TIMED_WAITING);
        waiter.interrupt();
        waiter.join();
        gated.release();
        assertThat(leader.get()).isEqualTo("value");
        int before = gated.calls();
        assertThat(gated.load("key")).isEqualTo("value");
        return gated.calls() - before;
    }

    public static class Gated {

        private final AtomicInteger calls = new AtomicInteger();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Cacheable("gated")
        public String load(String key) throws InterruptedException {
            calls.incrementAndGet();
            begun.countDown();
            released.await();
            return "value";
        }

        @Cacheable(cacheNames = "gated", sync = true)
        public String sync(String key) throws InterruptedException {
            return load(key);
        }

        @Cacheable("gated")
        public CompletableFuture<String> future(String key) {
            return CompletableFuture.supplyAsync(() -> loadUnchecked(key), task -> new Thread(task).start());
        }

        @Cacheable("gated")
        public Mono<String> mono(String key) {
            return Mono.fromFuture(
                    () -> CompletableFuture.supplyAsync(() -> loadUnchecked(key), task -> new Thread(task).start()));
        }

        private String loadUnchecked(String key) {
            try {
                return load(key);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Asks for the key, and throws what a caller of the style is told. */
        static String ask(String style, Gated gated) throws Exception {
            return switch (style) {
                case "sync" -> gated.sync("key");
                case "future" -> {
                    try {
                        yield gated.future("key").get();
                    } catch (ExecutionException e) {
                        throw (Exception) e.getCause();
                    }
                }
                case "mono" -> gated.mono("key").block();
                default -> gated.load("key");
            };
        }

        public int calls() {
            return calls.get();
        }

        public void awaitBegun() throws InterruptedException {
            begun.await();
        }

        public void release() {
            released.countDown();
        }
    }
}
