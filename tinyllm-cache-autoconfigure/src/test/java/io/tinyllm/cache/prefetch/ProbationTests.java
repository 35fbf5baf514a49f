package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProbationTests {

    private static final long SIZE = 1_000;

    private final Probation probation = new Probation(500);
    private int next;

    @Test
    void thereAreMorePlacesWhileTheLastOnesBringMoreThanTheRestOfTheCache() {
        int before = probation.places();
        for (int i = 0; i < 10_000; i++) {
            fill();
            use(Objects.requireNonNull(probation.oldest()));
        }

        assertThat(before).isEqualTo(62);
        assertThat(probation.places()).isEqualTo(500);
    }

    @Test
    void placesAreGivenBackWhereTheRestOfTheCacheHasMoreUseForThem() {
        fill();
        for (int i = 0; i < 300_000; i++) {
            probation.foundElsewhere(SIZE);
        }

        assertThat(probation.places()).isEqualTo(4);
    }

    @Test
    void whatFewerPlacesWouldHaveServedTooIsNoReasonForMore() {
        fill();
        int before = probation.places();
        for (int i = 0; i < 10_000; i++) {
            use(add());
        }

        assertThat(probation.places()).isEqualTo(before);
    }

    @Test
    void theOldestComesFirstAndEachIsFoundUntilItIsRemoved() {
        Prediction first = add();
        fill();

        assertThat(probation.oldest()).isSameAs(first);
        assertThat(probation.holds(first.key)).isTrue();
        assertThat(probation.remove(first.key)).isSameAs(first);
        assertThat(probation.holds(first.key)).isFalse();
        assertThat(probation.remove(first.key)).isNull();
    }

    @Test
    void thereAreNeverMorePlacesThanTheSizeOfTheCacheAllows() {
        fill();
        probation.limit(10);
        assertThat(probation.places()).isEqualTo(10);
        probation.limit(0);
        assertThat(probation.places()).isZero();
        probation.limit(1);
        assertThat(probation.places()).isEqualTo(1);
        for (int i = 0; i < 300_000; i++) {
            probation.foundElsewhere(SIZE);
        }
        assertThat(probation.places()).as("one stays, to find out").isEqualTo(1);
        probation.limit(500);
        assertThat(probation.places()).isEqualTo(4);
    }

    private void fill() {
        while (probation.size() < probation.places()) {
            add();
        }
    }

    private void use(Prediction prediction) {
        probation.remove(prediction.key);
        probation.cameTrue(prediction);
    }

    private Prediction add() {
        Prediction prediction = new Prediction("key " + next++, 0, 0, false, 1, 0, 0);
        probation.add(prediction);
        return prediction;
    }
}
