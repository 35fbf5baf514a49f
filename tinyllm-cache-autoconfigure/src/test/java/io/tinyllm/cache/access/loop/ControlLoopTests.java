package io.tinyllm.cache.access.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.tinyllm.cache.Access;
import io.tinyllm.cache.AccessListener;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.access.AccessBuffer;
import io.tinyllm.cache.access.AccessConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ControlLoopTests {

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger threads = new AtomicInteger();

    /** Its thread ends at once: the test turns it. */
    private final ControlLoop loop = new ControlLoop(now::get, task -> {
        threads.incrementAndGet();
        return new Thread(() -> {});
    });

    /** What is logged above DEBUG. */
    private final List<String> log = new CopyOnWriteArrayList<>();

    private final Logger logger = (Logger) LoggerFactory.getLogger(Guard.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.INFO)) {
                log.add(event.getFormattedMessage() + ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
    };

    @BeforeEach
    void listenToTheLog() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void close() {
        logger.detachAppender(appender);
        loop.close();
    }

    @Test
    void hasNoThreadUntilThereIsSomethingToDoAndThenOne() {
        assertThat(threads).hasValue(0);
        loop.watch("a", AccessBuffer.NO_SESSIONS, List.of(), key -> 0);
        loop.watch("b", AccessBuffer.NO_SESSIONS, List.of(), key -> 0);
        loop.every("task", 1, () -> {});
        assertThat(threads).hasValue(1);
    }

    @Test
    void showsEachCachesAccessesToItsConsumers() {
        List<Object> seen = new ArrayList<>();
        AccessBuffer first = loop.watch("first", AccessBuffer.NO_SESSIONS, List.of(noting(seen)), key -> 0);
        AccessBuffer second = loop.watch("second", AccessBuffer.NO_SESSIONS, List.of(noting(seen)), key -> 0);
        first.record("a", Outcome.MISS, 1);
        second.record("b", Outcome.MISS, 1);
        loop.turn();
        loop.turn();
        assertThat(seen).containsExactly("first a", "second b");
    }

    private static AccessConsumer noting(List<Object> seen) {
        return batch -> {
            for (int i = 0; i < batch.size(); i++) {
                seen.add(batch.cacheName() + " " + batch.key(i));
            }
        };
    }

    @Test
    void aConsumerThatThrowsIsLeftOutAfterTenFailuresWithOneErrorAndHarmsNoOther() {
        AtomicInteger calls = new AtomicInteger();
        List<Object> seen = new ArrayList<>();
        AccessConsumer failing = batch -> {
            calls.incrementAndGet();
            throw new IllegalStateException("canary-" + batch.key(0));
        };
        AccessBuffer buffer = loop.watch("cache", AccessBuffer.NO_SESSIONS, List.of(failing, noting(seen)), key -> 0);
        for (int i = 0; i < 25; i++) {
            buffer.record(i, Outcome.MISS, 1);
            loop.turn();
        }
        assertThat(calls).hasValue(10);
        assertThat(loop.failures()).isEqualTo(10);
        assertThat(seen).hasSize(25);
        assertThat(log)
                .singleElement()
                .asString()
                .contains("is called less often until it works again")
                .doesNotContain("canary");
    }

    @Test
    void whatHasFailedTooOftenIsTriedAgainAndWorksFromThenOn() {
        AtomicBoolean broken = new AtomicBoolean(true);
        List<Object> seen = new ArrayList<>();
        AccessConsumer healing = batch -> {
            if (broken.get()) {
                throw new IllegalStateException();
            }
            seen.add(batch.key(0));
        };
        AccessBuffer buffer = loop.watch("cache", AccessBuffer.NO_SESSIONS, List.of(healing), key -> 0);
        for (int i = 0; i < 20; i++) {
            buffer.record(i, Outcome.MISS, 1);
            loop.turn();
        }
        broken.set(false);
        for (int i = 0; i < 200; i++) {
            buffer.record(i, Outcome.MISS, 1);
            loop.turn();
        }
        assertThat(seen).hasSizeGreaterThan(100);
        assertThat(loop.failures()).isEqualTo(10);
    }

    @Test
    void runsATaskWheneverItIsDue() {
        AtomicInteger runs = new AtomicInteger();
        loop.every("task", Duration.ofMinutes(5).toNanos(), runs::incrementAndGet);
        loop.turn();
        assertThat(runs).hasValue(0);
        now.addAndGet(Duration.ofMinutes(5).toNanos());
        loop.turn();
        loop.turn();
        assertThat(runs).hasValue(1);
    }

    @Test
    void aListenerThatBlocksDelaysNeitherTheLoopNorAnotherListener() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<Access> heard = new CopyOnWriteArrayList<>();
        AccessListener blocking = (cache, accesses) -> awaitUninterruptibly(release);
        try (ListenerFeed blocked = new ListenerFeed(blocking, ControlLoopTests::daemon);
                ListenerFeed other =
                        new ListenerFeed((cache, accesses) -> heard.addAll(accesses), ControlLoopTests::daemon)) {
            AccessBuffer buffer = loop.watch("cache", AccessBuffer.NO_SESSIONS, List.of(blocked, other), key -> 0);
            for (int i = 0; i < 100; i++) {
                buffer.record(i, Outcome.LOAD, 5);
                loop.turn();
                int sofar = i + 1;
                await().until(() -> heard.size() == sofar);
            }
            assertThat(heard.get(99)).isEqualTo(new Access(99, Outcome.LOAD, Duration.ofNanos(5)));
            assertThat(blocked.dropped()).isPositive();
            assertThat(other.dropped()).isZero();
        } finally {
            release.countDown();
        }
    }

    @Test
    void whatWaitsForASlowListenerIsBoundedByTheBytesOfItsKeys() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger heard = new AtomicInteger();
        AccessListener slow = (cache, accesses) -> {
            awaitUninterruptibly(release);
            heard.addAndGet(accesses.size());
        };
        try (ListenerFeed feed = new ListenerFeed(slow, ControlLoopTests::daemon, 10_000)) {
            AccessBuffer buffer =
                    loop.watch("cache", AccessBuffer.NO_SESSIONS, List.of(feed), key -> ((String) key).length());
            for (int i = 0; i < 6; i++) {
                buffer.record("k".repeat(4096), Outcome.LOAD, 5);
                loop.turn();
            }
            assertThat(feed.dropped()).as("two wait").isEqualTo(4);
            release.countDown();
            await().until(() -> heard.get() == 2);
            // One is always taken, however long its key.
            buffer.record("k".repeat(20_000), Outcome.LOAD, 5);
            loop.turn();
            await().until(() -> heard.get() == 3);
        } finally {
            release.countDown();
        }
    }

    @Test
    void aListenerThatThrowsAgainAndAgainIsLeftOutForAWhile() {
        AtomicInteger calls = new AtomicInteger();
        AccessListener failing = (cache, accesses) -> {
            calls.incrementAndGet();
            throw new IllegalStateException("canary");
        };
        try (ListenerFeed feed = new ListenerFeed(failing, ControlLoopTests::daemon)) {
            AccessBuffer buffer = loop.watch("cache", AccessBuffer.NO_SESSIONS, List.of(feed), key -> 0);
            for (int i = 0; i < 10; i++) {
                buffer.record(i, Outcome.MISS, 1);
                loop.turn();
                int sofar = i + 1;
                await().until(() -> feed.failures() == sofar);
            }
            await().until(() -> !log.isEmpty());
            buffer.record("one more", Outcome.MISS, 1);
            loop.turn();
            await().until(() -> feed.dropped() > 0);
            assertThat(calls).hasValue(10);
            assertThat(log).singleElement().asString().doesNotContain("canary");
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // as unkind as a listener can be
            }
        }
    }
}
