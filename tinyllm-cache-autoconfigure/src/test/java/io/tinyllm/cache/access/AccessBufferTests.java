package io.tinyllm.cache.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.AccessRecorder.Recording;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AccessBufferTests {

    private final AccessBytes bytes = new AccessBytes(100_000);
    private final AccessBuffer buffer = new AccessBuffer(AccessBuffer.NO_SESSIONS, bytes, AccessBufferTests::length);
    private final AccessBatch batch = new AccessBatch(AccessBuffer.CAPACITY);

    private static long length(Object key) {
        return key instanceof Object[] parts
                ? 100L * parts.length
                : key.toString().length();
    }

    private AccessBatch drain() {
        batch.clear();
        batch.begin("cache", 7);
        buffer.drainTo(batch);
        return batch;
    }

    @Test
    void givesBackWhatWasRecordedInOrder() {
        buffer.record("a", Outcome.MISS, 5);
        buffer.record("b", Outcome.MEMORY_HIT, -1);
        buffer.record("c", Outcome.EVICT, 1L << 50);
        drain();
        assertThat(batch.size()).isEqualTo(3);
        assertThat(List.of(batch.key(0), batch.key(1), batch.key(2))).containsExactly("a", "b", "c");
        assertThat(List.of(batch.outcome(0), batch.outcome(1), batch.outcome(2)))
                .containsExactly(Outcome.MISS, Outcome.MEMORY_HIT, Outcome.EVICT);
        assertThat(List.of(batch.nanos(0), batch.nanos(1), batch.nanos(2))).containsExactly(5L, -1L, 1L << 50);
        assertThat(batch.cacheName()).isEqualTo("cache");
        assertThat(drain().size()).isZero();
    }

    @Test
    void keepsRoomForMissesWhereHitsWouldFillIt() {
        for (int i = 0; i < 100_000; i++) {
            buffer.record("hit", Outcome.MEMORY_HIT, -1);
        }
        buffer.record("miss", Outcome.MISS, 1);
        drain();
        assertThat(batch.size()).isLessThanOrEqualTo(AccessBuffer.CAPACITY);
        assertThat(batch.key(batch.size() - 1)).isEqualTo("miss");
    }

    @Test
    void timesEveryHitWhileThereAreFewAndOneInManyOnceThereAreMany() {
        assertThat(sampled(1000)).isEqualTo(1000);
        buffer.adapt(10_000);
        assertThat(sampled(64_000)).isBetween(700, 1300);
        buffer.record("hit", Outcome.MEMORY_HIT, 9);
        buffer.record("miss", Outcome.MISS, 9);
        drain();
        assertThat(batch.weight(0)).isEqualTo(64);
        assertThat(batch.weight(1)).isEqualTo(1);
        buffer.adapt(0);
        assertThat(sampled(10)).isEqualTo(10);
    }

    private int sampled(int hits) {
        int sampled = 0;
        for (int i = 0; i < hits; i++) {
            sampled += buffer.hitRecording() == Recording.TIMED ? 1 : 0;
        }
        return sampled;
    }

    @Test
    void hitsAreLeftOutWhileThereIsNoRoomForThemAndNoLongerOnceItWasDrained() {
        int hits = 0;
        while (buffer.hitRecording() != Recording.LEFT_OUT) {
            buffer.record("hit", Outcome.MEMORY_HIT, 9);
            assertThat(++hits).isLessThanOrEqualTo(AccessBuffer.CAPACITY);
        }
        drain();
        assertThat(batch.size()).isEqualTo(hits - 1);
        assertThat(buffer.hitRecording()).isNotEqualTo(Recording.LEFT_OUT);
    }

    @Test
    void remembersTheSessionWhereOneIsAskedFor() {
        AccessBuffer withSessions = new AccessBuffer(() -> 42, bytes, AccessBufferTests::length);
        withSessions.record("a", Outcome.MISS, 5);
        batch.begin("cache", 0);
        withSessions.drainTo(batch);
        assertThat(batch.session(0)).isEqualTo(42);
    }

    @Test
    void keysThatTakeTooManyBytesAreLeftOutUntilThereIsRoom() {
        AccessBuffer other = new AccessBuffer(AccessBuffer.NO_SESSIONS, bytes, AccessBufferTests::length);
        for (int i = 0; i < 3000; i++) {
            buffer.record("k".repeat(10_000) + i, Outcome.MISS, 5);
            other.record(new Object[100], Outcome.MISS, 5);
            assertThat(bytes.taken()).isLessThanOrEqualTo(100_000);
        }
        buffer.record("short", Outcome.MISS, 5);
        drain();
        long held = 0;
        for (int i = 0; i < batch.size(); i++) {
            held += batch.keyBytes(i);
        }
        assertThat(held).isBetween(10_000L, 100_000L);
        assertThat(batch.key(batch.size() - 1)).as("needs no room").isEqualTo("short");
        batch.clear();
        other.drainTo(batch);
        assertThat(batch.size()).isPositive();
        assertThat(bytes.taken()).as("given back").isZero();
        buffer.record("k".repeat(10_000), Outcome.MISS, 5);
        assertThat(drain().size()).isOne();
    }

    @Test
    void aFullRingTakesNoBytes() {
        for (int i = 0; i < 10_000; i++) {
            buffer.record("short", Outcome.MISS, 5);
        }
        buffer.record("k".repeat(10_000), Outcome.MISS, 5);
        assertThat(bytes.taken()).isZero();
    }

    @Test
    void aTimeThatIsLongerThanAnyIsKeptAsTheLongest() {
        buffer.record("a", Outcome.LOAD, Long.MAX_VALUE);
        assertThat(drain().nanos(0)).isGreaterThan(1L << 50);
        assertThat(batch.outcome(0)).isEqualTo(Outcome.LOAD);
    }

    @Test
    void losesAndInventsNothingBelowItsCapacityWhileManyThreadsRecord() throws Exception {
        int threads = 8;
        int each = 25;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 500; round++) {
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Callable<Void>> writers = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    Integer name = t;
                    writers.add(() -> {
                        start.await();
                        for (int i = 0; i < each; i++) {
                            buffer.record(name, Outcome.MEMORY_HIT, i);
                        }
                        return null;
                    });
                }
                for (Future<Void> written : executor.invokeAll(writers)) {
                    written.get();
                }
                Map<Object, Long> last = new HashMap<>();
                drain();
                for (int i = 0; i < batch.size(); i++) {
                    long before = last.getOrDefault(batch.key(i), -1L);
                    assertThat(batch.nanos(i)).isEqualTo(before + 1);
                    last.put(batch.key(i), batch.nanos(i));
                }
                assertThat(batch.size()).isEqualTo(threads * each);
                assertThat(last).hasSize(threads);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void keepsTheOrderOfAThreadWhileItIsFilledFasterThanItIsDrained() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                buffer.record("key", Outcome.MISS, i);
            }
            done.set(true);
        });
        writer.start();
        long last = -1;
        long seen = 0;
        for (boolean more = true; more; ) {
            more = !done.get();
            drain();
            for (int i = 0; i < batch.size(); i++) {
                assertThat(batch.nanos(i) > last).isTrue();
                last = batch.nanos(i);
                seen++;
            }
        }
        writer.join();
        assertThat(seen).isBetween(1L, 1_000_000L);
    }
}
