package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.LoadTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.cache.annotation.Cacheable;

/** Loads that take longer than the load-timeout, as long completions do, and callers that are cancelled meanwhile. */
@Timeout(60)
class SlowLoadTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** A load of 450 ms, a load-timeout of 300 ms, a caller every 20 ms: as 45 s, 30 s and 2 s. */
    @Test
    void aLoadThatTakesLongerThanItsWaitersIsCachedAllTheSame() throws Exception {
        int ours;
        int timeouts;
        int stock;
        try (StockContext context = new StockContext(false, Slow.class)) {
            Slow slow = context.bean(Slow.class);
            traffic(slow);
            stock = slow.callsAfterTheFirstHadEnded();
        }
        try (CachingContext context =
                new CachingContext(settings -> settings.setLoadTimeout(Duration.ofMillis(300)), Slow.class)) {
            Slow slow = context.bean(Slow.class);
            timeouts = traffic(slow);
            ours = slow.callsAfterTheFirstHadEnded();
        }
        System.out.println("calls that began after the first had its result: ours " + ours + ", stock " + stock + "; "
                + timeouts + " timeouts in ours");
        assertThat(stock).as("stock").isZero();
        assertThat(ours).as("ours").isZero();
    }

    /** Runs 5 s of traffic; answers how many callers timed out. */
    private int traffic(Slow slow) throws Exception {
        List<Future<Boolean>> callers = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            callers.add(threads.submit(() -> {
                try {
                    slow.complete("prompt");
                    return false;
                } catch (LoadTimeoutException e) {
                    return true;
                }
            }));
            Thread.sleep(20);
        }
        int timeouts = 0;
        for (Future<Boolean> caller : callers) {
            timeouts += caller.get() ? 1 : 0;
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

    public static class Slow {

        private final AtomicInteger late = new AtomicInteger();
        private volatile long firstEnded = Long.MAX_VALUE;

        @Cacheable("slow")
        public String complete(String prompt) throws InterruptedException {
            // 100 ms of grace: what began before the result was stored.
            if (firstEnded != Long.MAX_VALUE && System.nanoTime() - firstEnded > 100_000_000) {
                late.incrementAndGet();
            }
            Thread.sleep(450);
            synchronized (this) {
                firstEnded = Math.min(firstEnded, System.nanoTime());
            }
            return "completion";
        }

        public int callsAfterTheFirstHadEnded() {
            return late.get();
        }
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
