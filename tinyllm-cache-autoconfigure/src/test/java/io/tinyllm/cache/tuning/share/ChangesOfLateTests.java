package io.tinyllm.cache.tuning.share;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChangesOfLateTests {

    @Test
    void eachChangeWithinFiftyIntervalsCountsAndNoneAfterThem() {
        ChangesOfLate changes = new ChangesOfLate();
        for (int change = 1; change <= 4; change++) {
            assertThat(changes.nextIs()).isEqualTo(change);
            assertThat(changes.areMany()).isFalse();
            changes.add();
            changes.endInterval();
        }
        assertThat(changes.areMany()).isTrue();
        for (int interval = 4; interval < 49; interval++) {
            changes.endInterval();
        }
        assertThat(changes.areMany()).as("49 intervals after the first").isTrue();
        changes.endInterval();
        assertThat(changes.areMany()).as("50 intervals after the first").isFalse();
        assertThat(changes.nextIs()).isEqualTo(4);
    }
}
