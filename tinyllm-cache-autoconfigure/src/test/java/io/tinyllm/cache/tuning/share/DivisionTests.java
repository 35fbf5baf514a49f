package io.tinyllm.cache.tuning.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tinyllm.cache.tuning.share.Division.Claim;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** A total divided among claims. */
class DivisionTests {

    /** Saves {@code most} once it has {@code enough}, in proportion below that. */
    private static DoubleUnaryOperator upTo(double enough, double most) {
        return share -> most * Math.min(1, share / enough);
    }

    private static Claim claim(double floor, DoubleUnaryOperator saving) {
        return new Claim(floor, Double.POSITIVE_INFINITY, saving);
    }

    @Test
    void whoSavesMoreByAUnitIsServedFirst() {
        double[] shares = Division.divide(
                1000, List.of(claim(100, upTo(800, 10)), claim(100, upTo(800, 100)), claim(100, upTo(800, 1))));
        assertThat(shares[1]).isEqualTo(800, within(1.0));
        assertThat(shares[0]).isEqualTo(100, within(1.0));
        assertThat(shares[2]).isEqualTo(100, within(1.0));
    }

    @Test
    void acrossACliffTheWholeOfItCounts() {
        DoubleUnaryOperator loop = share -> share >= 600 ? 100 : 0;
        double[] shares = Division.divide(1000, List.of(claim(10, loop), claim(10, upTo(1000, 30))));
        assertThat(shares[0]).isGreaterThanOrEqualTo(600);
    }

    @Test
    void nobodyGetsMoreThanIsOfUse() {
        double[] shares =
                Division.divide(1000, List.of(new Claim(10, 200, upTo(1000, 100)), new Claim(10, 300, upTo(1000, 1))));
        assertThat(shares[0]).isLessThanOrEqualTo(200);
        assertThat(shares[1]).isLessThanOrEqualTo(300);
    }

    @Test
    void theSumNeverExceedsTheTotalAndEveryFloorIsKept() {
        Random random = new Random(7);
        for (int run = 0; run < 500; run++) {
            int n = 1 + random.nextInt(6);
            Claim[] claims = new Claim[n];
            for (int i = 0; i < n; i++) {
                double floor = random.nextInt(100);
                claims[i] = new Claim(
                        floor,
                        random.nextBoolean() ? Double.POSITIVE_INFINITY : floor + random.nextInt(500),
                        upTo(1 + random.nextInt(2000), random.nextInt(3)));
            }
            double total = 100 * n + random.nextInt(3000);
            double[] shares = Division.divide(total, List.of(claims));
            assertThat(Arrays.stream(shares).sum()).isLessThanOrEqualTo(total + 1e-6);
            for (int i = 0; i < n; i++) {
                assertThat(shares[i]).isBetween(claims[i].floor(), claims[i].cap());
            }
        }
    }
}
