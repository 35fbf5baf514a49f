package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyHistoryTests {

    private static final long HORIZON = 1_000;

    private final KeyHistory history = new KeyHistory(100, 0);

    @Test
    void remembersHowOftenAndWhenLast() {
        long key = BoundedTables.spread(42);
        assertThat(history.find(key)).isEqualTo(KeyHistory.UNKNOWN);
        history.record(key, 10, HORIZON);
        history.record(key, 30, HORIZON);
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(2);
        assertThat(KeyHistory.lastTick(history.find(key))).isEqualTo(30);
    }

    @Test
    void countsNoFurtherThanItsBits() {
        long key = BoundedTables.spread(42);
        for (int i = 1; i < 100; i++) {
            history.record(key, i, HORIZON);
        }
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(15);
    }

    @Test
    void forgetsHalfOfTheCountOfAKeyUnseenForLongerThanTheHorizon() {
        long key = BoundedTables.spread(42);
        for (int i = 1; i <= 8; i++) {
            history.record(key, i, HORIZON);
        }
        history.record(key, 2 * HORIZON, HORIZON);
        assertThat(KeyHistory.count(history.find(key))).isEqualTo(5);
    }

    @Test
    void replacesTheKeysUnseenForLongest() {
        for (int i = 1; i <= 100_000; i++) {
            history.record(BoundedTables.spread(i), i, HORIZON);
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
