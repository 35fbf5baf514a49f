package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StagedMemoryTierTests {

    private static final Object EVICTED = new Object();

    private final AtomicLong time = new AtomicLong();
    private final MemoryTier tier = new CaffeineMemoryTier(104, time::get, Runnable::run);
    private final List<Object> used = new ArrayList<>();
    private final List<Object> gone = new ArrayList<>();
    private final StagedMemoryTier staged = new StagedMemoryTier(
            tier, 104, size -> 4, time::get, entry -> entry.value() == EVICTED, used::add, gone::add);

    private CacheEntry entry(Object value) {
        return entry(value, CacheEntry.NEVER);
    }

    private CacheEntry entry(Object value, long ttlNanos) {
        return CacheEntry.Factory.PLAIN.create(value, time.get(), ttlNanos, CacheEntry.Policy.NONE);
    }

    private StagedMemoryTier staged(MemoryTier inner, long bound) {
        return new StagedMemoryTier(
                inner, bound, PrefetchOptions::maximumStagedOf, time::get, entry -> false, used::add, gone::add);
    }

    /** An area of a bound of 1,000 in which 300 entries wait. */
    private StagedMemoryTier filled(MemoryTier inner) {
        StagedMemoryTier both = staged(inner, 1000);
        for (int i = 0; i < 300; i++) {
            both.stage(i, entry(i));
        }
        return both;
    }

    @Test
    void theFirstReadMovesAnEntryToTheTierAndSaysSoOnce() {
        CacheEntry entry = entry("a");
        staged.stage("a", entry);
        assertThat(tier.peek("a")).isNull();

        assertThat(staged.get("a")).isSameAs(entry);
        assertThat(staged.get("a")).isSameAs(entry);
        assertThat(tier.peek("a")).isSameAs(entry);
        assertThat(used).containsExactly("a");
        assertThat(staged.staged()).isZero();
    }

    @Test
    void whatWasEvictedByATagIsOfNoUse() {
        staged.stage("a", entry(EVICTED));

        assertThat(staged.get("a")).isNull();
        assertThat(tier.peek("a")).isNull();
        assertThat(used).isEmpty();
        assertThat(gone).containsExactly("a");
        assertThat(staged.staged()).isZero();
    }

    @Test
    void lookingIsNotAsking() {
        staged.stage("a", entry("a"));

        assertThat(staged.peek("a")).isNotNull();
        assertThat(used).isEmpty();
        assertThat(tier.peek("a")).isNull();
    }

    @Test
    void whatWasAskedForStaysHoweverMuchIsStaged() {
        for (int i = 0; i < 100; i++) {
            staged.put(i, entry(i));
        }
        for (int i = 0; i < 1000; i++) {
            staged.stage("guess " + i, entry(i));
        }

        assertThat(tier.size()).isEqualTo(100);
        assertThat(staged.size()).isEqualTo(104);
        assertThat(tier.evictions()).isZero();
    }

    @Test
    void aPutReplacesAndARemovalRemovesWhatNobodyHasAskedFor() {
        staged.stage("a", entry("old"));
        CacheEntry newer = entry("new");
        staged.put("a", newer);
        staged.stage("b", entry("b"));
        staged.remove("b");

        assertThat(staged.get("a")).isSameAs(newer);
        assertThat(staged.get("b")).isNull();
        assertThat(gone).containsExactly("a", "b");
        assertThat(used).isEmpty();
    }

    @Test
    void anExpiredEntryIsNotServed() {
        staged.stage("a", entry("a", 10));
        time.addAndGet(10);

        assertThat(staged.peek("a")).isNull();
        assertThat(staged.get("a")).isNull();
        assertThat(used).isEmpty();
    }

    @Test
    void aKeyThatTheTierHoldsIsReplacedThere() {
        staged.put("a", entry("old"));
        CacheEntry newer = entry("new");
        staged.stage("a", newer);

        assertThat(tier.peek("a")).isSameAs(newer);
        assertThat(staged.staged()).isZero();
    }

    @Test
    void discardingSparesWhatWasAskedFor() {
        staged.stage("a", entry("a"));
        staged.stage("b", entry("b"));
        staged.stage("c", entry("c"));
        staged.get("a");
        staged.keep("b");
        List.of("a", "b", "c").forEach(staged::discard);

        assertThat(staged.get("a")).isNotNull();
        assertThat(staged.get("b")).isNotNull();
        assertThat(staged.get("c")).isNull();
    }

    @Test
    void clearingEmptiesBoth() {
        staged.put("a", entry("a"));
        staged.stage("b", entry("b"));
        staged.clear();

        assertThat(staged.size()).isZero();
        assertThat(gone).containsExactly("b");
    }

    @Test
    void aReadThatOverlapsARemovalNeverBringsTheEntryBack() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            Integer key = i;
            staged.stage(key, entry(i));
            CyclicBarrier start = new CyclicBarrier(2);
            Thread reader = new Thread(() -> {
                try {
                    start.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                staged.get(key);
            });
            reader.start();
            start.await();
            staged.remove(key);
            reader.join();
            assertThat(staged.peek(key)).isNull();
        }
    }

    @Test
    void theBoundIsOfBothTogether() {
        MemoryTier inner = new CaffeineMemoryTier(100, time::get, Runnable::run);
        StagedMemoryTier both = staged(inner, 100);
        assertThat(both.maximumSize()).isEqualTo(100);
        both.resize(20);
        assertThat(both.maximumSize()).isEqualTo(20);
        for (int i = 0; i < 100; i++) {
            both.put(i, entry(i));
            both.stage("guess " + i, entry(i));
        }
        assertThat(both.staged()).isEqualTo(10);
        assertThat(inner.maximumSize()).isEqualTo(10);
        assertThat(both.size()).isEqualTo(20);
    }

    @Test
    void anEmptyAreaLeavesTheTierNearlyAllOfTheBound() {
        MemoryTier inner = new CaffeineMemoryTier(1000, time::get, Runnable::run);
        StagedMemoryTier both = filled(inner);
        assertThat(inner.maximumSize()).isBetween(550L, 700L);
        for (int i = 0; i < 300; i++) {
            if (i % 2 == 0) {
                both.get(i);
            } else {
                both.discard(i);
            }
        }
        assertThat(inner.maximumSize()).as("all but a step or two").isBetween(992L, 997L);
    }

    @Test
    void entriesThatAreOverwrittenOrRemovedGiveTheirPlacesBack() {
        MemoryTier inner = new CaffeineMemoryTier(1000, time::get, Runnable::run);
        StagedMemoryTier both = filled(inner);
        for (int i = 0; i < 300; i++) {
            if (i % 2 == 0) {
                both.put(i, entry(i));
            } else {
                both.remove(i);
            }
        }
        assertThat(inner.maximumSize()).isBetween(992L, 997L);
    }

    @Test
    void theDivisionChangesSeldom() {
        int changes = 0;
        int places = 0;
        for (int i = 0; i < 10_000; i++) {
            // Between 20 and 35 entries wait, now more and now fewer.
            int now = StagedMemoryTier.places(places, 20 + (i * 7) % 16, 1000, 500);
            changes += now == places ? 0 : 1;
            places = now;
            assertThat(places).isGreaterThanOrEqualTo(20 + (i * 7) % 16);
        }
        assertThat(changes).isLessThan(5);
    }

    @Test
    void smallBoundsAreDividedToo() {
        for (int bound = 0; bound < 10; bound++) {
            MemoryTier inner = new CaffeineMemoryTier(bound, time::get, Runnable::run);
            StagedMemoryTier both = staged(inner, bound);
            for (int i = 0; i < 10; i++) {
                both.stage(i, entry(i));
            }
            assertThat(both.staged()).as("of " + bound).isEqualTo(bound / 2);
            assertThat(inner.maximumSize()).isEqualTo(bound - bound / 2);
            both.clear();
            assertThat(inner.maximumSize()).isEqualTo(bound);
        }
    }

    @Test
    void ofASmallCacheNoPlaceIsKeptThatNothingIsStagedIn() {
        MemoryTier inner = new CaffeineMemoryTier(150, time::get, Runnable::run);
        StagedMemoryTier both = staged(inner, 150);
        for (int i = 0; i < 6; i++) {
            both.stage(i, entry(i));
        }
        assertThat(inner.maximumSize()).isLessThanOrEqualTo(144);
        for (int i = 0; i < 6; i++) {
            both.discard(i);
        }
        assertThat(inner.maximumSize()).isEqualTo(150);
    }

    @Test
    void whoeverChangesTheAreaAtOnceTheBoundIsKept() throws Exception {
        MemoryTier inner = new CaffeineMemoryTier(1000, time::get, Runnable::run);
        StagedMemoryTier both = new StagedMemoryTier(
                inner, 1000, PrefetchOptions::maximumStagedOf, time::get, entry -> false, key -> {}, key -> {});
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int mine = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 20_000; i++) {
                    Integer key = (i * 31 + mine * 7) % 700;
                    switch ((i + mine) % 4) {
                        case 0, 1 -> both.stage(key, entry(i));
                        case 2 -> both.get(key);
                        default -> both.remove(key);
                    }
                    if (i % 1000 == 999) {
                        both.resize(500 + (i + mine) % 501);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        both.resize(1000);
        both.stage("last", entry("last"));
        int places = (int) (1000 - inner.maximumSize());
        assertThat(places).isBetween(both.staged(), 500);
        assertThat(places).isEqualTo(StagedMemoryTier.places(places, both.staged(), 1000, 500));
    }

    @Test
    void expiredEntriesMakeRoom() {
        for (int i = 0; i < 4; i++) {
            staged.stage("old" + i, entry(i, 10));
        }
        time.set(10);
        staged.stage("new", entry("new", 10));
        assertThat(staged.peek("new")).isNotNull();
        assertThat(gone).hasSize(4);
    }

    @Test
    void anEntryPastItsTimeToLiveSparesNobodyALoad() {
        staged.stage("stale", CacheEntry.Factory.PLAIN.create("a", time.get(), 10, new CacheEntry.Policy(0, 990)));
        time.set(10);
        assertThat(staged.get("stale")).isNotNull();
        assertThat(used).isEmpty();
        assertThat(gone).containsExactly("stale");
    }
}
