package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.access.tuner.Decision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class HitRateTtlTests {

    private static final long SECOND = 1_000_000_000L;
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);
    private static final TtlBounds BOUNDS = new TtlBounds(Duration.ofSeconds(10), Duration.ofSeconds(100));

    private final HitRateTtl policy = new HitRateTtl(BOUNDS, 0.8, 1_000, true, 0, CLOCK);

    private void observe(HitRateTtl observer, int hits, int misses) {
        for (int i = 0; i < hits + misses; i++) {
            observer.onAccess(i, i < hits, SECOND);
        }
    }

    @Test
    void startsFromTheConfiguredTimeToLive() {
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(40 * SECOND);
    }

    @Test
    void growsByHalfWhenLoadedAgainBelowTheTarget() {
        observe(policy, 50, 50);
        policy.ttlNanos(1, 40 * SECOND);
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(60 * SECOND);
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(90 * SECOND);
        assertThat(policy.ttlNanos(2, 40 * SECOND)).isEqualTo(40 * SECOND);
    }

    @Test
    void shrinksByAFifthWhenLoadedAgainAtTheTarget() {
        observe(policy, 100, 0);
        policy.ttlNanos(1, 40 * SECOND);
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(32 * SECOND);
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(25_600_000_000L);
    }

    @Test
    void staysWithinTheBounds() {
        assertThat(policy.ttlNanos(1, SECOND)).isEqualTo(10 * SECOND);
        assertThat(policy.ttlNanos(2, TtlOptimizer.NEVER)).isEqualTo(100 * SECOND);
        observe(policy, 0, 10);
        for (int i = 0; i < 20; i++) {
            assertThat(policy.ttlNanos(1, SECOND)).isBetween(10 * SECOND, 100 * SECOND);
        }
        assertThat(policy.ttlNanos(1, SECOND)).isEqualTo(100 * SECOND);
        observe(policy, 10_000, 0);
        for (int i = 0; i < 20; i++) {
            policy.ttlNanos(1, SECOND);
        }
        assertThat(policy.ttlNanos(1, SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void goesByTheRecentHitRateNotThatOfAllTime() {
        observe(policy, 100_000, 0);
        observe(policy, 0, 3_000);
        policy.ttlNanos(1, 40 * SECOND);
        assertThat(policy.ttlNanos(1, 40 * SECOND)).isEqualTo(60 * SECOND);
    }

    @Test
    void remembersABoundedNumberOfKeys() {
        for (long key = 0; key < 100_000; key++) {
            policy.ttlNanos(key, 40 * SECOND);
        }
        policy.stepNow(SECOND);
        assertThat(policy.report().tracked()).isBetween(3_000, 4_096);
        assertThat(policy.report().meanSeconds()).isBetween(39.0, 70.0);
    }

    @Test
    void observesWithoutActing() {
        HitRateTtl observer = new HitRateTtl(BOUNDS, 0.8, 1_000, false, 0, CLOCK);
        observer.ttlNanos(1, 40 * SECOND);
        assertThat(observer.ttlNanos(1, 40 * SECOND)).isEqualTo(40 * SECOND);
        observer.stepNow(SECOND);
        assertThat(observer.report().meanSeconds()).isEqualTo(60);
    }

    @Test
    void setsNoIdleTimeout() {
        assertThat(policy.idleNanos(1, 0, 40 * SECOND)).isEqualTo(TtlOptimizer.NEVER);
    }

    @Test
    void saysWhyInWords() {
        policy.stepNow(SECOND);
        assertThat(policy.report().decisions())
                .last()
                .extracting(Decision::reason)
                .isEqualTo("kept: no key was loaded again");
        policy.ttlNanos(1, 40 * SECOND);
        policy.ttlNanos(1, 40 * SECOND);
        policy.step(120 * SECOND);
        TtlReport report = policy.report();
        assertThat(report.policy()).isEqualTo("hit-rate");
        assertThat(report.tracked()).isEqualTo(1);
        assertThat(report.meanSeconds()).isEqualTo(60);
        assertThat(report.decisions()).last().satisfies(decision -> {
            assertThat(decision.from()).isZero();
            assertThat(decision.to()).isEqualTo(60);
            assertThat(decision.reason())
                    .isEqualTo("ttl 60.0 s = mean of 1 keys: 1 grew by half, 0 shrank by a fifth; "
                            + "the recent hit rate is 0.00,"
                            + " below the target 0.80");
        });
    }

    @Test
    void refusesBoundsOutOfOrder() {
        assertThatThrownBy(() -> new TtlBounds(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in order");
        assertThatThrownBy(() -> new TtlBounds(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
