package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class StagedPredictionsTests {

    private static final long SIZE = 1_000;

    private final StagedPredictions staged = new StagedPredictions(500);
    private int next;

    @Test
    void thereAreMorePlacesWhileTheLastOnesBringMoreThanTheRestOfTheCache() {
        int before = staged.places();
        for (int i = 0; i < 10_000; i++) {
            fill();
            use(Objects.requireNonNull(staged.oldest()));
        }

        assertThat(before).isEqualTo(62);
        assertThat(staged.places()).isEqualTo(500);
    }

    @Test
    void placesAreGivenBackWhereTheRestOfTheCacheHasMoreUseForThem() {
        fill();
        for (int i = 0; i < 300_000; i++) {
            staged.foundElsewhere(SIZE);
        }

        assertThat(staged.places()).isEqualTo(4);
    }

    @Test
    void whatFewerPlacesWouldHaveServedTooIsNoReasonForMore() {
        fill();
        int before = staged.places();
        for (int i = 0; i < 10_000; i++) {
            use(add());
        }

        assertThat(staged.places()).isEqualTo(before);
    }

    @Test
    void theOldestComesFirstAndEachIsFoundUntilItIsRemoved() {
        Prediction first = add();
        fill();

        assertThat(staged.oldest()).isSameAs(first);
        assertThat(staged.holds(first.key)).isTrue();
        assertThat(staged.remove(first.key)).isSameAs(first);
        assertThat(staged.holds(first.key)).isFalse();
        assertThat(staged.remove(first.key)).isNull();
    }

    @Test
    void thereAreNeverMorePlacesThanTheSizeOfTheCacheAllows() {
        fill();
        staged.limit(10);
        assertThat(staged.places()).isEqualTo(10);
        staged.limit(0);
        assertThat(staged.places()).isZero();
        staged.limit(1);
        assertThat(staged.places()).isEqualTo(1);
        for (int i = 0; i < 300_000; i++) {
            staged.foundElsewhere(SIZE);
        }
        assertThat(staged.places()).as("one stays, to find out").isEqualTo(1);
        staged.limit(500);
        assertThat(staged.places()).isEqualTo(4);
    }

    private void fill() {
        while (staged.size() < staged.places()) {
            add();
        }
    }

    private void use(Prediction prediction) {
        staged.remove(prediction.key);
        staged.cameTrue(prediction);
    }

    private Prediction add() {
        Prediction prediction = new Prediction("key " + next++, 0, 0, false, 1, 0, 0);
        staged.add(prediction);
        return prediction;
    }
}
