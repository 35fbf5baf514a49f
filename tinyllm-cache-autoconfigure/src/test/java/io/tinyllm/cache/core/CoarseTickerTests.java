package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class CoarseTickerTests {

    private static final long LEAD = Duration.ofMillis(CoarseTicker.LEAD_MILLIS).toNanos();

    private final AtomicLong now = new AtomicLong(5);
    private final AtomicReference<Thread> thread = new AtomicReference<>();

    private Thread thread(Runnable task) {
        Thread made = new Thread(task, "clock");
        made.setDaemon(true);
        thread.set(made);
        return made;
    }

    @Test
    void followsTheExactTime() {
        try (CoarseTicker ticker = new CoarseTicker(now::get, this::thread)) {
            LongSupplier behind = ticker.behind();
            LongSupplier ahead = ticker.ahead();
            now.set(1_000_000);
            Awaitility.await().until(() -> behind.getAsLong() == 1_000_000);
            assertThat(ahead.getAsLong()).isEqualTo(1_000_000 + LEAD);
        }
    }

    @Test
    void isNeverAheadOrBehindOnTheWrongSide() {
        try (CoarseTicker ticker = new CoarseTicker(System::nanoTime, this::thread)) {
            LongSupplier behind = ticker.behind();
            LongSupplier ahead = ticker.ahead();
            long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
            while (System.nanoTime() - end < 0) {
                long told = behind.getAsLong();
                assertThat(System.nanoTime() - told).isNotNegative();
                long exact = System.nanoTime();
                assertThat(ahead.getAsLong()).isGreaterThanOrEqualTo(exact);
            }
        }
    }

    @Test
    void tellsTheExactTimeBeforeItsThreadStartsAndAfterItEnds() throws InterruptedException {
        CoarseTicker ticker = new CoarseTicker(now::get, this::thread);
        assertThat(thread.get()).isNull();
        LongSupplier ahead = ticker.ahead();
        Awaitility.await().until(() -> ahead.getAsLong() == now.get() + LEAD);
        ticker.close();
        now.set(77);
        assertThat(ahead.getAsLong()).isEqualTo(77);
        assertThat(ticker.behind().getAsLong()).isEqualTo(77);
        thread.get().join(10_000);
        assertThat(thread.get().isAlive()).isFalse();
    }

    @Test
    void exactTickersHaveNoThread() {
        CoarseTicker ticker = CoarseTicker.exactly(now::get);
        now.set(9);
        assertThat(ticker.ahead().getAsLong()).isEqualTo(9);
        assertThat(ticker.behind().getAsLong()).isEqualTo(9);
    }

    @Test
    void noEntryIsServedPastItsTimeToLive() {
        try (CoarseTicker ticker = new CoarseTicker(System::nanoTime, this::thread)) {
            long ttl = Duration.ofMillis(1100).toNanos();
            TieredCache cache = TieredCache.named("cache")
                    .ahead(ticker.ahead())
                    .memory(new CaffeineMemoryTier(10, ticker.behind(), Runnable::run))
                    .ttl((key, value) -> ttl)
                    .build();
            long before = System.nanoTime();
            cache.put("key", "value");
            long after = System.nanoTime();
            while (true) {
                long asked = System.nanoTime();
                CacheEntry entry = cache.get("key");
                if (entry == null) {
                    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(ttl);
                    return;
                }
                assertThat(asked - after).isLessThan(ttl);
            }
        }
    }
}
