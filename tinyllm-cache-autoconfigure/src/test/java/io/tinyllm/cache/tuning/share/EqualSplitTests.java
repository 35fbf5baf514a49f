package io.tinyllm.cache.tuning.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.tuning.Traffic;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** What tiers in miniature say of equal shares, and what is concluded from it. */
class EqualSplitTests {

    private static CaffeineMemoryTier tier(long size) {
        return new CaffeineMemoryTier(size, () -> 0, Runnable::run);
    }

    /** Runs a real tier beside; returns how much better an equal share says it would have been. */
    private static double better(int real, int equal, IntSupplier keys) {
        EqualSplit split = new EqualSplit();
        split.add(EqualSplitTests::tier);
        split.resize(0, equal);
        CaffeineMemoryTier tier = tier(real);
        for (int i = 0; i < 400_000; i++) {
            if (i == 200_000) {
                split.better(0);
            }
            long key = Traffic.hash(keys.getAsInt());
            boolean hit = tier.get(key) != null;
            if (!hit) {
                tier.put(key, CacheEntry.Factory.PLAIN.create("value", 0, CacheEntry.NEVER, CacheEntry.Policy.NONE));
            }
            split.record(0, key, hit);
        }
        return split.better(0);
    }

    @Test
    void aTierOfTheSameSizeIsAsGood() {
        assertThat(better(8000, 8000, Traffic.zipf(40_000, 0.8, 1))).isCloseTo(0, within(0.02));
    }

    @Test
    void aLargerShareWouldHaveAnsweredMore() {
        assertThat(better(2000, 8000, Traffic.uniform(16_000, 1))).isCloseTo(0.375, within(0.06));
    }

    @Test
    void aSmallerShareWouldHaveAnsweredLess() {
        assertThat(better(8000, 2000, Traffic.uniform(16_000, 1))).isCloseTo(-0.375, within(0.06));
    }

    @Test
    void nothingIsConcludedFromGainsOrFromALittle() {
        Judgement judgement = new Judgement(0.5, 0.5, 8);
        for (int i = 0; i < 20; i++) {
            judgement.add(i % 2 == 0 ? 2 : -2, 10);
            judgement.add(-5, 10);
        }
        assertThat(judgement.hasLost()).isFalse();
        assertThat(judgement.isPausing()).isFalse();
        assertThat(judgement.caution()).isEqualTo(1);
    }

    @Test
    void gainsThatCameInABurstMakeUpForLossesButOnlySoMany() {
        Judgement judgement = new Judgement(1, 4, 8);
        for (int interval = 0; interval < 3; interval++) {
            judgement.add(-100, 10);
        }
        judgement.add(45, 10);
        assertThat(judgement.hasLost())
                .as("half a usual cost, beyond the gains of four")
                .isFalse();
        judgement.add(10, 10);
        assertThat(judgement.hasLost()).isTrue();
    }

    @Test
    void whatIsLostAddsUpUntilTheDivisionIsTakenBackAndTheNextHasToWait() {
        Judgement judgement = new Judgement(0.5, 0.5, 8);
        for (int i = 0; i < 4; i++) {
            judgement.add(1, 10);
        }
        assertThat(judgement.hasLost()).as("0.4 of an interval").isFalse();
        judgement.add(2, 10);
        assertThat(judgement.hasLost()).as("0.6 of an interval").isTrue();
        judgement.takenBack();
        assertThat(judgement.hasLost()).isFalse();
        assertThat(judgement.caution()).isEqualTo(2);
        int pause = 0;
        while (judgement.isPausing()) {
            judgement.add(0, 10);
            pause++;
        }
        assertThat(pause).isEqualTo(30);
    }
}
