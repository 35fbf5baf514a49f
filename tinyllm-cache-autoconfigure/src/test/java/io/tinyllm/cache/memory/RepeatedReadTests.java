package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of one entry that follow each other quickly, of which the eviction policy hears of the first alone. */
class RepeatedReadTests {

    private static final int SIZE = 1_000;
    private static final int KEYS = 20_000;
    private static final int SEEDS = 3;
    private static final int REQUESTS = 100_000;

    private final AtomicLong now = new AtomicLong(TimeUnit.DAYS.toNanos(1));

    private CaffeineMemoryTier tier() {
        return CaffeineMemoryTier.keeping(
                MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get, CacheEntry.NEVER);
    }

    private CacheEntry entry() {
        return CacheEntry.Factory.PLAIN.create("value", now.get(), CacheEntry.NEVER, CacheEntry.Policy.NONE);
    }

    /** As the cache reads: the tier, and then what it has is used. */
    private boolean read(CaffeineMemoryTier tier, Object key) {
        CacheEntry entry = tier.get(key);
        if (entry != null) {
            entry.used(now.get());
        }
        return entry != null;
    }

    private static List<Object> hottestFirst(CaffeineMemoryTier tier) {
        List<Object> keys = new ArrayList<>();
        tier.forEach((key, entry) -> keys.add(key));
        return keys;
    }

    /** A tier that has just been filled, and whose entries nobody has read. */
    private CaffeineMemoryTier fullAndNew() {
        CaffeineMemoryTier tier = tier();
        for (int i = 0; i < SIZE; i++) {
            tier.put(i, entry());
        }
        return tier;
    }

    /** The same some seconds after its first eviction. */
    private CaffeineMemoryTier full() {
        CaffeineMemoryTier tier = fullAndNew();
        tier.put("one more", entry());
        assertThat(tier.evictions()).isPositive();
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        return tier;
    }

    private static int rank(CaffeineMemoryTier tier, Object key) {
        return hottestFirst(tier).indexOf(key);
    }

    @Test
    void theFirstReadIsOneOfAnEntryThatWasJustWritten() {
        assertThat(entry().wasUsedLately(now.get())).isFalse();
    }

    @Test
    void aReadCountsAgainAfterAWhile() {
        CaffeineMemoryTier tier = full();
        read(tier, 1);
        read(tier, 2);
        read(tier, 1);
        assertThat(rank(tier, 2)).isLessThan(rank(tier, 1));

        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
        read(tier, 1);
        assertThat(rank(tier, 1)).isLessThan(rank(tier, 2));
    }

    @Test
    void everyReadCountsUntilTheFirstEviction() {
        CaffeineMemoryTier tier = fullAndNew();
        read(tier, 1);
        read(tier, 2);
        read(tier, 1);
        assertThat(rank(tier, 1)).isLessThan(rank(tier, 2));
    }

    @Test
    void everyReadCountsWhileMuchIsEvicted() {
        CaffeineMemoryTier tier = full();
        for (int i = 0; i < SIZE; i++) {
            tier.put("more-" + i, entry());
        }
        List<Object> left = hottestFirst(tier);
        Object one = left.get(left.size() / 2);
        Object other = left.get(left.size() / 2 + 1);
        read(tier, one);
        read(tier, other);
        read(tier, one);
        assertThat(rank(tier, one)).isLessThan(rank(tier, other));
    }

    @Test
    void anEntryThatIsPastItsTimeIsFoundByNobody() {
        CaffeineMemoryTier tier = CaffeineMemoryTier.keeping(
                MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get, TimeUnit.SECONDS.toNanos(10));
        for (int i = 0; i <= SIZE; i++) {
            tier.put(i, entry());
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        tier.put("key", entry());
        assertThat(read(tier, "key")).isTrue();
        assertThat(read(tier, "key")).isTrue();
        now.addAndGet(TimeUnit.SECONDS.toNanos(12));
        assertThat(tier.get("key")).isNull();
    }

    /** Popular keys change over time. Caffeine's eviction draws lots, so it is the mean of several runs that counts. */
    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 100_000, 10_000_000})
    void hitsAreAsManyAsWhereEveryReadCounts(int requestsInASecond) {
        for (double skew : new double[] {3, 12}) {
            int fewerHits = 0;
            int everyHits = 0;
            for (int seed = 0; seed < SEEDS; seed++) {
                CaffeineMemoryTier fewer = tier();
                CaffeineMemoryTier every = CaffeineMemoryTier.keeping(SIZE, now::get, Runnable::run, CacheEntry.NEVER);
                Random random = new Random(seed);
                for (int i = 0; i < REQUESTS; i++) {
                    now.addAndGet(TimeUnit.SECONDS.toNanos(1) / requestsInASecond);
                    Object key = (int) (KEYS * Math.pow(random.nextDouble(), skew)) + i / 10_000 * 50;
                    fewerHits += readOrPut(fewer, key);
                    everyHits += readOrPut(every, key);
                }
            }
            assertThat((fewerHits - everyHits) / (double) (SEEDS * REQUESTS)).isGreaterThan(-0.005);
        }
    }

    private int readOrPut(CaffeineMemoryTier tier, Object key) {
        if (read(tier, key)) {
            return 1;
        }
        tier.put(key, entry());
        return 0;
    }
}
