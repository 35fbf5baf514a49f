package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WriteBackPolicyTests extends WritePolicyContract {

    private static final WriteBackSettings SETTINGS = new WriteBackSettings(Duration.ofSeconds(1), 10, 100, 5, 20);

    private final AtomicBoolean journalFails = new AtomicBoolean();

    @Override
    StoreWriter policy() {
        return policy(store, SETTINGS);
    }

    private WriteBackPolicy policy(RecordingStore under, WriteBackSettings settings) {
        return new WriteBackPolicy(
                "cache",
                Untyped.of(under),
                settings,
                DirtyBytes.unlimited(),
                () -> new FailingJournal(journalFails),
                task -> {},
                ticker,
                new Random(1));
    }

    private void flushDue() {
        ((WriteBackPolicy) policy).flushDue();
    }

    @Override
    void quiesce() {
        ticker.advance(SETTINGS.flushInterval());
        flushDue();
    }

    private void advanceAndFlush(int rounds) {
        for (int round = 0; round < rounds; round++) {
            ticker.advance(Duration.ofSeconds(5));
            flushDue();
        }
    }

    @Test
    void nothingReachesTheStoreBeforeTheInterval() {
        put("a", "1");
        ticker.advance(SETTINGS.flushInterval().minusNanos(1));
        flushDue();
        assertThat(store.calls).isEmpty();
        ticker.advance(Duration.ofNanos(1));
        flushDue();
        assertThat(store.calls).containsExactly("write {a=1}");
    }

    @Test
    void aFullBatchDoesNotWait() {
        for (int i = 0; i < 10; i++) {
            put("k" + i, "v");
        }
        flushDue();
        assertThat(store.calls).hasSize(1);
        assertThat(store.rows).hasSize(10);
    }

    @Test
    void noCallIsLargerThanABatch() {
        for (int i = 0; i < 25; i++) {
            put("k" + i, "v");
        }
        quiesce();
        assertThat(store.calls).hasSize(3);
        assertThat(store.rows).hasSize(25);
    }

    @Test
    void onlyTheLastOperationOfAKeyReachesTheStore() {
        put("a", "1");
        put("a", "2");
        policy.evict("b").close();
        put("b", "3");
        quiesce();
        assertThat(store.calls).containsExactly("write {a=2, b=3}");
    }

    @Test
    void aRowPutTwiceAndEvictedNeverExisted() {
        put("a", "1");
        put("a", "2");
        policy.evict("a").close();
        quiesce();
        advanceAndFlush(3);
        assertThat(store.calls).containsExactly("delete [a]");
        assertThat(store.rows).isEmpty();
    }

    @Test
    void whatIsPendingAnswersReads() {
        put("a", "1");
        policy.evict("b").close();
        assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending("1"));
        assertThat(policy.pending("b")).matches(StoreWriter.Pending::isDeletion);
        assertThat(policy.pending("c")).isNull();
        quiesce();
        assertThat(policy.pending("a")).isNull();
        assertThat(policy.pending("b")).isNull();
    }

    @Test
    void aWriteDuringItsFlushIsFlushedAgain() {
        put("a", "1");
        store.before = () -> {
            store.before = () -> {};
            put("a", "2");
            assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending("2"));
        };
        quiesce();
        assertThat(policy.statistics().dirty()).isEqualTo(1);
        assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending("2"));
        quiesce();
        assertThat(store.calls).containsExactly("write {a=1}", "write {a=2}");
        assertThat(policy.statistics().dirty()).isZero();
    }

    @Test
    void aPoisonKeyIsIsolatedAndTheOthersLandAtOnce() {
        store.refuses = "k7"::equals;
        for (int i = 0; i < 10; i++) {
            put("k" + i, "v");
        }
        flushDue();
        assertThat(store.rows).hasSize(9).doesNotContainKey("k7");
        assertThat(policy.statistics().dirty()).isEqualTo(1);
    }

    @Test
    void aPoisonKeyBecomesADeadLetterThatStillAnswersReads() {
        store.refuses = "k7"::equals;
        put("k7", "v");
        put("ok", "v");
        quiesce();
        advanceAndFlush(3);
        assertThat(policy.statistics().deadLetters()).isEmpty();
        advanceAndFlush(1);
        assertThat(policy.statistics().deadLetters())
                .containsExactly(new DeadLetter(
                        "k7", "java.lang.String", 5, "java.lang.IllegalStateException: refused", DeadLetter.REFUSED));
        assertThat(policy.statistics().dirty()).isZero();
        assertThat(policy.pending("k7")).isEqualTo(new StoreWriter.Pending("v"));
        int calls = store.calls.size();
        advanceAndFlush(10);
        assertThat(store.calls).hasSize(calls);
    }

    @Test
    void deadLettersAreRetriedOnRequest() {
        aPoisonKeyBecomesADeadLetterThatStillAnswersReads();
        store.refuseNothing();
        assertThat(policy.retryDeadLetters()).isEqualTo(1);
        flushDue();
        assertThat(store.rows).containsEntry("k7", "v");
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    @Test
    void aLaterOperationTakesThePlaceOfADeadLetter() {
        aPoisonKeyBecomesADeadLetterThatStillAnswersReads();
        store.refuseNothing();
        policy.evict("k7").close();
        assertThat(policy.statistics().deadLetters()).isEmpty();
        quiesce();
        assertThat(policy.retryDeadLetters()).isZero();
        assertThat(store.rows).doesNotContainKey("k7");
    }

    @Test
    void deadLettersAreBoundedAndWhatIsBeyondIsRetriedForEver() {
        store.refuses = key -> !key.startsWith("ok");
        for (int i = 0; i < 30; i++) {
            put("k" + i, "v");
        }
        for (int round = 0; round < 40; round++) {
            put("ok" + round, "v");
            advanceAndFlush(1);
        }
        assertThat(policy.statistics().deadLetters()).hasSize(20);
        assertThat(policy.statistics().dirty()).isEqualTo(10);
        store.refuseNothing();
        policy.retryDeadLetters();
        advanceAndFlush(2);
        assertThat(store.rows).hasSize(70);
    }

    @Test
    void whatWasGivenUpInAnOutageComesBackWithTheStore() {
        store.refuseEverything();
        for (int i = 0; i < 15; i++) {
            put("k" + i, "v");
        }
        advanceAndFlush(30);
        assertThat(policy.statistics().deadLetters()).isNotEmpty();
        store.refuseNothing();
        advanceAndFlush(4);
        assertThat(store.rows).hasSize(15);
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    @Test
    void aStoreThatRefusesEverythingIsAskedSeldom() {
        store.refuseEverything();
        for (int i = 0; i < 100; i++) {
            put("k" + i, "v");
        }
        flushDue();
        assertThat(store.calls).hasSizeLessThan(30);
        int calls = store.calls.size();
        flushDue();
        assertThat(store.calls).hasSize(calls);
    }

    @Test
    void aFullBufferSlowsWritersToWriteThrough() {
        for (int i = 0; i < 100; i++) {
            put("k" + i, "v");
        }
        assertThat(store.calls).isEmpty();
        put("one more", "v");
        assertThat(store.calls).containsExactly("write {one more=v}");
        assertThat(policy.pending("one more")).isNull();
        put("k1", "replaced needs no room");
        assertThat(store.calls).hasSize(1);
        store.refuseEverything();
        assertThatThrownBy(() -> put("another", "v")).hasMessage("refused");
        assertThat(policy.pending("another")).isNull();
        assertThat(policy.statistics().dirty()).isEqualTo(100);
        assertThat(policy.statistics().writtenThrough()).isEqualTo(1);
        store.refuseNothing();
        quiesce();
        assertThat(store.rows).hasSize(101).containsEntry("k1", "replaced needs no room");
    }

    @Test
    void aWriteThroughOfAFailedJournalKeepsTheOrderOfItsKey() {
        put("a", "1");
        journalFails.set(true);
        put("a", "2");
        assertThat(store.calls).containsExactly("write {a=2}");
        assertThat(policy.pending("a")).isNull();
        quiesce();
        assertThat(store.calls).hasSize(1);
    }

    @Test
    void aFailedWriteThroughOfAFailedJournalLeavesWhatWasAcknowledged() {
        put("a", "1");
        journalFails.set(true);
        store.refuseEverything();
        assertThatThrownBy(() -> put("a", "2")).hasMessage("refused");
        assertThat(policy.pending("a")).isEqualTo(new StoreWriter.Pending("1"));
        store.refuseNothing();
        quiesce();
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void aWriteBufferedDuringAWriteThroughComesAfterIt() throws InterruptedException {
        journalFails.set(true);
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        store.before = () -> {
            writing.countDown();
            await(go);
        };
        Thread through = new Thread(() -> put("a", "1"));
        through.start();
        await(writing);
        journalFails.set(false);
        store.before = () -> {};
        put("a", "2");
        quiesce();
        assertThat(store.rows).isEmpty();
        go.countDown();
        through.join();
        quiesce();
        assertThat(store.calls).containsExactly("write {a=1}", "write {a=2}");
        assertThat(store.rows).isEqualTo(Map.of("a", "2"));
    }

    @Test
    void aStoreWithoutAClearKeepsWhatIsPending() {
        RecordingStore plain = new RecordingStore();
        WriteBackPolicy back = policy(plain, SETTINGS);
        back.put("a", "1").close();
        back.clear().close();
        assertThat(back.pending("a")).isEqualTo(new StoreWriter.Pending("1"));
        back.close(Duration.ofSeconds(10));
        assertThat(plain.rows).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void aClearTakesWhatTheStoreRefusedBeforeIt() {
        store.refuses = "poison"::equals;
        put("poison", "v");
        put("a", "v");
        policy.clear().close();
        store.refuseNothing();
        advanceAndFlush(3);
        assertThat(store.rows).isEmpty();
        assertThat(policy.statistics().dirty()).isZero();
    }

    @Test
    void closeFlushesWhatIsNotDue() {
        put("a", "1");
        policy.close(Duration.ofSeconds(10));
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void afterCloseWritesGoToTheStoreAtOnce() {
        policy.close(Duration.ofSeconds(10));
        put("a", "1");
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void anOutageLosesNothingKeepsTheOrderAndIsBounded() {
        Random random = new Random(7);
        Map<String, String> acknowledged = new HashMap<>();
        store.refuseEverything();
        List<Integer> dirty = new ArrayList<>();
        for (int step = 0; step < 3000; step++) {
            String key = "k" + random.nextInt(300);
            String value = "v" + step;
            try {
                put(key, value);
                acknowledged.put(key, value);
            } catch (IllegalStateException refused) {
                assertThat(policy.statistics().dirty()).isGreaterThanOrEqualTo(100);
            }
            ticker.advance(Duration.ofMillis(10));
            flushDue();
            dirty.add(policy.statistics().dirty()
                    + policy.statistics().deadLetters().size());
        }
        assertThat(dirty).allMatch(size -> size <= 120);
        assertThat(store.rows).isEmpty();
        store.refuseNothing();
        advanceAndFlush(10);
        assertThat(store.rows).isEqualTo(acknowledged);
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A journal that can be told to refuse. */
    private static final class FailingJournal implements Journal {

        private final Journal none = Journal.none(size -> 0);
        private final AtomicBoolean fails;

        FailingJournal(AtomicBoolean fails) {
            this.fails = fails;
        }

        @Override
        public List<Recovered> recovered() {
            return List.of();
        }

        @Override
        public Prepared prepare(Object key, @Nullable Object value) {
            return none.prepare(key, value);
        }

        @Override
        public Operation append(Prepared prepared) throws IOException {
            if (fails.get()) {
                throw new IOException("No space left on device");
            }
            return none.append(prepared);
        }

        @Override
        public long nextSequence() {
            return none.nextSequence();
        }

        @Override
        public boolean release(List<Operation> operations) {
            return true;
        }

        @Override
        public boolean canEnd(Object key) {
            return true;
        }

        @Override
        public void giveUp(Operation operation, DeadLetter letter) {}

        @Override
        public List<DeadLetter> unreadable() {
            return List.of();
        }

        @Override
        public List<Recovered> retryUnreadable() {
            return List.of();
        }

        @Override
        public boolean isOnDisk() {
            return false;
        }

        @Override
        public boolean isHealthy() {
            return !fails.get();
        }

        @Override
        public void maintain() {}

        @Override
        public void close() {}
    }
}
