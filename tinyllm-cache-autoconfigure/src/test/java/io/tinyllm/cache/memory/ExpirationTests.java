package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Entries that leave for their age. */
class ExpirationTests {

    private static final long TIME_TO_LIVE = 100;

    private final AtomicLong now = new AtomicLong();

    private CacheEntry entry() {
        return CacheEntry.Factory.PLAIN.create("value", now.get(), TIME_TO_LIVE, CacheEntry.Policy.NONE);
    }

    private static CaffeineMemoryTier tier(AtomicLong now) {
        return new CaffeineMemoryTier(10, now::get, Runnable::run);
    }

    @Test
    void anEntryLivesItsLifeAndItsEndIsCounted() {
        CaffeineMemoryTier tier = tier(now);
        tier.put("key", entry());
        now.set(TIME_TO_LIVE - 1);
        assertThat(tier.get("key")).isNotNull();
        // Past the precision of Caffeine's timer wheel, so that the next write finds it.
        now.set(1L << 40);
        tier.put("other", entry());
        assertThat(tier.get("key")).isNull();
        assertThat(tier.expirations()).isEqualTo(1);
        assertThat(tier.evictions()).isZero();
    }

    static Stream<MemoryTier> tiers() {
        AtomicLong time = new AtomicLong();
        return Stream.of(
                tier(time),
                CaffeineMemoryTier.keeping(10, time::get, Runnable::run, TIME_TO_LIVE),
                new PartitionedMemoryTier(2, 20, Object::hashCode, bound -> tier(time)),
                new StagedMemoryTier(tier(time), 10, bound -> 2, time::get, entry -> false, key -> {}, key -> {}));
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void dropsTheEntryThatItIsToldOfAndNoneThatTookItsPlace(MemoryTier tier) {
        CacheEntry old = entry();
        CacheEntry renewed = entry();
        tier.put(0, old);
        tier.put(1, old);
        tier.put(1, renewed);
        tier.expire(0, old);
        tier.expire(1, old);
        assertThat(tier.peek(0)).isNull();
        assertThat(tier.peek(1)).isSameAs(renewed);
        assertThat(tier.expirations()).isEqualTo(1);
        assertThat(tier.evictions()).isZero();
    }
}
