package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CaffeineMemoryTierVisitTests {

    @Test
    void visitsTheHottestFirst() {
        CaffeineMemoryTier tier = new CaffeineMemoryTier(1_000, System::nanoTime, Runnable::run);
        for (int i = 0; i < 500; i++) {
            tier.put(i, entry(i));
        }
        for (int use = 0; use < 10; use++) {
            for (int i = 100; i < 110; i++) {
                tier.get(i);
            }
        }
        List<Object> visited = new ArrayList<>();
        tier.forEach((key, entry) -> visited.add(key));
        assertThat(visited).hasSize(500).doesNotHaveDuplicates();
        assertThat(visited.subList(0, 10)).containsExactlyInAnyOrder(100, 101, 102, 103, 104, 105, 106, 107, 108, 109);
    }

    @Test
    void visitsEachEntryOnceWhereThereAreMoreThanItPutsInOrder() {
        int many = 70_000;
        CaffeineMemoryTier tier = new CaffeineMemoryTier(many, System::nanoTime, Runnable::run);
        for (int i = 0; i < many; i++) {
            tier.put(i, entry(i));
        }
        Set<Object> visited = new HashSet<>();
        long[] visits = new long[1];
        tier.forEach((key, entry) -> {
            visits[0]++;
            visited.add(entry.value());
        });
        assertThat(visits[0]).isEqualTo(tier.size());
        assertThat(visited).hasSize((int) visits[0]);
        assertThat(visited.size()).isGreaterThan(65_536);
    }

    private static CacheEntry entry(Object value) {
        return CacheEntry.Factory.PLAIN.create(value, System.nanoTime(), CacheEntry.NEVER, CacheEntry.Policy.NONE);
    }
}
