package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

class WeighedMemoryTierTests {

    private static final long WEIGHT = 1_000_000;
    private static final long ENTRIES = 500;

    private final HeapWeigher weigher = new HeapWeigher();

    private MemoryTier tier(long size, long bytes) {
        return new CaffeineMemoryTier(MemoryBound.ofBytes(size, weigher, bytes, size), () -> 0, Runnable::run);
    }

    private PartitionedMemoryTier parted(int count, ToIntFunction<Object> partitionOf) {
        return new PartitionedMemoryTier(
                count,
                ENTRIES,
                partitionOf,
                size -> new CaffeineMemoryTier(
                        MemoryBound.ofBytes(size, weigher, WEIGHT, ENTRIES), () -> 0, Runnable::run));
    }

    private static CacheEntry entry(int bytes) {
        return CacheEntry.Factory.PLAIN.create(new byte[bytes], 0, CacheEntry.NEVER, CacheEntry.Policy.NONE);
    }

    private long held(MemoryTier tier) {
        long[] bytes = new long[1];
        tier.scan((key, entry) -> bytes[0] += weigher.weigh(entry.value()));
        return bytes[0];
    }

    @Test
    void largeValuesAreBoundedByTheirBytes() {
        MemoryTier tier = tier(ENTRIES, WEIGHT);
        for (int i = 0; i < 1000; i++) {
            tier.put(i, entry(30_000));
        }
        assertThat(held(tier)).isBetween(WEIGHT - 31_000, WEIGHT);
        assertThat(tier.weight()).isEqualTo(held(tier));
        assertThat(tier.maximumSize()).isEqualTo(ENTRIES);
        assertThat(tier.maximumWeight()).isEqualTo(WEIGHT);
        assertThat(tier.evictions()).isEqualTo(1000 - tier.size());
    }

    @Test
    void smallValuesAreBoundedByTheirNumber() {
        MemoryTier tier = tier(ENTRIES, WEIGHT);
        for (int i = 0; i < 5000; i++) {
            tier.put(i, entry(i % 50));
        }
        assertThat(tier.size()).isEqualTo(ENTRIES);
    }

    @Test
    void bothBoundsHoldForAnyMixtureInAnyLayout() {
        Random random = new Random(7);
        MemoryTier staged = new StagedMemoryTier(
                tier(ENTRIES, WEIGHT),
                ENTRIES,
                bound -> (int) bound / 2,
                () -> 0,
                entry -> false,
                key -> {},
                key -> {});
        for (MemoryTier tier : List.of(tier(ENTRIES, WEIGHT), parted(7, Partitioning.byHash(7)), staged)) {
            for (int i = 0; i < 20_000; i++) {
                int bytes = random.nextInt(10) == 0 ? random.nextInt(90_000) : random.nextInt(3000);
                if (tier == staged && random.nextBoolean()) {
                    ((StagedMemoryTier) staged).stage(random.nextInt(2000), entry(bytes));
                } else {
                    tier.put(random.nextInt(2000), entry(bytes));
                }
                if (random.nextInt(4) == 0) {
                    tier.get(random.nextInt(2000));
                }
                if (i % 100 == 0) {
                    assertThat(tier.size()).isLessThanOrEqualTo(ENTRIES);
                    assertThat(tier.weight()).isLessThanOrEqualTo(WEIGHT);
                    assertThat(tier.maximumWeight()).isBetween(WEIGHT - 10, WEIGHT);
                }
            }
            assertThat(held(tier)).isLessThanOrEqualTo(WEIGHT);
            assertThat(tier.weight()).isGreaterThan(WEIGHT / 2);
        }
    }

