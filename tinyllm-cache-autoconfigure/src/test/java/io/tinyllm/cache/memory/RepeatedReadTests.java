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

    /** A size of which few enough entries go, and keys of which it misses one in seven. */
    private static final int LARGE = 20_000;

    /** How much longer than its time-to-live the tier keeps an entry where all have the same. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1_100);

    /** Reads of which the eviction policy did not hear. */
    private int leftOut;

    private final AtomicLong now = new AtomicLong(TimeUnit.DAYS.toNanos(1));

    private CaffeineMemoryTier tier() {
        return tier(SIZE);
    }

    private CaffeineMemoryTier tier(long size) {
        return CaffeineMemoryTier.keeping(
                MemoryBound.ofEntries(size), now::get, Runnable::run, now::get, CacheEntry.NEVER);
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
    void whatIsClearedBeginsAnew() {
        CaffeineMemoryTier tier = tier(LARGE);
        for (int i = 0; i <= LARGE; i++) {
            tier.put(i, entry());
        }
        assertThat(tier.turnover().hasBegun()).isTrue();
        tier.clear();
        assertThat(tier.turnover().hasBegun()).isFalse();
    }

    @Test
    void whereEntriesHaveDeadlinesReadsAreLeftOutBeforeAnythingIsEvicted() {
        CaffeineMemoryTier tier =
                new CaffeineMemoryTier(MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get);
        for (int i = 0; i < SIZE; i++) {
            tier.put(i, entry());
        }
        assertThat(tier.turnover().isHigh(now.get())).isTrue();
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        read(tier, 1);
        read(tier, 2);
        read(tier, 1);
        assertThat(tier.evictions()).isZero();
        assertThat(rank(tier, 2)).isLessThan(rank(tier, 1));
    }

    /** Its end falls into a step in which it was served. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEntryThatIsPastItsTimeIsFoundByNobody(boolean deadlines) {
        long lifeNanos = 82 * CacheEntry.STEP_NANOS + CacheEntry.STEP_NANOS / 2;
        CaffeineMemoryTier tier = deadlines
                ? new CaffeineMemoryTier(MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get)
                : CaffeineMemoryTier.keeping(
                        MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get, lifeNanos - SLACK_NANOS);
        for (int i = 0; i <= SIZE; i++) {
            tier.put(i, entry());
        }
        tier.put("key", CacheEntry.Factory.PLAIN.create("value", now.get(), lifeNanos, CacheEntry.Policy.NONE));
        now.addAndGet(lifeNanos - 1_000_000);
        assertThat(read(tier, "key")).isTrue();
        assertThat(read(tier, "key")).isTrue();
        now.addAndGet(2_000_000);
        assertThat(tier.get("key")).isNull();
    }

    @Test
    void anEntryThatWasNeverServedWasNotServedAMomentAgoHoweverFarBehindTheTimeIs() {
        CacheEntry entry = entry();
        for (long step = -2; step <= 2; step++) {
            assertThat(entry.wasUsedLately(now.get() + step * CacheEntry.STEP_NANOS))
                    .isFalse();
        }
    }

    /** Popular keys change over time. Caffeine's eviction draws lots, so it is the mean of several runs that counts. */
    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 100_000, 10_000_000})
    void hitsAreAsManyAsWhereEveryReadCountsWhileMuchIsEvicted(int requestsInASecond) {
        for (double skew : new double[] {3, 12}) {
            assertThat(moreHits(SIZE, KEYS, skew, requestsInASecond, SEEDS, REQUESTS))
                    .isGreaterThan(-0.005);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 1_000})
    void hitsAreAsManyAsWhereEveryReadCountsWhileLittleIsEvicted(int requestsInASecond) {
        leftOut = 0;
        assertThat(moreHits(LARGE, 10 * LARGE, 16, requestsInASecond, 2, 3 * REQUESTS))
                .isGreaterThan(-0.005);
        assertThat(leftOut / (2 * 3.0 * REQUESTS)).isGreaterThan(0.2);
    }

    /** Returns how many hits more there are than where every read counts, as a part of all requests. */
    private double moreHits(int size, int keys, double skew, int requestsInASecond, int seeds, int requests) {
        int more = 0;
        for (int seed = 0; seed < seeds; seed++) {
            CaffeineMemoryTier fewer = tier(size);
            CaffeineMemoryTier every = CaffeineMemoryTier.keeping(size, now::get, Runnable::run, CacheEntry.NEVER);
            Random random = new Random(seed);
            for (int i = 0; i < requests; i++) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(1) / requestsInASecond);
                Object key = (int) (keys * Math.pow(random.nextDouble(), skew)) + i / 10_000 * (size / 20);
                CacheEntry known = fewer.peek(key);
                if (known != null && known.wasUsedLately(now.get())) {
                    Turnover turnover = fewer.turnover();
                    leftOut += turnover.hasBegun() && !turnover.isHigh(now.get()) ? 1 : 0;
                }
                more += readOrPut(fewer, key);
                more -= readOrPut(every, key);
            }
        }
        return more / (double) (seeds * requests);
    }

    private int readOrPut(CaffeineMemoryTier tier, Object key) {
        if (read(tier, key)) {
            return 1;
        }
        tier.put(key, entry());
        return 0;
    }
}
