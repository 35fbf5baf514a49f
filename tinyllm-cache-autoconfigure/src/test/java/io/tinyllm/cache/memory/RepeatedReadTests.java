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

    /** A size of which few enough entries go. */
    private static final int LARGE = 20_000;

    /** How much longer than its time-to-live the tier keeps an entry where all have the same. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1_100);

    /** Reads of which the eviction policy did not hear, as long as little was evicted. */
    private int leftOut;

    private long step;
    private int readsInStep;
    private long mostEvictions;

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

    /** So much that of what follows in the same step some may be left out. */
    private void readMuch(CaffeineMemoryTier tier) {
        for (int i = 0; i < Turnover.FEW; i++) {
            read(tier, "no such key");
        }
    }

    private static int rank(CaffeineMemoryTier tier, Object key) {
        return hottestFirst(tier).indexOf(key);
    }

    /** Reads one key twice, another in between, and returns whether the second read of the first one counted. */
    private boolean countsARepeatedRead(CaffeineMemoryTier tier, Object one, Object other) {
        read(tier, one);
        read(tier, other);
        read(tier, one);
        return rank(tier, one) < rank(tier, other);
    }

    @Test
    void theFirstReadIsOneOfAnEntryThatWasJustWritten() {
        assertThat(entry().wasUsedLately(now.get())).isFalse();
    }

    @Test
    void aReadCountsAgainAfterAWhile() {
        CaffeineMemoryTier tier = full();
        readMuch(tier);
        assertThat(countsARepeatedRead(tier, 1, 2)).isFalse();

        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
        read(tier, 1);
        assertThat(rank(tier, 1)).isLessThan(rank(tier, 2));
    }

    @Test
    void everyReadCountsWhereThereAreFew() {
        CaffeineMemoryTier tier = full();
        assertThat(countsARepeatedRead(tier, 1, 2)).isTrue();
    }

    @Test
    void everyReadCountsUntilTheFirstEviction() {
        CaffeineMemoryTier tier = fullAndNew();
        readMuch(tier);
        assertThat(countsARepeatedRead(tier, 1, 2)).isTrue();
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
        readMuch(tier);
        assertThat(countsARepeatedRead(tier, one, other)).isTrue();
    }

    @Test
    void whatIsClearedBeginsAnew() {
        Turnover turnover = new Turnover(now.get(), false);
        turnover.evicted(now.get(), SIZE);
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        assertThat(turnover.hasBegun()).isTrue();
        assertThat(leavesOut(turnover)).isTrue();
        turnover.restart(now.get());
        assertThat(turnover.hasBegun()).isFalse();
        assertThat(leavesOut(turnover)).isFalse();
    }

    private boolean leavesOut(Turnover turnover) {
        for (int i = 0; i < Turnover.FEW; i++) {
            turnover.mayLeaveOut(now.get());
        }
        return turnover.mayLeaveOut(now.get());
    }

    @Test
    void whereEntriesHaveDeadlinesReadsAreLeftOutBeforeAnythingIsEvicted() {
        CaffeineMemoryTier tier =
                new CaffeineMemoryTier(MemoryBound.ofEntries(SIZE), now::get, Runnable::run, now::get);
        for (int i = 0; i < SIZE; i++) {
            tier.put(i, entry());
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        readMuch(tier);
        assertThat(countsARepeatedRead(tier, 1, 2)).isFalse();
        assertThat(tier.evictions()).isZero();
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
        readMuch(tier);
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
            Draw draw = (random, i) -> (int) (KEYS * Math.pow(random.nextDouble(), skew)) + i / 10_000 * 50;
            assertThat(moreHits(SIZE, requestsInASecond, SEEDS, REQUESTS, draw)).isGreaterThan(-0.005);
        }
    }

    /** One of a thousand requests is of a key that is hardly asked for again. */
    @Test
    void hitsAreAsManyAsWhereEveryReadCountsWhileLittleIsEvicted() {
        int popular = LARGE * 3 / 4;
        Draw draw = (random, i) -> random.nextInt(1_000) < 1
                ? random.nextInt(10 * LARGE)
                : (int) (popular * Math.pow(random.nextDouble(), 3)) + i / 10_000 * 20;
        assertThat(moreHits(LARGE, 100_000, 2, 4 * REQUESTS, draw)).isGreaterThan(-0.001);
        assertThat(leftOut / (8.0 * REQUESTS)).isGreaterThan(0.2);
        long steps = TimeUnit.SECONDS.toNanos(4 * REQUESTS / 100_000) / CacheEntry.STEP_NANOS;
        assertThat(mostEvictions / steps).isLessThan(LARGE / 256);
    }

    /** The key of a request. */
    private interface Draw {

        int next(Random random, int i);
    }

    /** Returns how many hits more there are than where every read counts, as a part of all requests. */
    private double moreHits(int size, int requestsInASecond, int seeds, int requests, Draw draw) {
        int more = 0;
        for (int seed = 0; seed < seeds; seed++) {
            CaffeineMemoryTier fewer = tier(size);
            CaffeineMemoryTier every = CaffeineMemoryTier.keeping(size, now::get, Runnable::run, CacheEntry.NEVER);
            for (int i = 0; i <= size; i++) {
                readOrPut(fewer, i);
                readOrPut(every, i);
            }
            now.addAndGet(TimeUnit.SECONDS.toNanos(3));
            Random random = new Random(seed);
            for (int i = 0; i < requests; i++) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(1) / requestsInASecond);
                Object key = draw.next(random, i);
                countIfLeftOut(fewer.peek(key));
                more += readOrPut(fewer, key);
                more -= readOrPut(every, key);
            }
            mostEvictions = Math.max(mostEvictions, fewer.evictions());
        }
        return more / (double) (seeds * requests);
    }

    private void countIfLeftOut(CacheEntry entry) {
        long current = now.get() / CacheEntry.STEP_NANOS;
        readsInStep = current == step ? readsInStep + 1 : 1;
        step = current;
        leftOut += readsInStep > Turnover.FEW && entry != null && entry.wasUsedLately(now.get()) ? 1 : 0;
    }

    private int readOrPut(CaffeineMemoryTier tier, Object key) {
        if (read(tier, key)) {
            return 1;
        }
        tier.put(key, entry());
        return 0;
    }
}