    @Test
    void whatIsStagedCountsWithItsBytes() {
        List<Object> gone = new ArrayList<>();
        StagedMemoryTier tier = new StagedMemoryTier(
                tier(ENTRIES, WEIGHT),
                ENTRIES,
                bound -> (int) bound / 2,
                () -> 0,
                entry -> false,
                key -> {},
                gone::add);
        for (int i = 0; i < 100; i++) {
            tier.stage(i, entry(40_000));
        }
        assertThat(tier.staged()).isBetween(10, 12);
        tier.stage(0, entry(400_000));
        assertThat(gone).containsExactly(0);
        tier.clear();
        assertThat(tier.weight()).isZero();
    }

    @Test
    void theWeightCanBeChangedWhileTheNumberOfEntriesStays() {
        for (MemoryTier tier : List.of(tier(ENTRIES, WEIGHT), parted(4, Partitioning.byHash(4)))) {
            for (int i = 0; i < 5000; i++) {
                tier.put(i, entry(100));
            }
            for (long weight : new long[] {WEIGHT / 10, 3 * WEIGHT, WEIGHT / 4, WEIGHT}) {
                tier.resizeWeight(weight);
                assertThat(tier.maximumWeight()).isBetween(weight - 10, weight);
                assertThat(tier.maximumSize()).isEqualTo(ENTRIES);
                for (int i = 0; i < 5000; i++) {
                    tier.put(i, entry(i % 150));
                }
                assertThat(tier.size()).isBetween(ENTRIES - 8, ENTRIES);
                assertThat(tier.weight()).isLessThanOrEqualTo(weight);
            }
        }
    }

    @Test
    void aSmallerWeightKeepsSmallEntries() {
        MemoryTier tier = tier(ENTRIES, WEIGHT);
        for (int i = 0; i < ENTRIES; i++) {
            tier.put(i, entry(10));
        }
        tier.resizeWeight(ENTRIES * 40);
        assertThat(tier.size()).isEqualTo(ENTRIES);
    }

    @Test
    void aLargerWeightDoesNotLetInMoreEntriesThanThereMayBe() {
        MemoryTier tier = tier(ENTRIES, WEIGHT);
        for (int i = 0; i < ENTRIES; i++) {
            tier.put(i, entry(10));
        }
        tier.resizeWeight(10 * WEIGHT);
        for (int i = 0; i < ENTRIES; i++) {
            tier.put(-1 - i, entry(10));
        }
        assertThat(tier.size()).isLessThanOrEqualTo(ENTRIES);
    }

    @Test
    void largeBoundsAndLargeValuesDoNotOverflow() {
        MemoryTier tier = tier(4, 100L << 30);
        byte[] half = new byte[1 << 20];
        for (int i = 0; i < 50; i++) {
            tier.put(i, CacheEntry.Factory.PLAIN.create(half, 0, CacheEntry.NEVER, CacheEntry.Policy.NONE));
        }
        assertThat(tier.size()).isEqualTo(4);
        assertThat(tier.maximumWeight()).isEqualTo(100L << 30);
        assertThat(tier.weight()).isBetween(99L << 30, 100L << 30);
    }

    @Test
    void theBytesOfPartitionsAddUpToTheWholeHoweverTheyAreDivided() {
        PartitionedMemoryTier tier = parted(3, Partitioning.byHash(3));
        assertThat(tier.maximumWeight()).isBetween(WEIGHT - 3, WEIGHT);
        tier.divide(List.of(50L, 50L, 400L));
        assertThat(tier.maximumWeight()).isBetween(WEIGHT - 3, WEIGHT);
        assertThat(tier.maximumSize()).isEqualTo(ENTRIES);
    }

    @Test
    void thePlacesOfAnEntryAreKnownByPartition() {
        PartitionedMemoryTier tier = parted(2, key -> key instanceof String ? 1 : 0);
        assertThat(tier.meanPlaces()).containsExactly(1.0, 1.0);
        for (int i = 0; i < 20; i++) {
            tier.put(i, entry(10));
            tier.put("text " + i, entry(19_984));
        }
        assertThat(tier.meanPlaces().get(0)).isEqualTo(1.0);
        assertThat(tier.meanPlaces().get(1)).isBetween(9.9, 10.1);
    }
}
