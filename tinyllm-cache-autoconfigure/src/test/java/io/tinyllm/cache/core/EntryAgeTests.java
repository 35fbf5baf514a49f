package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is served goes by the age of entries, also where the local tier keeps them for longer. */
class EntryAgeTests {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final AtomicLong now = new AtomicLong();
    private final MemoryTier memory = CaffeineMemoryTier.keeping(100, now::get, Runnable::run, 60 * MINUTE);

    private TieredCache cache(Staleness staleness, Background background) {
        return TieredCache.named("cache")
                .ticker(now::get)
                .memory(memory)
                .ttl((key, value) -> "short".equals(key) ? MINUTE : 60 * MINUTE)
                .staleness(staleness)
                .background(background)
                .build();
    }

    @Test
    void isNotServedPastItsOwnTimeToLive() {
        TieredCache cache = cache(Staleness.NONE, Background.NONE);
        cache.put("short", 1);
        cache.put("long", 1);
        now.addAndGet(MINUTE - 1);
        assertThat(cache.get("short")).isNotNull();
        now.addAndGet(1);
        assertThat(cache.get("short")).isNull();
        assertThat(cache.get("long")).isNotNull();
        assertThat(cache.counters().misses()).isEqualTo(1);
    }

    @Test
    void whatIsKeptForStaleAnswersWasNotThereWhereItIsEvicted() {
        TieredCache cache = cache(new Staleness(MINUTE, MINUTE, 0), Background.NONE);
        cache.put("short", 1);
        now.addAndGet(MINUTE - 1);
        assertThat(cache.evict("short")).isTrue();
        cache.put("short", 1);
        now.addAndGet(MINUTE);
        assertThat(cache.memory().peek("short")).isNotNull();
        assertThat(cache.evict("short")).isFalse();
        assertThat(cache.memory().peek("short")).isNull();
    }

    @Test
    void isAbsentPastItsOwnTimeToLive() {
        TieredCache cache = cache(Staleness.NONE, Background.NONE);
        cache.put("short", 1);
        now.addAndGet(MINUTE);
        assertThat(cache.evict("short")).isFalse();
        cache.put("short", 1);
        now.addAndGet(MINUTE);
        assertThat(cache.putIfAbsent("short", 2)).isNull();
        assertThat(cache.get("short").value()).isEqualTo(2);
    }

    @Test
    void aFailedRefreshDoesNotProlongIt() {
        TieredCache cache = cache(new Staleness(0, 0, 0.5), new Background(Runnable::run, key -> {
            throw new IllegalStateException("down");
        }));
        cache.put("short", 1);
        now.addAndGet(MINUTE - 1);
        assertThat(cache.get("short")).isNotNull();
        assertThat(cache.counters().loadFailures()).isEqualTo(1);
        now.addAndGet(1);
        assertThat(cache.get("short")).isNull();
    }

    @Test
    void theMemoryTierDropsAnEntryPastItsKeepAge() {
        memory.put("key", CacheEntry.Factory.PLAIN.create(1, 0, MINUTE, new CacheEntry.Policy(0, 59 * MINUTE)));
        now.addAndGet(61 * MINUTE);
        assertThat(memory.get("key")).isNull();
    }
}
