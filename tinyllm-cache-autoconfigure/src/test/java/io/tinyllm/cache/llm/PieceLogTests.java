package io.tinyllm.cache.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stream that many read from its beginning. */
class PieceLogTests {

    @Test
    void everyReaderReadsAllInOrder() throws Exception {
        PieceLog<Integer> log = new PieceLog<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Integer>>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(threads.submit(() -> readAll(log)));
            }
            for (int i = 0; i < 50_000; i++) {
                log.append(i);
            }
            log.end(null);
            for (Future<List<Integer>> reader : readers) {
                List<Integer> read = reader.get(20, TimeUnit.SECONDS);
                assertThat(read).hasSize(50_000).isSorted();
            }
            assertThat(readAll(log)).hasSize(50_000);
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<Integer> readAll(PieceLog<Integer> log) throws InterruptedException {
        Semaphore signals = new Semaphore(1);
        PieceLog<Integer>.Reader reader = log.read(signals::release);
        List<Integer> read = new ArrayList<>();
        while (!reader.atEnd()) {
            Integer next = reader.next();
            if (next != null) {
                read.add(next);
            } else if (!reader.atEnd()) {
                signals.acquire();
            }
        }
        return read;
    }

    @Test
    void afterItsPastIsDroppedNobodyBeginsAndWhatWasReadIsGarbage() {
        PieceLog<Object> log = new PieceLog<>();
        PieceLog<Object>.Reader reader = log.read(() -> {});
        log.append(new Object());
        WeakReference<Object> first = new WeakReference<>(reader.next());
        log.dropPast();
        assertThat(log.read(() -> {})).isNull();
        for (int i = 0; i < 10; i++) {
            log.append(i);
        }
        assertThat(log.behind()).isEqualTo(10);
        reader.next();
        assertThat(log.behind()).isEqualTo(9);
        for (int i = 0; i < 50 && first.get() != null; i++) {
            System.gc();
        }
        assertThat(first.get()).isNull();
        reader.close();
        assertThat(log.behind()).isZero();
    }

    @Test
    void theFirstEndCounts() {
        PieceLog<String> log = new PieceLog<>();
        PieceLog<String>.Reader reader = log.read(() -> {});
        log.append("a");
        IllegalStateException broken = new IllegalStateException();
        log.end(broken);
        log.end(null);
        assertThat(reader.atEnd()).isFalse();
        assertThat(reader.next()).isEqualTo("a");
        assertThat(reader.atEnd()).isTrue();
        assertThat(reader.failure()).isSameAs(broken);
    }
}
