package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GapBinsTests {

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, 10_000_000_000L, 600_000_000_000L, 86_400_000_000_000L, 1L << 52})
    void everyGapLiesInItsBin(long horizon) {
        GapBins bins = new GapBins(horizon);
        for (double share = 1; share > 1e-3; share *= 0.97) {
            long gap = (long) (horizon * share) - 1;
            int bin = bins.of(gap);
            assertThat(gap).isLessThan(bins.upper(bin));
            if (bin > 0) {
                assertThat(gap).isGreaterThanOrEqualTo(bins.upper(bin - 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, 600_000_000_000L})
    void theLastBinEndsAtTheHorizon(long horizon) {
        GapBins bins = new GapBins(horizon);
        assertThat(bins.upper(GapBins.LAST)).isEqualTo(horizon);
        assertThat(bins.of(horizon)).isEqualTo(GapBins.LAST);
        assertThat(bins.of(Long.MAX_VALUE)).isEqualTo(GapBins.LAST);
        assertThat(bins.of(-5)).isZero();
    }
}
