package io.tinyllm.cache.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HotKeysTests {

    private final HotKeys hotKeys = new HotKeys();

    @Test
    void findsTheHottestAmongManyColdKeys() {
        Random random = new Random(1);
        int[] counts = new int[50];
        for (int i = 0; i < 500_000; i++) {
            int key = random.nextInt(10) == 0 ? random.nextInt(50) * random.nextInt(50) / 50 : 1000 + i;
            if (key < 50) {
                counts[key]++;
            }
            hotKeys.record(key, hash(key));
        }
        int[] truth = IntStream.range(0, 50)
                .map(i -> -counts[i])
                .sorted()
                .map(i -> -i)
                .toArray();
        int best = IntStream.of(truth).limit(10).sum();
        int found = hotKeys.top(10).stream()
                .mapToInt(key -> (Integer) key.key() < 50 ? counts[(Integer) key.key()] : 1)
                .sum();
        assertThat((double) found / best).isGreaterThan(0.97);
        assertThat(hotKeys.top(10))
                .allSatisfy(key -> assertThat(Math.abs(key.count() - counts[(Integer) key.key()]))
                        .isLessThanOrEqualTo(hotKeys.errorBound(key.count())));
    }

    @Test
    void countsFewKeysExactlyHottestFirst() {
        for (int i = 0; i < 600; i++) {
            String key = i % 6 == 0 ? "a" : i % 3 == 0 && i < 300 ? "b" : "c";
            hotKeys.record(key, hash(key.hashCode()));
        }
        assertThat(hotKeys.top(10))
                .containsExactly(
                        new HotKeys.HotKey("c", 450), new HotKeys.HotKey("a", 100), new HotKeys.HotKey("b", 50));
        assertThat(hotKeys.top(1)).extracting(HotKeys.HotKey::key).containsExactly("c");
        assertThat(hotKeys.count(hash("c".hashCode()))).isEqualTo(450);
        assertThat(hotKeys.count(hash("never".hashCode()))).isZero();
    }

    @Test
    void remembersABoundedNumberOfKeys() {
        for (int i = 0; i < 1_000_000; i++) {
            hotKeys.record(i, hash(i));
        }
        assertThat(hotKeys.top(Integer.MAX_VALUE)).hasSize(HotKeys.CANDIDATES);
    }

    @Test
    void ageHalvesTheCountsSoThatNewKeysOvertakeOldOnes() {
        for (int i = 0; i < 1000; i++) {
            hotKeys.record("old", hash(1));
        }
        hotKeys.record("once", hash(3));
        hotKeys.age();
        assertThat(hotKeys.top(10)).containsExactly(new HotKeys.HotKey("old", 500));
        for (int i = 0; i < 600; i++) {
            hotKeys.record("new", hash(2));
        }
        assertThat(hotKeys.top(2)).extracting(HotKeys.HotKey::key).containsExactly("new", "old");
    }

    private static long hash(long key) {
        long z = (key + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
