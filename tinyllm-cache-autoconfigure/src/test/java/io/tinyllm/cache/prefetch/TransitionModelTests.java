package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransitionModelTests {

    private final TransitionModel model = model(1024, 64);

    @Test
    void foretellsTheNextFourKeysOfARepeatedSequence() {
        observe(1, "a", "b", "c", "d", "e", "f", "a", "b", "c", "d", "e", "f", "a");

        assertThat(predictions("a", 1)).containsOnlyKeys("b", "c", "d", "e");
        assertThat(predictions("a", 1).values()).allMatch(confidence -> confidence == 1.0);
    }

    @Test
    void looksFurtherAheadAlongTheLikeliestSuccessor() {
        observe(1, "a", "b", "c", "d", "e", "f", "g", "h", "a", "b", "c", "d", "e", "f", "g", "h", "a");

        assertThat(predictions("a", 1)).doesNotContainKey("f");
        assertThat(predictions("a", 2)).containsKeys("b", "c", "d", "e", "f", "g", "h");
    }

    @Test
    void keepsSessionsApart() {
        for (int i = 0; i < 3; i++) {
            model.observe(1, "a");
            model.observe(2, "x");
            model.observe(1, "b");
            model.observe(2, "y");
            observe(1, "1", "2", "3", "4");
            observe(2, "5", "6", "7", "8");
        }
        observe(1, "a");

        assertThat(predictions("a", 1)).containsKey("b").doesNotContainKeys("x", "y");
    }

    @Test
    void confidenceIsTheShareOfVisitsThatTheSuccessorFollowed() {
        for (int i = 0; i < 8; i++) {
            observe(1, "a", i % 4 == 0 ? "rare" : "usual");
            for (int j = 0; j < 4; j++) {
                observe(1, "other " + j);
            }
        }
        observe(1, "a");

        Map<Object, Double> found = predictions("a", 1);
        // six of eight; a fifth successor in four places costs the others a little
        assertThat(found.get("usual")).isBetween(0.5, 0.75);
        assertThat(found.getOrDefault("rare", 0.0)).isLessThan(0.3);
    }

    @Test
    void forgetsWhatNoLongerHolds() {
        for (int i = 0; i < 100; i++) {
            observe(1, "a", "old", "1", "2", "3", "4");
        }
        for (int i = 0; i < 100; i++) {
            observe(1, "a", "new", "5", "6", "7", "8");
        }
        observe(1, "a");

        Map<Object, Double> found = predictions("a", 1);
        assertThat(found.get("new")).isGreaterThan(0.5);
        assertThat(found.getOrDefault("old", 0.0)).isLessThan(0.1);
    }

    @Test
    void staysWithinItsBoundsWhateverItSees() {
        for (int i = 0; i < 100_000; i++) {
            model.observe(i % 1000, "key " + i);
        }

        assertThat(model.contexts()).isEqualTo(1024);
        assertThat(model.sessions()).isEqualTo(64);
        assertThat(model.keysHeld()).isLessThanOrEqualTo(4 * 1024);
    }

    /** {@code -Dprefetch.distinct-keys=10000000} for the long version. */
    @Test
    void holdsLessThanFourMegabytesHoweverManyDistinctKeysItSees() {
        int distinct = Integer.getInteger("prefetch.distinct-keys", 1_000_000);
        TransitionModel large = model(65_536, 4096);
        for (int i = 0; i < distinct; i++) {
            large.observe(i % 10_000, i);
        }

        assertThat(large.keysHeld()).isLessThanOrEqualTo(4 * 65_536);
        assertThat(large.sessions()).isEqualTo(4096);
        assertThat(large.bytes()).isLessThan(4_000_000);
    }

    @Test
    void keysTakeNoMoreBytesThanTheyMayAndThoseThatCameAgainStayLongest() {
        TransitionModel narrow =
                new TransitionModel(1024, 1, 100_000, key -> key.toString().length());
        for (int round = 0; round < 8; round++) {
            for (String key : new String[] {"a", "b", "c", "d", "e", "f"}) {
                narrow.observe(1, key);
            }
        }
        for (int i = 0; i < 40; i++) {
            narrow.observe(1, "x".repeat(1000) + i);
        }
        narrow.observe(1, "y".repeat(100_001));

        assertThat(narrow.keysHeld()).isBetween(60, 150);
        Map<Object, Double> found = new LinkedHashMap<>();
        narrow.predict("a", 1, 0.1, (key, confidence, support, edge) -> {
            found.put(key, confidence);
            return true;
        });
        assertThat(found).containsKeys("b", "c", "d", "e");
    }

    @Test
    void aSequenceLargerThanTheTableIsStillPredicted() {
        TransitionModel small = model(1024, 1);
        int length = 2500;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < length; i++) {
                small.observe(1, i);
            }
        }
        boolean[] foretold = new boolean[length];
        for (int i = 0; i < length; i++) {
            small.observe(1, i);
            small.predict(i, 1, 0.5, (key, confidence, support, edge) -> {
                foretold[(Integer) key] = true;
                return true;
            });
        }
        int count = 0;
        for (boolean f : foretold) {
            count += f ? 1 : 0;
        }

        assertThat(count).isGreaterThan(length * 9 / 10);
    }

    @Test
    void keepsTheRecordOfEachPairAndLetsItFade() {
        observe(1, "a", "b", "a", "b", "a");
        long[] edge = {0};
        model.predict("a", 1, 0.5, (key, confidence, support, e) -> {
            edge[0] = e;
            return false;
        });

        model.judge(edge[0], true);
        model.judge(edge[0], false);
        assertThat(model.good(edge[0])).isEqualTo(1);
        assertThat(model.bad(edge[0])).isEqualTo(1);
        for (int i = 0; i < 1000; i++) {
            model.judge(edge[0], true);
        }
        assertThat(model.good(edge[0])).isLessThan(32);
        assertThat(model.bad(edge[0])).isZero();
    }

    @Test
    void unrelatedKeysGiveNoConfidentPrediction() {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            model.observe(1, random.nextInt(100));
        }
        for (int key = 0; key < 100; key++) {
            assertThat(predictions(key, 5)).isEmpty();
        }
    }

    private void observe(long session, Object... keys) {
        for (Object key : keys) {
            model.observe(session, key);
        }
    }

    @Test
    void keysThatJustFitAreSummedSeldom() {
        long[] weighed = new long[1];
        TransitionModel tight = new TransitionModel(1024, 1, 4 * 1024 * 100, key -> {
            weighed[0]++;
            return 100;
        });
        for (int key = 0; key < 20_000; key++) {
            tight.observe(1, key);
        }
        assertThat(weighed[0]).isLessThan(50 * 20_000);
    }

    private Map<Object, Double> predictions(Object key, int hops) {
        Map<Object, Double> found = new LinkedHashMap<>();
        model.predict(key, hops, 0.25, (successor, confidence, support, edge) -> {
            found.putIfAbsent(successor, confidence);
            return true;
        });
        return found;
    }

    private static TransitionModel model(int contexts, int maximumSessions) {
        return new TransitionModel(contexts, maximumSessions, Long.MAX_VALUE, key -> 100);
    }
}
