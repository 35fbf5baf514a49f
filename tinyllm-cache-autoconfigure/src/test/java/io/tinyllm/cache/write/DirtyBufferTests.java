package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DirtyBufferTests {

    private static final WriteBackSettings SETTINGS = new WriteBackSettings(Duration.ofSeconds(1), 3, 5, 2, 2);
    private static final long MEGABYTE = 1 << 20;

    private final ManualTicker ticker = new ManualTicker();
    private final DirtyBytes bytes = new DirtyBytes(8 * MEGABYTE);
    private final DirtyBuffer buffer = new DirtyBuffer(SETTINGS, ticker, new Backoff(new Random(1)), bytes);
    private long sequence;

    private Operation offer(String key, String value) {
        return offer(key, value, 10);
    }

    private Operation offer(String key, String value, long size) {
        Operation operation = new Operation(key, value, ++sequence, size);
        bytes.take(operation.held());
        buffer.offer(operation);
        return operation;
    }

    private List<Object> keys(List<DirtyEntry> batch) {
        return batch.stream().map(entry -> entry.key).toList();
    }

    @Test
    void theLastOperationOfAKeyIsWhatWaits() {
        Operation first = offer("a", "1");
        Operation second = offer("a", "2");
        assertThat(buffer.pending("a")).isSameAs(second);
        bytes.take(first.held());
        buffer.offer(first);
        assertThat(buffer.pending("a")).as("an older one that comes late").isSameAs(second);
        assertThat(buffer.dirty()).isEqualTo(1);
    }

    @Test
    void aBatchIsDueWhenItIsFullOrItsOldestHasWaitedLongEnough() {
        offer("a", "1");
        offer("b", "1");
        assertThat(buffer.claimBatch(false)).isEmpty();
        offer("c", "1");
        assertThat(keys(buffer.claimBatch(false))).containsExactly("a", "b", "c");
        offer("d", "1");
        assertThat(buffer.claimBatch(false)).isEmpty();
        ticker.advance(SETTINGS.flushInterval());
        assertThat(keys(buffer.claimBatch(false))).containsExactly("d");
    }

    @Test
    void aBatchIsBoundedInBytesTooButForItsFirst() {
        offer("large", "v", 3 * MEGABYTE);
        offer("larger", "v", 4 * MEGABYTE);
        offer("small", "v");
        assertThat(keys(buffer.claimBatch(true))).containsExactly("large");
        assertThat(keys(buffer.claimBatch(true))).containsExactly("larger");
        assertThat(keys(buffer.claimBatch(true))).containsExactly("small");
    }

    @Test
    void aKeyIsWrittenByOneAtATimeAndAnOperationThatComesMeanwhileIsNotLost() {
        Operation first = offer("a", "1");
        DirtyEntry entry = buffer.claimBatch(true).get(0);
        assertThat(buffer.claim("a", false)).as("while another has it").isNull();
        Operation second = offer("a", "2");
        assertThat(buffer.claimBatch(true)).isEmpty();
        buffer.settle(entry, first);
        assertThat(buffer.pending("a")).isSameAs(second);
        assertThat(keys(buffer.claimBatch(true))).containsExactly("a");
    }

    @Test
    void aWriterWaitsForItsTurnWhateverInterruptsIt() throws InterruptedException {
        Operation first = offer("a", "1");
        DirtyEntry claimed = buffer.claimBatch(true).get(0);
        AtomicReference<DirtyEntry> got = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread writer = new Thread(() -> {
            Thread.currentThread().interrupt();
            started.countDown();
            got.set(buffer.claim("a", true));
            interrupted.set(Thread.interrupted());
        });
        writer.start();
        started.await();
        buffer.settle(claimed, first);
        writer.join();
        assertThat(got.get()).isNotNull();
        assertThat(interrupted.get()).isTrue();
    }

    @Test
    void everyByteThatWasTakenIsGivenBackWhateverBecomesOfTheOperation() {
        Operation settled = offer("settled", "1", 1_000);
        DirtyEntry entry = buffer.claimBatch(true).get(0);
        buffer.settle(entry, settled);
        offer("replaced", "1", 2_000);
        offer("replaced", null, 5);
        offer("dropped", "1", 3_000);
        assertThat(buffer.dropUpTo(sequence)).hasSize(2);
        assertThat(bytes.taken()).isZero();
        DirtyEntry abandoned = buffer.claim("through", false);
        buffer.abandon(abandoned);
        offer("closed", "1", 4_000);
        buffer.close();
        assertThat(bytes.taken()).isZero();
    }

    @Test
    void whatIsOnTheDiskAloneTakesNoRoomForItsValue() {
        Operation.StoredValue stored = new Operation.StoredValue() {
            @Override
            public Object read() {
                return "value";
            }

            @Override
            public String type() {
                return "text";
            }
        };
        buffer.restore(new Journal.Recovered(new Operation("a", stored, 1, 100 * MEGABYTE), null));
        assertThat(bytes.taken()).isLessThan(1_000);
        assertThat(buffer.pending("a").load()).isEqualTo("value");
    }

    @Test
    void whatIsRefusedTooOftenIsADeadLetterWithItsReasonUntilItIsRevivedOrReplaced() {
        Operation operation = offer("a", "1");
        for (int attempt = 1; attempt <= SETTINGS.maximumAttempts(); attempt++) {
            ticker.advance(Duration.ofSeconds(10));
            DirtyEntry entry = buffer.claimBatch(true).get(0);
            boolean last = attempt == SETTINGS.maximumAttempts();
            assertThat(buffer.refuse(entry, operation, "error", DeadLetter.VALUE_UNREADABLE, 1, 0))
                    .isEqualTo(last);
        }
        assertThat(buffer.deadLetters())
                .containsExactly(new DeadLetter("a", "java.lang.String", 2, "error", DeadLetter.VALUE_UNREADABLE));
        assertThat(buffer.dirty()).isZero();
        assertThat(buffer.reviveAll()).isEqualTo(1);
        assertThat(buffer.deadLetters()).isEmpty();
        assertThat(keys(buffer.claimBatch(true))).containsExactly("a");
    }

    @Test
    void whatIsLeftGoesOnInTheNextRunInItsOrder() {
        offer("a", "1");
        Operation last = offer("b", "2");
        offer("a", "3");
        assertThat(buffer.left()).extracting(left -> left.operation().key()).containsExactly("b", "a");
        assertThat(buffer.left().get(0).operation()).isSameAs(last);
    }

    /** As where a cache is cleared while a writer, whose write the store then refuses, has an older operation's key. */
    @Test
    void whatIsDroppedWhileAWriterHasItsKeyIsNotBroughtBackByAnyEndOfThat() {
        offer("refused", "1");
        offer("taken", "1");
        DirtyEntry refused = buffer.claim("refused", false);
        DirtyEntry taken = buffer.claim("taken", false);
        Operation former = taken.operation;
        assertThat(buffer.dropUpTo(sequence)).hasSize(2);
        assertThat(buffer.pending("refused")).isNull();
        buffer.abandon(refused);
        buffer.settle(taken, former);
        assertThat(buffer.dirty()).isZero();
        ticker.advance(SETTINGS.flushInterval());
        assertThat(buffer.claimBatch(true)).isEmpty();
        assertThat(bytes.taken()).isZero();
        assertThat(buffer.claim("refused", false))
                .as("free for the next writer")
                .isNotNull();
    }
}
