package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

/** What a Caffeine cache has learnt outlasts a change of its bound. */
class LearntStateTests {

    private static final int SIZE = 1_000;

    @Test
    void thisCaffeineLetsUsIn() {
        assertThat(LearntState.isKept()).isTrue();
    }

    @Test
    void theAdmissionWindowKeepsItsShare() throws Throwable {
        Cache<Integer, Boolean> cache = cache(SIZE);
        for (int key = 0; key < SIZE; key++) {
            access(cache, key);
        }
        internal("setWindowMaximum", void.class, long.class).invoke(cache.asMap(), 400L);
        internal("setMainProtectedMaximum", void.class, long.class).invoke(cache.asMap(), 480L);

        LearntState.resize(cache, SIZE / 2);
        assertThat((long) internal("windowMaximum", long.class).invoke(cache.asMap()))
                .isEqualTo(200);
        assertThat((long) internal("mainProtectedMaximum", long.class).invoke(cache.asMap()))
                .isEqualTo(240);

        LearntState.resize(cache, 2 * SIZE);
        assertThat((long) internal("windowMaximum", long.class).invoke(cache.asMap()))
                .isEqualTo(800);
    }

    private static MethodHandle internal(String name, Class<?> returned, Class<?>... taken)
            throws ReflectiveOperationException {
        Class<?> type = Class.forName("com.github.benmanes.caffeine.cache.BoundedLocalCache");
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .findVirtual(type, name, MethodType.methodType(returned, taken));
    }

    @Test
    void whatIsAskedForOftenStaysWhenTheCacheHasGrown() {
        Cache<Integer, Boolean> cache = cache(100);
        for (int round = 0; round < 8; round++) {
            for (int key = 0; key < 90; key++) {
                access(cache, key);
            }
        }
        LearntState.resize(cache, 1_000);
        for (int key = 1_000; key < 1_900; key++) {
            access(cache, key);
        }
        LearntState.resize(cache, 200);
        for (int key = 2_000; key < 12_000; key++) {
            access(cache, key);
        }
        assertThat(cache.asMap().keySet().stream().filter(key -> key < 90).count())
                .isGreaterThan(60);
    }

    @Test
    void whatWasAskedForOnceFadesAfterAShrinkToo() throws Throwable {
        Cache<Integer, Boolean> cache = cache(100_000);
        for (int key = 0; key < 900_000; key++) {
            access(cache, key);
        }
        for (int bound : new int[] {SIZE, 1}) {
            LearntState.resize(cache, bound);
            Object sketch = internal("frequencySketch", sketch()).invoke(cache.asMap());
            int period = (int) inSketch("sampleSize", int.class).get(sketch);
            assertThat(period).isLessThanOrEqualTo(Math.max(10 * bound, 32));
            for (int key = 1_000_000; key < 1_100_000; key++) {
                access(cache, key);
                assertThat((int) inSketch("size", int.class).get(sketch)).isBetween(0, period);
            }
        }
    }

    @Test
    void whatIsAskedForOftenStaysWhenTheCacheHasShrunkALot() {
        Cache<Integer, Boolean> cache = cache(10_000);
        for (int key = 0; key < 10_000; key++) {
            access(cache, key);
        }
        for (int round = 0; round < 12; round++) {
            for (int key = 0; key < 80; key++) {
                access(cache, key);
            }
        }
        LearntState.resize(cache, 100);
        for (int key = 10_000; key < 10_300; key++) {
            access(cache, key);
        }
        assertThat(cache.asMap().keySet().stream().filter(key -> key < 80).count())
                .isGreaterThan(60);
    }

    private static VarHandle inSketch(String name, Class<?> type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(sketch(), MethodHandles.lookup()).findVarHandle(sketch(), name, type);
    }

    private static Class<?> sketch() throws ReflectiveOperationException {
        return Class.forName("com.github.benmanes.caffeine.cache.FrequencySketch");
    }

    @Test
    void theBoundHoldsAfterEveryResize() {
        Cache<Integer, Boolean> cache = cache(SIZE);
        for (int bound : new int[] {500, 2_000, 1, 0, 3, 10_000, 7}) {
            LearntState.resize(cache, bound);
            assertThat(cache.policy().eviction().orElseThrow().getMaximum()).isEqualTo(bound);
            for (int key = 0; key < 3_000; key++) {
                access(cache, key);
            }
            cache.cleanUp();
            assertThat(cache.estimatedSize()).isLessThanOrEqualTo(bound);
        }
    }

    @Test
    void theBoundHoldsWhereEntriesAreWeighed() {
        Cache<Integer, Boolean> cache = Caffeine.newBuilder()
                .executor(Runnable::run)
                .maximumWeight(SIZE)
                .weigher((Integer key, Boolean value) -> 1 + key % 5)
                .build();
        for (int bound : new int[] {500, 2_000, 10, 800}) {
            LearntState.resize(cache, bound);
            for (int key = 0; key < 3_000; key++) {
                access(cache, key);
            }
            cache.cleanUp();
            assertThat(cache.policy().eviction().orElseThrow().weightedSize().orElseThrow())
                    .isLessThanOrEqualTo(bound);
        }
    }

    private static Cache<Integer, Boolean> cache(int size) {
        return Caffeine.newBuilder().executor(Runnable::run).maximumSize(size).build();
    }

    private static boolean access(Cache<Integer, Boolean> cache, Integer key) {
        if (cache.getIfPresent(key) != null) {
            return true;
        }
        cache.put(key, true);
        return false;
    }
}
