package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecoveryLogTests {

    private final RecoveryLog<String> log = new RecoveryLog<>(3, 1000, String::length);

    private void miss(String key) {
        log.failed(key, log.begin(key));
    }

    @Test
    void keepsKeyFromReadersUntilLaterWriteArrives() {
        miss("key");
        assertThat(log.isReadable("key")).isFalse();
        assertThat(log.isReadable("other")).isTrue();

        log.arrived("key", log.begin("key"));

        assertThat(log.isReadable("key")).isTrue();
        assertThat(log.isEmpty()).isTrue();
    }

    @Test
    void isNotMendedByWriteThatWasSentBefore() {
        long earlier = log.begin("key");
        miss("key");

        log.arrived("key", earlier);

        assertThat(log.isReadable("key")).isFalse();
    }

    @Test
    void isMendedByItsOwnWriteThatArrivesLate() {
        long number = log.begin("key");
        log.failed("key", number);

        log.arrived("key", number);

        assertThat(log.isReadable("key")).isTrue();
    }

    @Test
    void repairsOnlyWhatNoWriteUnderWayRepairs() {
        miss("key");
        assertThat(log.due(10)).containsExactly("key");

        long repair = log.begin("key");
        assertThat(log.due(10)).isEmpty();

        log.failed("key", repair);
        assertThat(log.due(10)).containsExactly("key");
    }

    @Test
    void countsEverythingAsLostWhereTooManyKeysAreMissing() {
        for (int i = 0; i < 4; i++) {
            miss("key-" + i);
        }
        assertThat(log.isLost()).isTrue();
        assertThat(log.isReadable("never written")).isFalse();
        assertThat(log.size()).isZero();

        long clear = log.beginClear();
        miss("after");
        log.clearArrived(clear);

        assertThat(log.isReadable("never written")).isTrue();
        assertThat(log.isReadable("after")).isFalse();
    }

    @Test
    void countsEverythingAsLostWhereTheKeysTakeTooManyBytes() {
        miss("a".repeat(499));
        miss("b".repeat(501));
        miss("b".repeat(501));
        assertThat(log.isLost()).isFalse();

        miss("c");
        assertThat(log.isLost()).isTrue();
        assertThat(log.size()).isZero();
    }

    @Test
    void bytesAreGivenBackWhereAWriteArrivesOrAllIsCleared() {
        for (int i = 0; i < 10; i++) {
            String key = "k".repeat(900) + i;
            miss(key);
            log.arrived(key, log.begin(key));
        }
        for (int i = 0; i < 10; i++) {
            miss("k".repeat(900) + i);
            log.clearArrived(log.beginClear());
        }
        miss("k".repeat(900));
        assertThat(log.isLost()).isFalse();
        assertThat(log.size()).isOne();
    }

    @Test
    void staysUnreadableUntilTheNewestClearHasArrived() {
        long first = log.beginClear();
        long second = log.beginClear();
        log.clearFailed(second);

        log.clearArrived(first);
        assertThat(log.isReadable("key")).isFalse();

        log.clearArrived(log.beginClear());
        assertThat(log.isReadable("key")).isTrue();
    }
}
