package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every history of concurrent calls has an order of single calls that explains it, per the model of a map.
 *
 * <p>A load is checked apart from {@code putIfAbsent} and from what {@code evict} answers, because together they need
 * not be explained: either finds nothing while the load is in flight, and still the caller of the load gets what it
 * loaded.
 */
@Tag("lincheck")
class LinearizabilityTests {

    /** How many scenarios are made, each of which is run many times. */
    private static final int ITERATIONS = Integer.getInteger("tinyllm.test.scenarios", 5);

    @Test
    void loadsPutsAndEvictsAreLinearizable() {
        new StressOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(300)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(LoadingModel.class)
                .check(Loading.class);
    }

    @Test
    void conditionalPutsAreLinearizable() {
        new StressOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(300)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Model.class)
                .check(Conditional.class);
    }

    /** What both subjects do. */
    abstract static class Subject {

        final TieredCache cache = TieredCache.named("checked")
                .memory(new CaffeineMemoryTier(1_000, () -> 0, Runnable::run))
                .build();

        static @Nullable Integer value(@Nullable CacheEntry entry) {
            return entry == null ? null : (Integer) entry.value();
        }
    }

    /** Loads against puts and evicts. */
    @Param(name = "key", gen = IntGen.class, conf = "1:2")
    @Param(name = "value", gen = IntGen.class, conf = "1:9")
    public static class Loading extends Subject {

        @Operation
        public @Nullable Integer get(@Param(name = "key") int key) {
            return value(cache.get(key));
        }

        @Operation
        public @Nullable Integer load(@Param(name = "key") int key, @Param(name = "value") int value) {
            return (Integer) cache.get(key, () -> value);
        }

        @Operation
        public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
            cache.put(key, value);
        }

        @Operation
        public void evict(@Param(name = "key") int key) {
            cache.evict(key);
        }
    }

    /** Conditional puts against puts and evicts. */
    @Param(name = "key", gen = IntGen.class, conf = "1:2")
    @Param(name = "value", gen = IntGen.class, conf = "1:9")
    public static class Conditional extends Subject {

        @Operation
        public @Nullable Integer get(@Param(name = "key") int key) {
            return value(cache.get(key));
        }

        @Operation
        public @Nullable Integer putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
            return value(cache.putIfAbsent(key, value));
        }

        @Operation
        public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
            cache.put(key, value);
        }

        @Operation
        public boolean evict(@Param(name = "key") int key) {
            return cache.evict(key);
        }
    }

    /** What the same calls do one after the other. */
    public static class Model {

        private final Map<Integer, Integer> map = new HashMap<>();

        public @Nullable Integer get(int key) {
            return map.get(key);
        }

        public @Nullable Integer putIfAbsent(int key, int value) {
            return map.putIfAbsent(key, value);
        }

        public void put(int key, int value) {
            map.put(key, value);
        }

        public boolean evict(int key) {
            return map.remove(key) != null;
        }
    }

    /** The same, where evicting answers nothing. */
    public static class LoadingModel {

        private final Map<Integer, Integer> map = new HashMap<>();

        public @Nullable Integer get(int key) {
            return map.get(key);
        }

        public @Nullable Integer load(int key, int value) {
            return map.computeIfAbsent(key, k -> value);
        }

        public void put(int key, int value) {
            map.put(key, value);
        }

        public void evict(int key) {
            map.remove(key);
        }
    }
}
