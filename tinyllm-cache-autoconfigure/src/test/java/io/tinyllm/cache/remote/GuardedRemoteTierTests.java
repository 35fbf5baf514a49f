package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The guard over a store whose answers the test gives. */
class GuardedRemoteTierTests {

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService executor = Executors.newFixedThreadPool(2, task -> new Thread(task, "hand-over"));
    private final Store store = new Store();
    private volatile CompletableFuture<?> probe = CompletableFuture.failedFuture(new IllegalStateException());
    private final BackendGuard guard = new BackendGuard("store", 8, timer, System::nanoTime, () -> probe);
    private final ValueTypes types = new ValueTypes(List.of(), getClass().getClassLoader());

    @AfterEach
    void stop() {
        timer.shutdownNow();
        executor.shutdownNow();
    }

    private GuardedRemoteTier tier(Duration timeout) {
        guard.connected(true, "");
        return new GuardedRemoteTier(
                "cache",
                store,
                guard,
                new KeyCodec(types, List.of(), BeanKeys.NONE),
                new EntryCodec(
                        new ValueCodec(types, ValueLimits.DEFAULT, List.of()),
                        new EnvelopeFormat(EnvelopeFormat.NEVER, 1 << 20)),
                TierOptions.DEFAULT.withTimeout(timeout),
                timer,
                executor,
                System::nanoTime);
    }

    private GuardedRemoteTier tier() {
        return tier(Duration.ofSeconds(20));
    }

    private static Reason reason(CompletableFuture<?> failed) {
        Throwable[] cause = new Throwable[1];
        failed.handle((result, failure) -> cause[0] = failure)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
        Throwable failure = cause[0].getCause() == null ? cause[0] : cause[0].getCause();
        return ((RemoteFailure) failure).reason();
    }

    @Nested
    class Contract extends RemoteTierContract {

        @Override
        protected RemoteTier tier() {
            return GuardedRemoteTierTests.this.tier();
        }
    }

    @Test
    void givesUpOperationThatTakesTooLong() {
        GuardedRemoteTier tier = tier(Duration.ofMillis(20));
        store.hang = true;

        assertThat(reason(tier.get("key"))).isEqualTo(Reason.TIMEOUT);
        assertThat(guard.errors("timeout")).isEqualTo(1);
        assertThat(guard.health().inFlight()).isZero();
    }

    @Test
    void discardsReplyThatComesTooLate() {
        GuardedRemoteTier tier = tier(Duration.ofMillis(20));
        store.hang = true;
        CompletableFuture<RemoteEntry> read = tier.get("key");
        assertThat(reason(read)).isEqualTo(Reason.TIMEOUT);

        store.answerAll();

        assertThat(read).isCompletedExceptionally();
        assertThat(guard.health().inFlight()).isZero();
    }

    @Test
    void refusesMoreOperationsThanMayBeUnderWay() {
        GuardedRemoteTier tier = tier();
        store.hang = true;
        for (int i = 0; i < 8; i++) {
            tier.get("key-" + i);
        }
        assertThat(reason(tier.get("key"))).isEqualTo(Reason.REJECTED);

        store.hang = false;
        store.answerAll();
        assertThat(tier.get("key").join()).isNull();
    }

