package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A change of a key against a load of it in flight, 200,000 times each: what the load brought must not be there
 * afterwards. The change comes at a varying moment around the end of the load.
 */
class OverlappingLoadTests {

    /** The last test here sees a fault within a third of them. */
    private static final int ROUNDS = Integer.getInteger("tinyllm.test.race.rounds", 30_000);

    private static final int BATCH = 1_000;

    /** The operations of a cache that a race needs. */
    private interface Raced {

        void load(Object key, Callable<Object> loader);

        @Nullable
        Object current(Object key);

        void evict(Object key);

        void put(Object key, Object value);

        void clear();
    }

    @Test
    void noEvictLeavesTheValueOfAnOverlappingLoad() throws Exception {
        assertThat(staleAfterEvict(new Ours(), ROUNDS)).isZero();
    }

    @Test
    void noPutIsOverwrittenByAnOverlappingLoad() throws Exception {
        assertThat(staleAfterPut(new Ours(), ROUNDS)).isZero();
    }

    @Test
    void noClearLeavesTheValueOfAnOverlappingLoad() throws Exception {
        assertThat(staleAfterClear(new Ours(), ROUNDS)).isZero();
    }

    /** The harness sees a fault when there is one: a cache that stores loads as they come fails all three. */
    @Test
    void theRacesFailACacheThatStoresLoadsWithoutAnInFlightTable() throws Exception {
        assertThat(staleAfterEvict(new Unguarded(), 10_000)).isPositive();
        assertThat(staleAfterPut(new Unguarded(), 10_000)).isPositive();
        assertThat(staleAfterClear(new Unguarded(), 10_000)).isPositive();
    }

    private static int staleAfterEvict(Raced cache, int rounds) throws Exception {
        return race(cache, rounds, cache::evict, null);
    }

    private static int staleAfterPut(Raced cache, int rounds) throws Exception {
        return race(cache, rounds, key -> cache.put(key, "put"), "put");
    }

    private static int staleAfterClear(Raced cache, int rounds) throws Exception {
        return race(cache, rounds, key -> cache.clear(), null);
    }

    /**
     * Each round has a key of its own. The two threads meet inside of its load, then one ends it while the other
     * changes it.
     */
    private static int race(Raced cache, int rounds, Consumer<Object> change, @Nullable Object expected)
            throws Exception {
        Meeting meeting = new Meeting();
        Thread loading = new Thread(() -> {
            for (int round = 0; round < rounds; round++) {
                int current = round;
                cache.load(round % BATCH, () -> {
                    meeting.meet(true);
                    spin(current % 61);
                    return "loaded";
                });
                if (endsBatch(round)) {
                    meeting.meet(true);
                    meeting.meet(true);
                }
            }
        });
        loading.setDaemon(true);
        loading.start();
        int stale = 0;
        for (int round = 0; round < rounds; round++) {
            meeting.meet(false);
            spin(round % 53);
            change.accept(round % BATCH);
            if (endsBatch(round)) {
                meeting.meet(false);
                for (int key = 0; key < BATCH; key++) {
                    if (!Objects.equals(cache.current(key), expected)) {
                        stale++;
                    }
                }
                cache.clear();
                meeting.meet(false);
            }
        }
        loading.join(TimeUnit.SECONDS.toMillis(10));
        return stale;
    }

    private static boolean endsBatch(int round) {
        return round % BATCH == BATCH - 1;
    }

    private static void spin(int turns) {
        for (int i = 0; i < turns; i++) {
            Thread.onSpinWait();
        }
    }

    /** Where two threads wait for each other, without sleeping while both have a processor. */
    private static final class Meeting {

        private volatile int first;
        private volatile int second;

        @SuppressWarnings("NonAtomicOperationOnVolatileField") // each side has one writer
        void meet(boolean isFirst) {
            int turn = isFirst ? ++first : ++second;
            for (int i = 0; (isFirst ? second : first) < turn; i++) {
                if (i < 2_000) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(1_000);
                }
            }
        }
    }

    private static final class Ours implements Raced {

        private final TieredCache cache = TieredCache.named("raced")
                .memory(new CaffeineMemoryTier(10_000, System::nanoTime, Runnable::run))
                .build();

        @Override
        public void load(Object key, Callable<Object> loader) {
            cache.get(key, loader);
        }

        @Override
        public @Nullable Object current(Object key) {
            CacheEntry entry = cache.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public void evict(Object key) {
            cache.evict(key);
        }

        @Override
        public void put(Object key, Object value) {
            cache.put(key, value);
        }

        @Override
        public void clear() {
            cache.clear();
        }
    }

    /** What a cache without the rule does: load, then store. */
    private static final class Unguarded implements Raced {

        private final CaffeineMemoryTier memory = new CaffeineMemoryTier(10_000, System::nanoTime, Runnable::run);

        @Override
        public void load(Object key, Callable<Object> loader) {
            try {
                put(key, loader.call());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public @Nullable Object current(Object key) {
            CacheEntry entry = memory.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public void evict(Object key) {
            memory.remove(key);
        }

        @Override
        public void put(Object key, Object value) {
            memory.put(
                    key,
                    CacheEntry.Factory.PLAIN.create(
                            value, System.nanoTime(), CacheEntry.NEVER, CacheEntry.Policy.NONE));
        }

        @Override
        public void clear() {
            memory.clear();
        }
    }
}
