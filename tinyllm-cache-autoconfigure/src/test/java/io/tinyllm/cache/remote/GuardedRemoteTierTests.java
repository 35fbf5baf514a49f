package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
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
    private final NotShared notShared = new NotShared();
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
                System::nanoTime,
                notShared);
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
    void holdsTheBytesOfAWriteUntilTheStoreIsDoneWithItThoughNobodyWaitsAnyMore() {
        GuardedRemoteTier tier = tier(Duration.ofMillis(20));
        store.hang = true;
        String value = "v".repeat(100_000);

        assertThat(reason(tier.prepare("key", value, 0).send())).isEqualTo(Reason.TIMEOUT);
        assertThat(reason(tier.get("long " + "k".repeat(50_000)))).isEqualTo(Reason.TIMEOUT);
        assertThat(reason(tier.get("short"))).isEqualTo(Reason.TIMEOUT);
        assertThat(guard.health().inFlight()).isZero();
        assertThat(guard.bytes()).isBetween(150_000L, 160_000L);

        store.hang = false;
        store.answerAll();
        assertThat(guard.bytes()).isZero();
        tier.prepare("key", value, 0).send().join();
        assertThat(guard.bytes()).isZero();
        store.failure = new RemoteFailure(Reason.CONNECTION, "");
        assertThat(reason(tier.prepare("key", value, 0).send())).isEqualTo(Reason.CONNECTION);
        assertThat(guard.bytes()).isZero();
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
        assertThat(store.sent).endsWith("retract s3:key");
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

    @Test
    void aCallersPutThatCannotBeEncodedIsToldToTheOthersAndALoadsResultIsNot() {
        GuardedRemoteTier tier = tier();
        tier.prepareLoaded("loaded", new Thread("no value"), Long.MAX_VALUE)
                .send()
                .join();
        assertThat(store.sent).containsExactly("delete s6:loaded");

        tier.prepare("put", new Thread("no value"), Long.MAX_VALUE).send().join();
        assertThat(store.sent).endsWith("retract s3:put");
        tier.remove("put").join();
        assertThat(store.sent).endsWith("retract s3:put");
        assertThat(store.sent).hasSize(3);
        tier.removeLoaded("put").join();
        assertThat(store.sent).endsWith("delete s3:put");
    }

    @Test
    void whatCannotBeEncodedIsNamedWithItsReason() {
        GuardedRemoteTier tier = tier();
        tier.prepare("key", new Thread("no value"), Long.MAX_VALUE);
        tier.prepareLoaded("key", new Thread("no value"), Long.MAX_VALUE);
        tier.prepare(new Thread("no key"), "value", Long.MAX_VALUE).send().join();

        assertThat(store.sent).isEmpty();
        List<NotShared.Row> rows = notShared.rows("cache");
        assertThat(rows).extracting(NotShared.Row::type).containsExactly("java.lang.Thread", "java.lang.Thread");
        assertThat(rows).extracting(NotShared.Row::count).containsExactly(2L, 1L);
        assertThat(rows).allSatisfy(row -> assertThat(row.reason()).isNotBlank());
        assertThat(notShared.count("cache", NotShared.Part.VALUE)).isEqualTo(2);
        assertThat(notShared.count("cache", NotShared.Part.KEY)).isEqualTo(1);
        assertThat(notShared.rows("other")).isEmpty();
    }

    @Test
    void aRemovalSaysWhetherTheStoreHeldTheKey() {
        GuardedRemoteTier tier = tier();
        tier.prepare("key", "value", Long.MAX_VALUE).send().join();

        assertThat((Object) tier.remove("key").join()).isEqualTo(true);
        assertThat((Object) tier.remove("key").join()).isEqualTo(false);
        assertThat((Object) tier.clear().join()).isEqualTo(true);
        assertThat((Object) tier.clear().join()).isEqualTo(false);
    }

    @Test
    void whatStandsAtAKeyForAMomentOnlyIsNoEntryAndNoFault() {
        GuardedRemoteTier tier = tier();
        store.entries.put("s3:key", new byte[0]);

        assertThat(tier.get("key").join()).isNull();
        assertThat(guard.errors("decode:bad_magic")).isZero();
    }

    @Test
    void whatIsDoubtfulReplacesNothingAndMakesNothingReadable() {
        GuardedRemoteTier tier = tier();
        tier.prepare("there", "newer", Long.MAX_VALUE).send().join();
        tier.prepareLoaded("there", "older", Long.MAX_VALUE).sendIfAbsent().join();
        tier.prepareLoaded("missing", "loaded", Long.MAX_VALUE).sendIfAbsent().join();
        assertThat(tier.get("there").join().value()).isEqualTo("newer");
        assertThat(tier.get("missing").join().value()).isEqualTo("loaded");

        store.failure = new RemoteFailure(RemoteFailure.Reason.ERROR, "refused");
        assertThat(tier.remove("there")).failsWithin(Duration.ofSeconds(20));
        store.failure = null;
        store.sent.clear();
        tier.prepareLoaded("there", "older", Long.MAX_VALUE).sendIfAbsent().join();
        assertThat(store.sent).noneMatch(command -> command.contains("added"));
    }

    // ------------------------------------------------------------------------------------------------ news of others

    enum Colour {
        RED
    }

    record Place(Colour colour, String name) {}

    /** Remembers what it was told. */
    private static final class Heard implements RemoteTier.InvalidationListener {

        private final ConcurrentLinkedQueue<Object> keys = new ConcurrentLinkedQueue<>();

        @Override
        public void invalidate(Object key) {
            keys.add(key);
        }

        @Override
        public Runnable doubt(Object key) {
            return () -> keys.add(key);
        }

        @Override
        public void invalidateAll() {
            keys.add("all");
        }
    }

    private Heard listening(GuardedRemoteTier tier) {
        Heard heard = new Heard();
        tier.onInvalidation(heard);
        return heard;
    }

    /** Keys of classes of the application, and ones that are stored under their hash. */
    private static List<Object> keysThatAreHardToRead() {
        return List.of(
                new Place(Colour.RED, "n"), Colour.RED, List.of(Colour.RED), "k".repeat(600), List.of("l".repeat(600)));
    }

    @Test
    void invalidationsOfAKeyThatIsNotMadeOfBytesAreReceived() {
        types.allow(Place.class);
        for (Object key : keysThatAreHardToRead()) {
            GuardedRemoteTier tier = tier();
            Heard heard = listening(tier);
            tier.get(key).join();
            byte[] id = KeyCodec.shorten(new KeyCodec(types, List.of(), BeanKeys.NONE).encode(key));

            store.changes.changed(id);
            store.changes.changed(id);
            assertThat(heard.keys).as("%s", key).containsExactly(key, key);
        }
    }

    @Test
    void invalidationsAreReceivedAfterAClearThatRepairs() {
        GuardedRemoteTier tier = tier();
        Heard heard = listening(tier);
        Object key = "k".repeat(600);
        tier.get(key).join();
        store.failure = new RemoteFailure(Reason.ERROR, "");
        assertThatThrownBy(() -> tier.clear().join()).hasCauseInstanceOf(RemoteFailure.class);
        tier.heldHere(key); // by a load that has ended since
        store.failure = null;
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !tier.isCatchingUp());

        store.changes.changed(KeyCodec.shorten(new KeyCodec(types, List.of(), BeanKeys.NONE).encode(key)));
        assertThat(heard.keys).containsExactly(key);
    }

    @Test
    void newsAreHeardOfWhatWasPutWhileAllWasForgotten() {
        GuardedRemoteTier tier = tier();
        Heard heard = listening(tier);
        types.allow(Colour.class);
        Object key = List.of(Colour.RED);
        RemoteTier.Write prepared = tier.prepare(key, "value", Long.MAX_VALUE);
        store.changes.allChanged();
        prepared.send().join();

        store.changes.changed(new KeyCodec(types, List.of(), BeanKeys.NONE).encode(key));
        assertThat(heard.keys).containsExactly("all", key);
    }

    @Test
    void whatIsHeldOfKeysThatAreTooManyIsDroppedBeforeTheyAreForgotten() {
        KeyCodec codec = new KeyCodec(types, List.of(), BeanKeys.NONE);
        KeyNews news = new KeyNews(codec, Runnable::run, () -> {}, 10_000);
        Heard heard = new Heard();
        news.tell(heard);
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            keys.add(List.of("key", i));
            news.inUse(new Address(codec.encode(keys.get(i)), keys.get(i)));
        }
        List<Object> dropped = List.copyOf(heard.keys);
        assertThat(dropped).isEqualTo(keys.subList(0, dropped.size())).hasSizeBetween(900, 990);

        for (Object key : keys) {
            heard.keys.clear();
            news.changed(codec.encode(key));
            assertThat(heard.keys.contains(key)).isEqualTo(!dropped.contains(key));
        }
    }

    @Test
    void invalidationsOfKeysThatNobodyHasUsedHereAreNotDecoded() {
        types.allow(Place.class);
        Heard heard = listening(tier());
        store.changes.changed(new KeyCodec(types, List.of(), BeanKeys.NONE).encode(new Place(Colour.RED, "foreign")));
        store.changes.changed(("bi300000:" + "7".repeat(300_000)).getBytes(StandardCharsets.US_ASCII));
        assertThat(heard.keys).isEmpty();
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
        private volatile ChangeListener changes;

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
        public CompletableFuture<?> setIfAbsent(byte[] key, byte[] value, long ttlMillis) {
            boolean stored = failure == null && entries.putIfAbsent(text(key), value) == null;
            return answer((stored ? "added " : "not added ") + text(key), null);
        }

        @Override
        public CompletableFuture<Boolean> delete(byte[] key) {
            return remove("delete ", key);
        }

        @Override
        public CompletableFuture<Boolean> retract(byte[] key) {
            return remove("retract ", key);
        }

        private CompletableFuture<Boolean> remove(String command, byte[] key) {
            boolean held = failure == null && entries.remove(text(key)) != null;
            return answer(command + text(key), held);
        }

        @Override
        public void onChange(ChangeListener listener) {
            changes = listener;
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
