package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyHistoryTests {

    private static final long TICK = 1L << 20;
    private static final long HORIZON = 1_000 * TICK;

    private final KeyHistory history = new KeyHistory(100, HORIZON, 0);

    @Test
    void remembersHowOftenAndHowLongAfterTheTimeBefore() {
        long key = BoundedTables.spread(42);
        assertThat(history.find(key)).isEqualTo(KeyHistory.UNKNOWN);
        assertThat(history.record(key, 10 * TICK)).isEqualTo(history.find(key));
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(1);
        assertThat(KeyHistory.gap(history.find(key))).isEqualTo(KeyClasses.NO_GAP);
        history.record(key, 30 * TICK);
        int after20 = KeyHistory.gap(history.find(key));
        history.record(key, 70 * TICK);
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(3);
        assertThat(KeyHistory.gap(history.find(key))).as("twice as long").isEqualTo(after20 + 1);
    }

    @Test
    void keepsGapsWithinTheirClasses() {
        long key = BoundedTables.spread(42);
        history.record(key, 0);
        history.record(key, 0);
        assertThat(KeyHistory.gap(history.find(key))).isBetween(0, KeyClasses.NO_GAP - 1);
        history.record(key, 1L << 50);
        assertThat(KeyHistory.gap(history.find(key))).isEqualTo(KeyClasses.NO_GAP - 1);
    }

    @Test
    void measuresGapsOverTheEndOfItsTime() {
        long key = BoundedTables.spread(42);
        long end = (1L << 35) * TICK;
        history.record(key, end - 30 * TICK);
        history.record(key, end - 10 * TICK);
        int before = KeyHistory.gap(history.find(key));
        history.record(key, end + 10 * TICK);
        assertThat(KeyHistory.gap(history.find(key))).isEqualTo(before);
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(3);
    }

    @Test
    void countsNoFurtherThanItsBits() {
        long key = BoundedTables.spread(42);
        for (int i = 1; i < 100; i++) {
            history.record(key, i * TICK);
        }
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(15);
    }

    @Test
    void forgetsHalfOfTheCountOfAKeyUnseenForLongerThanTheHorizon() {
        long key = BoundedTables.spread(42);
        for (int i = 1; i <= 8; i++) {
            history.record(key, i * TICK);
        }
        history.record(key, 2 * HORIZON);
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(5);
    }

    @Test
    void replacesTheKeysUnseenForLongest() {
        for (int i = 1; i <= 100_000; i++) {
            history.record(BoundedTables.spread(i), i * TICK);
        }
        int recent = 0;
        int old = 0;
        for (int i = 1; i <= 500; i++) {
            recent += history.find(BoundedTables.spread(100_001 - i)) == KeyHistory.UNKNOWN ? 0 : 1;
            old += history.find(BoundedTables.spread(i)) == KeyHistory.UNKNOWN ? 0 : 1;
        }
        assertThat(recent).isGreaterThan(480);
        assertThat(old).isLessThan(20);
    }
}
