package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code -Dtinyllm.test.entries=1000000} holds more. */
class CatchingUpTests {

    private static final int ENTRIES = Integer.getInteger("tinyllm.test.entries", 200_000);

    /** A tenth of the time that an operation of Redis has by default, counted in time of the processor. */
    private static final long MOST_NANOS = 10_000_000;

    /** The threads that do the input and output drop everything themselves, and deadlines wait for them. */
    @Test
    void everythingIsDroppedInLittleTimeHoweverMuchIsHeld() {
        KeyCodec codec = new KeyCodec(new ValueTypes(List.of(), getClass().getClassLoader()), List.of(), BeanKeys.NONE);
        InMemoryRemoteTier tier = new InMemoryRemoteTier(System::nanoTime, Outcome.REMOTE_HIT);
        TieredCache cache = TieredCache.named("cache")
                .memory(new CaffeineMemoryTier(ENTRIES, System::nanoTime, Runnable::run))
                .remote(tier)
                .ttl((key, value) -> 1_000_000_000_000L)
                .build();
        KeyNews news = new KeyNews(codec, Runnable::run, () -> {}, Long.MAX_VALUE);
        news.tell(tier.listener());

        cache.put("any", "value");
        CacheEntry entry = cache.get("any");
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                List<Object> key = List.of("key", i);
                byte[] stored = ("key" + i).getBytes(StandardCharsets.UTF_8);
                news.inUse(new Address(stored, key));
                cache.memory().put(key, entry);
            }
            assertThat(cache.memory().size()).isGreaterThan(ENTRIES / 2);
            long began = processorTime();
            news.allChanged();
            least = Math.min(least, processorTime() - began);
            assertThat(cache.memory().size()).isZero();
        }
        System.out.printf("%,d entries are dropped in %,d us%n", ENTRIES, least / 1000);
        assertThat(least).isLessThan(MOST_NANOS);
    }

    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
