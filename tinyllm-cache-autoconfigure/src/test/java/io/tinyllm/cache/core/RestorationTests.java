package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestorationTests {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final AtomicLong now = new AtomicLong();
    private final CaffeineMemoryTier memory = new CaffeineMemoryTier(1_000, now::get, Runnable::run);
    private final TieredCache cache = TieredCache.named("c")
            .ticker(now::get)
            .memory(memory)
            .ttl(TtlPolicy.fixed(Duration.ofMinutes(10)))
            .build();

    @Test
    void bringsBackForTheTimeThatIsLeft() {
        try (Restoration restoration = cache.beginRestoration()) {
            assertThat(restoration.restore("a", "1", MINUTE)).isTrue();
        }
        now.addAndGet(MINUTE - 1);
        assertThat(valueOf("a")).isEqualTo("1");
        now.addAndGet(1);
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void neverOutlivesTheTimeToLiveOfTheCache() {
        try (Restoration restoration = cache.beginRestoration()) {
            restoration.restore("a", "1", Duration.ofDays(1).toNanos());
            restoration.restore("b", "1", CacheEntry.NEVER);
        }
        now.addAndGet(10 * MINUTE);
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("b")).isNull();
    }

    @Test
    void leavesOutWhatHasExpired() {
        try (Restoration restoration = cache.beginRestoration()) {
            assertThat(restoration.restore("a", "1", 0)).isFalse();
            assertThat(restoration.restore("a", "1", -MINUTE)).isFalse();
        }
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void neverReplacesALiveEntry() {
        cache.put("a", "live");
        try (Restoration restoration = cache.beginRestoration()) {
            assertThat(restoration.restore("a", "saved", MINUTE)).isFalse();
        }
        assertThat(valueOf("a")).isEqualTo("live");
    }

    @Test
    void doesNotBringBackWhatWasEvictedMeanwhile() {
        try (Restoration restoration = cache.beginRestoration()) {
            cache.evict("a");
            assertThat(restoration.restore("a", "saved", MINUTE)).isFalse();
            assertThat(restoration.restore("b", "saved", MINUTE)).isTrue();
        }
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void doesNotBringBackWhatWasPutMeanwhileAndPushedOut() {
        try (Restoration restoration = cache.beginRestoration()) {
            cache.put("a", "newer");
            memory.remove("a");
            assertThat(restoration.restore("a", "saved", MINUTE)).isFalse();
        }
    }

    @Test
    void bringsBackNothingAfterAClear() {
        try (Restoration restoration = cache.beginRestoration()) {
            restoration.restore("a", "saved", MINUTE);
            cache.clear();
            assertThat(restoration.restore("b", "saved", MINUTE)).isFalse();
        }
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("b")).isNull();
    }

    @Test
    void leavesAKeyAloneWhileItIsLoaded() {
        try (Restoration restoration = cache.beginRestoration()) {
            Object value = cache.get("a", () -> {
                assertThat(restoration.restore("a", "saved", MINUTE)).isFalse();
                return "loaded";
            });
            assertThat(value).isEqualTo("loaded");
        }
        assertThat(valueOf("a")).isEqualTo("loaded");
    }

    @Test
    void bringsBackNothingThatRulesRefuse() {
        TieredCache ruled = TieredCache.named("c")
                .memory(memory)
                .bypass(new BypassPolicy() {
                    @Override
                    public boolean bypassesRead(Object key) {
                        return key.equals("secret");
                    }

                    @Override
                    public boolean bypassesWrite(Object key, Object value) {
                        return "huge".equals(value);
                    }
                })
                .build();
        try (Restoration restoration = ruled.beginRestoration()) {
            assertThat(restoration.restore("secret", "1", MINUTE)).isFalse();
            assertThat(restoration.restore("a", "huge", MINUTE)).isFalse();
            assertThat(restoration.restore("a", "small", MINUTE)).isTrue();
        }
    }

    @Test
    void countsAsNoPutOfACallerAndNoChange() {
        long changes = cache.changes();
        try (Restoration restoration = cache.beginRestoration()) {
            restoration.restore("a", "1", MINUTE);
        }
        assertThat(cache.counters().stores()).isZero();
        assertThat(cache.counters().puts()).isZero();
        assertThat(cache.changes()).isEqualTo(changes);
        cache.evict("a");
        assertThat(cache.changes()).isEqualTo(changes + 1);
    }

    @Test
    void aLiveWriteWinsAgainstARestoreOfTheSameKey() throws Exception {
        int keys = 50_000;
        CaffeineMemoryTier large = new CaffeineMemoryTier(keys, now::get, Runnable::run);
        TieredCache raced = TieredCache.named("c").memory(large).build();
        long stored = 0;
        AtomicLong wrong = new AtomicLong();
        try (Restoration restoration = raced.beginRestoration()) {
            AtomicInteger position = new AtomicInteger();
            Thread writer = new Thread(() -> {
                for (int key = 0; key < keys; key = Math.max(key + 1, position.get())) {
                    if (key % 2 == 0) {
                        raced.evict(key);
                        wrong.addAndGet(raced.get(key) == null ? 0 : 1);
                    } else {
                        raced.put(key, "live");
                        large.remove(key);
                        wrong.addAndGet(raced.get(key) == null ? 0 : 1);
                    }
                }
            });
            writer.start();
            for (int key = 0; key < keys; key++) {
                position.setPlain(key);
                stored += restoration.restore(key, "saved", MINUTE) ? 1 : 0;
            }
            writer.join();
        }
        assertThat(stored).isPositive();
        assertThat(wrong).hasValue(0);
    }

    @Test
    void nothingComesBackAfterAClearThatOverlapsTheRestore() throws Exception {
        for (int round = 0; round < 100; round++) {
            int clearAt = ThreadLocalRandom.current().nextInt(500);
            AtomicInteger position = new AtomicInteger();
            try (Restoration restoration = cache.beginRestoration()) {
                Thread clearing = new Thread(() -> {
                    while (position.get() < clearAt) {
                        Thread.onSpinWait();
                    }
                    cache.clear();
                });
                clearing.start();
                for (int key = 0; key < 500; key++) {
                    position.set(key);
                    restoration.restore(key, "saved", MINUTE);
                }
                position.set(500);
                clearing.join();
            }
            for (int key = 0; key < 500; key++) {
                assertThat(cache.get(key)).isNull();
            }
        }
    }

    private Object valueOf(Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }
}
