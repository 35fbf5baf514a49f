package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.MemoryTier.PartitionStatistics;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

class PartitionedMemoryTierTests {

    private static final CacheEntry ENTRY =
            CacheEntry.Factory.PLAIN.create("value", 0, CacheEntry.NEVER, CacheEntry.Policy.NONE);

    private static PartitionedMemoryTier tier(int count, long size, ToIntFunction<Object> partitionOf) {
        return new PartitionedMemoryTier(
                count, size, partitionOf, maximum -> new CaffeineMemoryTier(maximum, () -> 0, Runnable::run));
    }

    @Test
    void aNoisyPrefixEvictsNothingOfAQuietOne() {
        MemoryTier tier = tier(4, 400, Partitioning.byPrefix(4, ":"));
        for (int i = 0; i < 100; i++) {
            tier.put("quiet:" + i, ENTRY);
        }
        for (int i = 0; i < 1_000_000; i++) {
            tier.put("noisy:" + i, ENTRY);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(tier.get("quiet:" + i)).isSameAs(ENTRY);
        }
        assertThat(tier.size()).isLessThanOrEqualTo(200);
        PartitionStatistics quiet = tier.partitions().get(0);
        assertThat(quiet.hits()).isEqualTo(100);
        assertThat(quiet.evictions()).isZero();
        assertThat(tier.partitions().get(1).evictions()).isEqualTo(999_900);
    }

    @Test
    void boundsAddUpToTheWholeBeforeAndAfterAResize() {
        MemoryTier tier = tier(4, 10, Partitioning.byHash(4));
        assertThat(tier.partitions())
                .extracting(PartitionStatistics::maximumSize)
                .containsExactly(3L, 3L, 2L, 2L);
        tier.resize(1003);
        assertThat(tier.maximumSize()).isEqualTo(1003);
        assertThat(tier.partitions())
                .extracting(PartitionStatistics::maximumSize)
                .containsExactly(251L, 251L, 251L, 250L);
    }

    @Test
    void aDivisionIsKeptWhenTheWholeIsResizedEvenThroughNothing() {
        PartitionedMemoryTier tier = tier(3, 300, Partitioning.byHash(3));
        tier.divide(List.of(30L, 60L, 210L));
        assertThat(tier.maximumSize()).isEqualTo(300);
        tier.resize(1);
        assertThat(tier.maximumSize()).isEqualTo(1);
        tier.resize(1001);
        assertThat(tier.partitions())
                .extracting(PartitionStatistics::maximumSize)
                .containsExactly(101L, 200L, 700L);
    }

    @Test
    void partitionsShrinkBeforeOthersGrowSoThatTheirSumIsNeverMoreThanTheWhole() {
        List<MemoryTier> parts = new ArrayList<>();
        List<Long> sums = new ArrayList<>();
        PartitionedMemoryTier tier = new PartitionedMemoryTier(3, 300, Partitioning.byHash(3), maximum -> {
            MemoryTier part = new CaffeineMemoryTier(maximum, () -> 0, Runnable::run);
            parts.add(part);
            InvocationHandler watched = (proxy, method, arguments) -> {
                Object result = method.invoke(part, arguments);
                if (method.getName().equals("resize")) {
                    sums.add(parts.stream().mapToLong(MemoryTier::maximumSize).sum());
                }
                return result;
            };
            return (MemoryTier) Proxy.newProxyInstance(
                    MemoryTier.class.getClassLoader(), new Class<?>[] {MemoryTier.class}, watched);
        });
        tier.divide(List.of(200L, 60L, 40L));
        tier.divide(List.of(30L, 60L, 210L));
        tier.resize(250);
        tier.divide(List.of(200L, 30L, 20L));
        assertThat(sums).isNotEmpty().allMatch(sum -> sum <= 300);
        assertThat(sums.subList(sums.size() - 3, sums.size())).allMatch(sum -> sum <= 250);
        assertThat(tier.maximumSize()).isEqualTo(250);
    }

    @Test
    void clearAndFiguresCoverAllPartitions() {
        MemoryTier tier = tier(4, 4000, Partitioning.byHash(4));
        for (int i = 0; i < 1000; i++) {
            tier.put(i, ENTRY);
        }
        Set<Object> seen = new HashSet<>();
        tier.forEach((key, entry) -> seen.add(key));
        assertThat(seen).hasSize(1000);
        assertThat(tier.size()).isEqualTo(1000);
        tier.clear();
        assertThat(tier.size()).isZero();
    }

    @Test
    void hashSpreadsNeighbouringNumbersEvenly() {
        ToIntFunction<Object> partitionOf = Partitioning.byHash(4);
        int[] counts = new int[4];
        for (int i = 0; i < 40_000; i++) {
            counts[partitionOf.applyAsInt(i)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_500, 10_500);
        }
    }

    @Test
    void prefixesBeyondTheCountShareTheLastPartition() {
        ToIntFunction<Object> partitionOf = Partitioning.byPrefix(3, "/");
        assertThat(partitionOf.applyAsInt("a/1")).isZero();
        assertThat(partitionOf.applyAsInt("b/1")).isEqualTo(1);
        assertThat(partitionOf.applyAsInt("c/1")).isEqualTo(2);
        assertThat(partitionOf.applyAsInt("d/1")).isEqualTo(2);
        assertThat(partitionOf.applyAsInt("none")).isEqualTo(2);
        assertThat(partitionOf.applyAsInt("a/2")).isZero();
    }

    @Test
    void aPartitionerOutOfRangeOrFailingMeansTheLastPartitionAndIsCounted() {
        AtomicInteger errors = new AtomicInteger();
        ToIntFunction<Object> partitionOf = Partitioning.by(
                3,
                (key, partitions) -> {
                    if (key.equals("broken")) {
                        throw new IllegalStateException();
                    }
                    return (Integer) key;
                },
                errors::incrementAndGet);
        assertThat(partitionOf.applyAsInt(1)).isEqualTo(1);
        assertThat(partitionOf.applyAsInt(3)).isEqualTo(2);
        assertThat(partitionOf.applyAsInt(-1)).isEqualTo(2);
        assertThat(partitionOf.applyAsInt("broken")).isEqualTo(2);
        assertThat(errors).hasValue(3);
    }

    /** As where the application's function throws for a while: its keys go to the last partition meanwhile. */
    @Test
    void anEntryIsForgottenWhereverItsKeyBelongsByNow() {
        AtomicInteger partition = new AtomicInteger();
        MemoryTier tier = tier(4, 100, key -> partition.get());
        tier.put("key", ENTRY);
        partition.set(3);
        assertThat(tier.remove("key")).isSameAs(ENTRY);
        partition.set(0);
        assertThat(tier.peek("key")).isNull();

        tier.put("key", ENTRY);
        partition.set(3);
        tier.put("key", ENTRY);
        partition.set(0);
        tier.remove("key");
        partition.set(3);
        assertThat(tier.peek("key")).isNull();
        assertThat(tier.size()).isZero();
    }

    @Test
    void aFunctionOfTheApplicationThatThrowsWhateverItIsCostsNoCallerAnything() {
        for (Throwable failure : List.of(new IllegalStateException(), new NoClassDefFoundError())) {
            AtomicInteger errors = new AtomicInteger();
            ToIntFunction<Object> partitionOf = Partitioning.by(
                    4,
                    (key, count) -> {
                        if (failure instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) failure;
                    },
                    errors::incrementAndGet);
            assertThat(partitionOf.applyAsInt("key")).isEqualTo(3);
            assertThat(errors).hasValue(1);
        }
    }
}