    @Test
    void leavesFailingStoreAloneUntilProbeIsAnswered() {
        GuardedRemoteTier tier = tier();
        store.failure = new RemoteFailure(Reason.CONNECTION, "");
        for (int i = 0; i < 5; i++) {
            assertThat(reason(tier.get("key"))).isEqualTo(Reason.CONNECTION);
        }
        int sent = store.sent.size();

        assertThat(reason(tier.get("key"))).isEqualTo(Reason.BREAKER);
        assertThat(reason(tier.remove("key"))).isEqualTo(Reason.BREAKER);
        assertThat(guard.state()).isEqualTo(State.BREAKER_OPEN);
        assertThat(store.sent).hasSize(sent);

        store.failure = null;
        probe = CompletableFuture.completedFuture(null);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> guard.state() == State.UP);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !tier.isCatchingUp());
        assertThat(store.sent).endsWith("delete s3:key");
    }

    @Test
    void doesNotReadKeyWhoseWriteFailedUntilItIsDeleted() {
        GuardedRemoteTier tier = tier();
        tier.prepare("key", "old", Long.MAX_VALUE).send().join();
        store.failure = new RemoteFailure(Reason.OOM, "");
        assertThat(reason(tier.prepare("key", "new", Long.MAX_VALUE).send())).isEqualTo(Reason.OOM);
        store.failure = null;

        assertThat(tier.get("key").join()).isNull();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !tier.isCatchingUp());
        assertThat(store.entries).isEmpty();
    }

    @Test
    void doesNotReadAnythingAfterClearThatFailed() {
        GuardedRemoteTier tier = tier();
        tier.prepare("key", "old", Long.MAX_VALUE).send().join();
        store.failure = new RemoteFailure(Reason.ERROR, "");
        assertThatThrownBy(() -> tier.clear().join()).hasCauseInstanceOf(RemoteFailure.class);
        store.failure = null;

        assertThat(tier.get("key").join()).isNull();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !tier.isCatchingUp());
        assertThat(tier.get("key").join()).isNull();
    }

    @Test
    void removesWhatCannotBeEncoded() {
        GuardedRemoteTier tier = tier();
        tier.prepare("key", "value", Long.MAX_VALUE).send().join();

        tier.prepare("key", new Thread("no value"), Long.MAX_VALUE).send().join();

        assertThat(tier.get("key").join()).isNull();
        assertThat(guard.errors("encode")).isEqualTo(1);
    }

    /** A value that knows which thread has read it. */
    record Traced(String text) {

        private static volatile Thread reader;

        Traced {
            reader = Thread.currentThread();
        }
    }

    @Test
    void decodesOnTheThreadThatWaitsOrElseOnTheExecutor() throws Exception {
        types.declare("cache", Traced.class);
        GuardedRemoteTier tier = tier();
        tier.prepare("key", new Traced("value"), Long.MAX_VALUE).send().join();
        store.hang = true;
        CompletableFuture<RemoteEntry> awaited = tier.get("key");
        Thread caller = Thread.currentThread();
        Thread answering = new Thread(() -> {
            while (caller.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            store.answerAll();
        });
        answering.start();
        RemoteEntry entry = awaited.get();
        assertThat(Traced.reader).isSameAs(caller);
        assertThat(entry.value()).isEqualTo(new Traced("value"));
        answering.join();
        tier.get("key").thenAccept(later -> {});
        store.answerAll();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Traced.reader.getName().equals("hand-over"));
    }

    @Test
    void endsWaitOfInterruptedCallerAndStillAnswersOthers() throws Exception {
        GuardedRemoteTier tier = tier();
        store.hang = true;
        CompletableFuture<RemoteEntry> read = tier.get("key");
        List<Throwable> ends = new ArrayList<>();
        Thread waiting = new Thread(() -> {
            try {
                read.get();
            } catch (Exception e) {
                ends.add(e);
            }
        });
        waiting.start();
        waiting.interrupt();
        waiting.join();
        assertThat(ends).singleElement().isInstanceOf(InterruptedException.class);

        CompletableFuture<String> dependent =
                read.thenApply(entry -> Thread.currentThread().getName());
        store.answerAll();
        assertThat(dependent.get(20, TimeUnit.SECONDS)).isEqualTo("hand-over");
    }

    /** A store in a map. */
    private static final class Store implements RemoteStore {

        private final Map<String, byte[]> entries = new ConcurrentHashMap<>();
        private final Map<String, Long> expiry = new ConcurrentHashMap<>();
        private final ConcurrentLinkedQueue<String> sent = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Runnable> pending = new ConcurrentLinkedQueue<>();
        private volatile RemoteFailure failure;
        private volatile boolean hang;

        void answerAll() {
            for (Runnable next = pending.poll(); next != null; next = pending.poll()) {
                next.run();
            }
        }

        private <T> CompletableFuture<T> answer(String command, T result) {
            sent.add(command);
            CompletableFuture<T> answer = new CompletableFuture<>();
            Runnable end = () -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(failure);
                }
            };
            if (hang) {
                pending.add(end);
            } else {
                end.run();
            }
            return answer;
        }

        private static String text(byte[] key) {
            return new String(key, StandardCharsets.ISO_8859_1);
        }

        @Override
        public CompletableFuture<byte[]> get(byte[] key) {
            Long expires = expiry.get(text(key));
            boolean live = expires == null || expires > currentTimeMillis();
            return answer("get " + text(key), live ? entries.get(text(key)) : null);
        }

        @Override
        public CompletableFuture<?> set(byte[] key, byte[] value, long ttlMillis) {
            if (failure == null) {
                entries.put(text(key), value);
                if (ttlMillis > 0) {
                    expiry.put(text(key), currentTimeMillis() + ttlMillis);
                }
            }
            return answer("set " + text(key), null);
        }

        @Override
        public CompletableFuture<?> delete(byte[] key) {
            if (failure == null) {
                entries.remove(text(key));
                expiry.remove(text(key));
            }
            return answer("delete " + text(key), null);
        }

        @Override
        public CompletableFuture<?> clear() {
            if (failure == null) {
                entries.clear();
                expiry.clear();
            }
            return answer("clear", null);
        }

        @Override
        public long currentTimeMillis() {
            return System.currentTimeMillis();
        }
    }
}
