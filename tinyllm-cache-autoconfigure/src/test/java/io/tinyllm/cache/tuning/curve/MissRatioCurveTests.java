package io.tinyllm.cache.tuning.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tinyllm.cache.tuning.Traffic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MissRatioCurveTests {

    @ParameterizedTest
    @ValueSource(ints = {100, 700, 3000, 20_000})
    void predictsTheHitRateOfAnLruOfAnySize(int size) {
        IntSupplier keys = Traffic.zipf(100_000, 0.8, 7);
        MissRatioCurve curve = new MissRatioCurve();
        Map<Integer, Boolean> lru = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > size;
            }
        };
        int hits = 0;
        int requests = 400_000;
        for (int i = 0; i < requests; i++) {
            int key = keys.getAsInt();
            curve.record(Traffic.hash(key));
            hits += lru.put(key, true) != null ? 1 : 0;
        }
        assertThat(curve.hitRate(size)).isCloseTo((double) hits / requests, within(0.015));
    }

    @Test
    void aLoopHitsNothingBelowItsLengthAndEverythingAbove() {
        IntSupplier keys = Traffic.loop(5000);
        MissRatioCurve curve = new MissRatioCurve();
        for (int i = 0; i < 500_000; i++) {
            curve.record(Traffic.hash(keys.getAsInt()));
        }
        assertThat(curve.hitRate(4200)).isLessThan(0.05);
        assertThat(curve.hitRate(5900)).isGreaterThan(0.95);
        assertThat((double) curve.footprint()).isCloseTo(5000, within(500.0));
    }

    @Test
    void aScanConsistsOfFirstAccessesOnly() {
        IntSupplier keys = Traffic.scan();
        MissRatioCurve curve = new MissRatioCurve();
        for (int i = 0; i < 100_000; i++) {
            curve.record(Traffic.hash(keys.getAsInt()));
        }
        assertThat(curve.maximumHitRate()).isZero();
        assertThat(curve.compulsoryShare(1000)).isEqualTo(1);
    }

    @Test
    void pointsAscendInSizeAndHitRateUpToAllKeysSeen() {
        IntSupplier keys = Traffic.zipf(20_000, 0.9, 3);
        MissRatioCurve curve = new MissRatioCurve();
        assertThat(curve.curve()).isEmpty();
        for (int i = 0; i < 200_000; i++) {
            curve.record(Traffic.hash(keys.getAsInt()));
        }
        assertThat(curve.curve()).hasSizeBetween(20, 60);
        for (int i = 1; i < curve.curve().size(); i++) {
            MissRatioCurve.Point previous = curve.curve().get(i - 1);
            MissRatioCurve.Point point = curve.curve().get(i);
            assertThat(point.size()).isGreaterThan(previous.size());
            assertThat(point.hitRate()).isGreaterThanOrEqualTo(previous.hitRate());
        }
        assertThat(curve.curve().get(curve.curve().size() - 1).size()).isEqualTo(curve.footprint());
    }

    @Test
    void agedTrafficLosesItsWeight() {
        MissRatioCurve curve = new MissRatioCurve();
        IntSupplier hot = Traffic.loop(10);
        IntSupplier scan = Traffic.scan();
        for (int i = 0; i < 10_000; i++) {
            curve.record(Traffic.hash(hot.getAsInt()));
        }
        curve.age(0.1);
        for (int i = 0; i < 9000; i++) {
            curve.record(Traffic.hash(scan.getAsInt()));
        }
        assertThat(curve.requests()).isCloseTo(10_000, within(1e-6));
        assertThat(curve.hitRate(100)).isCloseTo(0.1, within(0.001));
    }

    @Test
    void staysBelowAMegabyteHoweverManyKeysThereAre() {
        MissRatioCurve curve = new MissRatioCurve();
        for (int i = 0; i < 8_000_000; i++) {
            curve.record(Traffic.hash(i));
        }
        // the levels that only rarer hashes reach
        for (int i = 0; i < 100_000; i++) {
            curve.record(Traffic.hash(i) >>> 40);
        }
        assertThat(curve.bytes()).isBetween(500_000L, 1_000_000L);
    }

    @Test
    void takesAnyHash() {
        MissRatioCurve curve = new MissRatioCurve();
        for (int round = 0; round < 2; round++) {
            for (long hash : new long[] {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
                curve.record(hash);
            }
        }
        assertThat(curve.requests()).isEqualTo(10);
        assertThat(curve.hitRate(10)).isBetween(0.4, 0.6);
    }
}
