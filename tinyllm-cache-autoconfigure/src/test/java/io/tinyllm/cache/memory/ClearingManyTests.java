package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.core.port.CacheEntry;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClearingManyTests {

    private static final int MANY = 200_000;

    @Test
    void aClearTakesItsCallerAFractionOfRemovingTheEntries() {
        CaffeineMemoryTier tier = new CaffeineMemoryTier(MANY, System::nanoTime, Runnable::run);
        Cache<Object, Object> caffeine =
                Caffeine.newBuilder().maximumSize(MANY).executor(Runnable::run).build();
        long ours = Long.MAX_VALUE;
        long theirs = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < MANY; i++) {
                tier.put(i, entry(i));
                caffeine.put(i, i);
            }
            ours = Math.min(ours, processorTime(tier::clear));
            theirs = Math.min(theirs, processorTime(caffeine::invalidateAll));
            assertThat(tier.size()).isZero();
            assertThat(tier.get(7)).isNull();
        }
        assertThat(ours).isLessThan(theirs / 4);
    }

    @Test
    void theBoundThatWasSetLastHoldsAfterAClear() {
        CaffeineMemoryTier tier = new CaffeineMemoryTier(MANY, System::nanoTime, Runnable::run);
        fill(tier, 20_000);
        tier.resize(10_000);
        tier.clear();
        fill(tier, 20_000);
        assertThat(tier.maximumSize()).isEqualTo(10_000);
        assertThat(tier.size()).isEqualTo(10_000);
        assertThat(tier.evictions()).isGreaterThanOrEqualTo(10_000);
    }

    @Test
    void fewAndManyAreGoneAlike() {
        for (int entries : new int[] {1, 4_096, 4_097, 50_000}) {
            CaffeineMemoryTier tier = new CaffeineMemoryTier(MANY, System::nanoTime, Runnable::run);
            fill(tier, entries);
            tier.clear();
            int[] found = new int[1];
            tier.scan((key, entry) -> found[0]++);
            tier.forEach((key, entry) -> found[0]++);
            assertThat(found[0]).isZero();
            tier.put(0, entry("new"));
            assertThat(tier.get(0)).isNotNull();
        }
    }

    /** What was put after a clear had ended stays, and nothing from before one comes back, whoever else puts. */
    @Test
    void putsAndClearsThatMeetLeaveWhatCameLast() throws InterruptedException {
        CaffeineMemoryTier tier = new CaffeineMemoryTier(MANY, System::nanoTime, Runnable::run);
        AtomicInteger cleared = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger old = new AtomicInteger();
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                int before = cleared.get();
                CacheEntry entry = tier.get("key");
                if (entry != null && (int) entry.value() < before) {
                    old.incrementAndGet();
                }
            }
        });
        Thread writer = new Thread(() -> {
            while (!done.get()) {
                fill(tier, 5_000);
            }
        });
        reader.start();
        writer.start();
        try {
            for (int round = 1; round <= 200; round++) {
                fill(tier, 5_000);
                tier.put("key", entry(round - 1));
                tier.clear();
                cleared.set(round);
                tier.put("key", entry(round));
                assertThat(tier.get("key")).isNotNull();
            }
        } finally {
            done.set(true);
            reader.join();
            writer.join();
        }
        assertThat(old).hasValue(0);
        assertThat(tier.size()).isLessThanOrEqualTo(5_001);
    }

    private static long processorTime(Runnable work) {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        work.run();
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    }

    private static void fill(CaffeineMemoryTier tier, int entries) {
        for (int i = 0; i < entries; i++) {
            tier.put(i, entry(i));
        }
    }

    private static CacheEntry entry(Object value) {
        return CacheEntry.Factory.PLAIN.create(value, System.nanoTime(), CacheEntry.NEVER, CacheEntry.Policy.NONE);
    }
}
