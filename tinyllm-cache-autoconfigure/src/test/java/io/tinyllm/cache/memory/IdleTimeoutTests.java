package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.CacheEntry;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.IdleTimeouts;
import io.tinyllm.cache.core.TieredCache;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Entries that leave because nobody reads them. */
class IdleTimeoutTests {

    private static final long TIME_TO_LIVE = 100;

    private final AtomicLong now = new AtomicLong();

    private CaffeineMemoryTier tier(IdleTimeouts idle) {
        CaffeineMemoryTier tier = new CaffeineMemoryTier(10, now::get, Runnable::run, idle);
        tier.put(
                "key",
                CacheEntry.Factory.PLAIN.create("value", now.get(), CacheEntry.NEVER, TIME_TO_LIVE, TIME_TO_LIVE));
        return tier;
    }

    @Test
    void anEntryLeavesWhenNobodyReadsItForSoLong() {
        CaffeineMemoryTier tier = tier((key, at, remaining) -> 30);
        now.set(29);
        assertThat(tier.peek("key")).isNotNull();
        now.set(30);
        assertThat(tier.get("key")).isNull();
    }

    @Test
    void everyReadPutsItOffButNeverPastTheLifeOfTheEntry() {
        CaffeineMemoryTier tier = tier((key, at, remaining) -> 30);
        for (int read = 29; read < TIME_TO_LIVE; read += 29) {
            now.set(read);
            assertThat(tier.get("key")).as("read at " + read).isNotNull();
        }
        now.set(TIME_TO_LIVE);
        assertThat(tier.get("key")).isNull();
    }

    @Test
    void isToldWhatTheEntryHasLeft() {
        AtomicLong left = new AtomicLong();
        CaffeineMemoryTier tier = tier((key, at, remaining) -> {
            left.set(remaining);
            return CacheEntry.NEVER;
        });
        assertThat(left).hasValue(TIME_TO_LIVE);
        now.set(60);
        assertThat(tier.get("key")).isNotNull();
        assertThat(left).hasValue(TIME_TO_LIVE - 60);
        now.set(TIME_TO_LIVE);
        assertThat(tier.get("key")).isNull();
    }

    @Test
    void withoutTimeoutsAnEntryLivesItsLifeAndItsEndIsCounted() {
        CaffeineMemoryTier tier = tier(IdleTimeouts.none());
        now.set(TIME_TO_LIVE - 1);
        assertThat(tier.get("key")).isNotNull();
        // Past the precision of Caffeine's timer wheel, so that the next write finds it.
        now.set(1L << 40);
        tier.put(
                "other",
                CacheEntry.Factory.PLAIN.create("value", now.get(), CacheEntry.NEVER, TIME_TO_LIVE, TIME_TO_LIVE));
        assertThat(tier.get("key")).isNull();
        assertThat(tier.expirations()).isEqualTo(1);
        assertThat(tier.evictions()).isZero();
    }

    @Test
    void anEntryThatIsReadAllTheTimeStaysWhereTimeIsCoarse() {
        long second = 1_000_000_000L;
        AtomicLong exact = new AtomicLong();
        AtomicLong step = new AtomicLong();
        AtomicInteger asked = new AtomicInteger();
        TieredCache cache = TieredCache.named("cache")
                .ticker(exact::get)
                .ahead(() -> step.get() + CoarseTicker.LEAD_NANOS)
                .memory(new CaffeineMemoryTier(10, step::get, Runnable::run, (key, at, remaining) -> {
                    asked.incrementAndGet();
                    return 2 * second;
                }))
                .ttl((key, value) -> 3600 * second)
                .build();
        cache.put("key", "value");
        for (int tenth = 1; tenth <= 300; tenth++) {
            exact.set(tenth * second / 10);
            step.set(exact.get());
            assertThat(cache.get("key")).as("read at " + tenth).isNotNull();
            assertThat(cache.get("key")).isNotNull();
        }
        assertThat(asked.get()).as("once a step").isLessThanOrEqualTo(302);
        step.addAndGet(2 * second);
        exact.set(step.get());
        assertThat(cache.get("key")).isNull();
    }
}
