package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.annotation.Cacheable;
import reactor.core.publisher.Mono;

/** Several callers of one key, of whom one is interrupted, or gives up: the others get their answer. */
@Timeout(60)
class InterruptedLeaderTests {

    private static final int WAITERS = 5;

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "future"})
    void everybodyElseIsAnsweredByOneMoreLoad(String style) throws Exception {
        try (CachingContext context = new CachingContext(settings -> {}, Slow.class)) {
            Slow slow = context.bean(Slow.class);
            Caller<String> leader = Caller.of(() -> Slow.ask(style, slow, "key"));
            slow.awaitBegun();
            List<Caller<String>> waiters = waiters(slow, style);
            leader.interrupt();
            assertThat(catchThrowable(leader::answer)).hasStackTraceContaining("InterruptedException");
            slow.open();
            for (Caller<String> waiter : waiters) {
                assertThat(waiter.answer()).isEqualTo("value of key");
            }
            assertThat(slow.calls()).isEqualTo(2);
            assertThat(Slow.ask(style, slow, "key")).isEqualTo("value of key");
            assertThat(slow.calls()).isEqualTo(2);
            assertThat(context.tiered("slow").loadsInProgress()).isZero();
        }
    }

    /** Also where one who waits is interrupted, the load goes on for the rest. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "sync", "future"})
    void whoWaitsAndIsInterruptedTakesNobodyAlong(String style) throws Exception {
        try (CachingContext context = new CachingContext(settings -> {}, Slow.class)) {
            Slow slow = context.bean(Slow.class);
            Caller<String> leader = Caller.of(() -> Slow.ask(style, slow, "key"));
            slow.awaitBegun();
            List<Caller<String>> waiters = waiters(slow, style);
            waiters.get(0).interrupt();
            assertThat(catchThrowable(waiters.get(0)::answer)).isNotNull();
            slow.open();
            assertThat(leader.answer()).isEqualTo("value of key");
            for (Caller<String> waiter : waiters.subList(1, WAITERS)) {
                assertThat(waiter.answer()).isEqualTo("value of key");
            }
            // A blocking caller that is interrupted runs the method, which knows how to end an interrupted call.
            assertThat(slow.calls()).isEqualTo(style.equals("future") ? 1 : 2);
        }
    }

    /** A future belongs to who was given it. */
    @Test
    void aLeaderThatCancelsItsFutureTakesNobodyAlong() throws Exception {
        try (CachingContext context = new CachingContext(settings -> {}, Slow.class)) {
            Slow slow = context.bean(Slow.class);
            CompletableFuture<String> leader = slow.later("key");
            List<CompletableFuture<String>> others = new ArrayList<>();
            for (int i = 0; i < WAITERS; i++) {
                others.add(slow.later("key"));
            }
            leader.cancel(true);
            others.get(0).cancel(true);
            slow.open();
            for (CompletableFuture<String> other : others.subList(1, WAITERS)) {
                assertThat(other.join()).isEqualTo("value of key");
            }
            assertThat(context.tiered("slow").loadsInProgress()).isZero();
        }
    }

    /** Who blocks on a publisher and is interrupted has given up its subscription. */
    @ParameterizedTest
    @ValueSource(strings = {"mono", "sync mono"})
    void aSubscriberThatIsInterruptedTakesNobodyAlong(String style) throws Exception {
        try (CachingContext context = new CachingContext(settings -> {}, Slow.class)) {
            Slow slow = context.bean(Slow.class);
            Caller<String> leader = Caller.of(() -> Slow.ask(style, slow, "key"));
            slow.awaitBegun();
            leader.awaitWaiting();
            List<Caller<String>> waiters = waiters(slow, style);
            leader.interrupt();
            assertThat(catchThrowable(leader::answer)).isNotNull();
            slow.open();
            for (Caller<String> waiter : waiters) {
                assertThat(waiter.answer()).isEqualTo("value of key");
            }
            assertThat(slow.calls()).isLessThanOrEqualTo(2);
            assertThat(context.tiered("slow").loadsInProgress()).isZero();
        }
    }

    private static List<Caller<String>> waiters(Slow slow, String style) {
        List<Caller<String>> waiters = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            waiters.add(Caller.of(() -> Slow.ask(style, slow, "key")));
        }
        waiters.forEach(Caller::awaitWaiting);
        return waiters;
    }

    /** A method that takes its time, in every style. */
    public static class Slow {

        private final AtomicInteger calls = new AtomicInteger();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);
        private final CompletableFuture<Void> opened = new CompletableFuture<>();

        static String ask(String style, Slow self, String key) throws Exception {
            return switch (style) {
                case "plain" -> self.plain(key);
                case "sync" -> self.sync(key);
                case "future" -> self.future(key).get();
                case "mono" -> self.mono(key).block();
                default -> self.syncMono(key).block();
            };
        }

        @Cacheable("slow")
        public String plain(String key) throws InterruptedException {
            return load(key);
        }

        @Cacheable(cacheNames = "slow", sync = true)
        public String sync(String key) throws InterruptedException {
            return load(key);
        }

        /** Takes its time on the caller's thread. */
        @Cacheable("slow")
        public CompletableFuture<String> future(String key) throws InterruptedException {
            return CompletableFuture.completedFuture(load(key));
        }

        /** Takes its time elsewhere. */
        @Cacheable("slow")
        public CompletableFuture<String> later(String key) {
            calls.incrementAndGet();
            return opened.thenApply(open -> "value of " + key);
        }

        @Cacheable("slow")
        public Mono<String> mono(String key) {
            return Mono.fromFuture(() -> later(key)).doOnSubscribe(subscription -> begun.countDown());
        }

        @Cacheable(cacheNames = "slow", sync = true)
        public Mono<String> syncMono(String key) {
            return mono(key);
        }

        private String load(String key) throws InterruptedException {
            calls.incrementAndGet();
            begun.countDown();
            open.await();
            return "value of " + key;
        }

        public int calls() {
            return calls.get();
        }

        public void awaitBegun() throws InterruptedException {
            begun.await();
        }

        public void open() {
            open.countDown();
            opened.complete(null);
        }
    }
}
