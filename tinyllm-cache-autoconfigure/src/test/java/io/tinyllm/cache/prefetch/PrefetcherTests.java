package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.prefetch.figures.PrefetchRejection;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class PrefetcherTests {

    private static final List<String> CONVERSATION = List.of("a", "b", "c", "d", "e", "f", "g", "h");

    private final World world = new World();

    @Test
    void bringsInWhatARepeatedConversationAsksForNext() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.play(prefetcher, 2);
            int before = world.misses;
            world.play(prefetcher, 8);

            // the first key of each conversation and the four new ones in between cannot be foretold
            assertThat(world.misses - before).isLessThanOrEqualTo(8 * (1 + 4) + 4);
            PrefetchReport report = prefetcher.report();
            assertThat(report.useful()).isGreaterThanOrEqualTo(48);
            assertThat(report.issued()).isEqualTo(world.loaded.size());
            assertThat(report.precision()).isGreaterThanOrEqualTo(0.9);
            assertThat(report.secondsSaved()).isGreaterThan(0);
        }
    }

    @Test
    void observingLoadsNothingAndReportsThePrecisionItWouldHaveHad() {
        try (Prefetcher prefetcher = prefetcher(true)) {
            world.play(prefetcher, 10);

            assertThat(world.loaded).isEmpty();
            assertThat(world.discarded).isEmpty();
            PrefetchReport report = prefetcher.report();
            assertThat(report.observing()).isTrue();
            assertThat(report.issued()).isGreaterThan(30);
            assertThat(report.useful()).isGreaterThan(30);
            assertThat(report.precision()).isGreaterThanOrEqualTo(0.9);
        }
    }

    @Test
    void prefetchesDoNotCascade() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.play(prefetcher, 10);
            world.held.clear();
            world.loaded.clear();
            world.ask(prefetcher, 1, "a");

            assertThat(world.loaded).containsExactlyInAnyOrder("b", "c", "d", "e");
        }
    }

    @Test
    void neverPrefetchesWhatIsNotWanted() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.unwanted.addAll(Set.of("c", "f"));
            world.play(prefetcher, 10);

            assertThat(world.loaded).isNotEmpty().doesNotContain("c", "f");
            assertThat(prefetcher.report().rejected().get(PrefetchRejection.UNWANTED))
                    .isPositive();
        }
    }

    @Test
    void anUnavailableTierPausesAndItsReturnResumes() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.available = false;
            world.play(prefetcher, 10);
            assertThat(world.loaded).isEmpty();
            assertThat(prefetcher.report().paused()).isEqualTo("unavailable");

            world.available = true;
            world.play(prefetcher, 5);
            assertThat(world.loaded).isNotEmpty();
            assertThat(prefetcher.report().paused()).isEmpty();
        }
    }

    @Test
    void failuresInARowPauseLongerAndLonger() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.failing = true;
            world.play(prefetcher, 50);
            long failed = prefetcher.report().failed();
            assertThat(failed).isBetween(3L, 8L);
            assertThat(prefetcher.report().rejected().get(PrefetchRejection.FAILING))
                    .isPositive();

            world.failing = false;
            world.nanos += PrefetchOptions.LONGEST_PAUSE_NANOS;
            world.play(prefetcher, 3);
            assertThat(prefetcher.report().useful()).isPositive();
            assertThat(prefetcher.report().failed()).isEqualTo(failed);
        }
    }

    @Test
    void nothingIsBegunAfterClose() {
        Prefetcher prefetcher = prefetcher(false);
        world.play(prefetcher, 5);
        world.executor = world.later::add;
        world.held.clear();
        world.ask(prefetcher, 1, "a");
        prefetcher.close();
        int loaded = world.loaded.size();
        world.held.clear();
        world.play(prefetcher, 3);

        assertThat(world.loaded).hasSize(loaded);
        assertThat(prefetcher.report().paused()).isEqualTo("closed");
    }

    @Test
    void atMostSoManyRunAndTheOldestWaitingGivesWay() {
        world.asynchronous = true;
        PrefetchOptions settings = new PrefetchOptions(false, 100, 0.5, 5, 2, 3, 1024, 16, 100, 1 << 20);
        try (Prefetcher prefetcher = world.prefetcher(settings)) {
            world.play(prefetcher, 2);
            world.ask(prefetcher, 1, "a");
            world.ask(prefetcher, 2, "e");

            assertThat(world.running.size()).isLessThanOrEqualTo(2);
            assertThat(prefetcher.report().rejected().get(PrefetchRejection.OVERFLOW))
                    .isPositive();
        }
    }

    @Test
    void whatIsAskedForWhileUnderWayIsLateAndLateOnesMakeItLookFurther() {
        world.asynchronous = true;
        try (Prefetcher prefetcher = prefetcher(false)) {
            for (int i = 0; i < 60; i++) {
                world.play(prefetcher, 1);
                world.finishAll();
            }

            PrefetchReport report = prefetcher.report();
            assertThat(report.late()).isPositive();
            assertThat(report.wasted()).isLessThan(report.late());
            assertThat(report.reach()).isGreaterThan(4);
        }
    }

    @Test
    void whatIsDueSoonKeepsItsPlace() {
        PrefetchOptions settings = new PrefetchOptions(false, 100, 0.5, 5, 4, 64, 1024, 16, 3, 1 << 20);
        try (Prefetcher prefetcher = world.prefetcher(settings)) {
            world.play(prefetcher, 4);
            for (int i = 0; i < 40; i++) {
                world.ask(prefetcher, 1, "elsewhere " + i);
            }
            world.held.clear();
            world.ask(prefetcher, 7, "a");
            int loaded = world.loaded.size();
            long refused = prefetcher.report().rejected().get(PrefetchRejection.OVERFLOW);
            world.discarded.clear();
            world.ask(prefetcher, 8, "e");

            assertThat(prefetcher.report().staged()).isEqualTo(3);
            assertThat(world.loaded).hasSize(loaded);
            assertThat(world.discarded).isEmpty();
            assertThat(prefetcher.report().rejected().get(PrefetchRejection.OVERFLOW))
                    .isGreaterThan(refused);
        }
    }

    @Test
    void unusedPrefetchesLeaveTheCacheWhenOthersNeedTheirPlaces() {
        PrefetchOptions settings = new PrefetchOptions(false, 100, 0.5, 5, 4, 64, 1024, 16, 3, 1 << 20);
        try (Prefetcher prefetcher = world.prefetcher(settings)) {
            world.play(prefetcher, 4);
            world.discarded.clear();
            long before = prefetcher.report().wasted();
            world.held.clear();
            world.ask(prefetcher, 7, "a");
            for (int i = 0; i < 20; i++) {
                world.ask(prefetcher, 7, "elsewhere " + i);
            }
            world.ask(prefetcher, 8, "e");

            assertThat(world.discarded).isNotEmpty();
            assertThat(prefetcher.report().staged()).isLessThanOrEqualTo(3);
            assertThat(prefetcher.report().wasted()).isEqualTo(before + world.discarded.size());
        }
    }

    @Test
    void anEntryThatTheCacheSaysWasUsedIsUsefulAndOneThatACallerWroteIsNeither() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            world.play(prefetcher, 4);
            world.held.clear();
            world.ask(prefetcher, 7, "a");
            PrefetchReport before = prefetcher.report();
            assertThat(before.staged()).isGreaterThan(2);
            // the accesses themselves were lost, or are not there yet
            prefetcher.onUsed("b");
            prefetcher.onGone("d");
            prefetcher.onAccesses(List.of(new ObservedAccess(9, "c", Outcome.PUT, -1)));

            PrefetchReport after = prefetcher.report();
            assertThat(after.useful()).isEqualTo(before.useful() + 1);
            assertThat(after.wasted()).isEqualTo(before.wasted());
            assertThat(after.staged()).isEqualTo(before.staged() - 3);
        }
    }

    @Test
    void theNextKeyIsLoadedAheadForEachOfEightSessionsThatAskInTurn() {
        try (Prefetcher prefetcher = prefetcher(false)) {
            for (int round = 0; round < 40; round++) {
                askInTurn(prefetcher, 0, 3);
            }
            assertThat(world.loaded).as("all of it was held").isEmpty();

            world.held.clear();
            askInTurn(prefetcher, 0, 1);

            assertThat(world.loaded)
                    .contains("1 of 1", "1 of 2", "1 of 3", "1 of 4", "1 of 5", "1 of 6", "1 of 7", "1 of 8");
        }
    }

    @Test
    void eightSessionsThatAskInTurnAreServedFromAMemoryWithRoomForTheNextKeyOfEach() {
        world.capacity = 16;
        world.maximumSize = 16;
        try (Prefetcher prefetcher = world.prefetcher(PrefetchOptions.forCache(16, false, 100, 0.5, 5, 4))) {
            for (int round = 0; round < 38; round++) {
                askInTurn(prefetcher, 0, 3);
            }
            int misses = world.misses;
            askInTurn(prefetcher, 0, 3);
            askInTurn(prefetcher, 0, 3);

            assertThat(misses).as("24 keys do not fit").isGreaterThan(24);
            assertThat(world.misses).isEqualTo(misses);
        }
    }

    /** Eight sessions ask for these keys of a loop of three that each has of its own. */
    private void askInTurn(Prefetcher prefetcher, int from, int to) {
        for (int step = from; step < to; step++) {
            for (int session = 1; session <= 8; session++) {
                world.ask(prefetcher, session, step + " of " + session);
            }
        }
    }

    @Test
    void shuffledPromptsInASmallCacheCostAtMostOneInAHundredExtraLoads() {
        Random random = new Random(3);
        world.capacity = 150;
        world.maximumSize = 150;
        try (Prefetcher prefetcher = world.prefetcher(PrefetchOptions.forCache(150, false, 100, 0.5, 5, 4))) {
            for (int i = 0; i < 20_000; i++) {
                // some are asked for much more often than others, as in web traffic
                int prompt = (int) (2000 * Math.pow(random.nextDouble(), 3));
                world.ask(prefetcher, i % 4, "prompt " + prompt);
            }

            assertThat(world.misses + world.loaded.size()).isLessThanOrEqualTo((int) (world.plainMisses() * 1.01));
        }
    }

    @Test
    void shuffledPromptsCostAtMostOneInAHundredExtraLoads() {
        Random random = new Random(3);
        try (Prefetcher prefetcher = prefetcher(false)) {
            for (int i = 0; i < 100_000; i++) {
                world.ask(prefetcher, i % 4, "prompt " + random.nextInt(2000));
            }

            assertThat(world.misses + world.loaded.size()).isLessThanOrEqualTo((int) (world.plainMisses() * 1.01));
        }
    }

    @Test
    void anAdversaryWhoTrainsItAndThenBetraysItStartsNoStorm() {
        Random random = new Random(11);
        List<String> walk = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            walk.add("step " + i);
        }
        try (Prefetcher prefetcher = prefetcher(false)) {
            for (int round = 0; round < 4; round++) {
                walk.forEach(key -> world.ask(prefetcher, 1, key));
            }
            long trained = prefetcher.report().issued();
            assertThat(trained).isGreaterThan(3000);
            for (int i = 0; i < 20_000; i++) {
                // each step promises its successors and then goes elsewhere
                world.ask(prefetcher, 1, walk.get(random.nextInt(walk.size())));
            }

            long storm = prefetcher.report().issued() - trained;
            assertThat(storm).isLessThan(2000);
            assertThat(prefetcher.report().rejected().get(PrefetchRejection.IMPRECISE))
                    .isPositive();
        }
    }

    @Test
    void theConsumerNeverWaitsForALoad() {
        world.asynchronous = true;
        try (Prefetcher prefetcher = prefetcher(false)) {
            // no load ever ends, and yet every access is taken
            world.play(prefetcher, 1000);

            assertThat(world.running.size()).isLessThanOrEqualTo(4);
            assertThat(prefetcher.report().staged()).isLessThanOrEqualTo(1000);
        }
    }

    private Prefetcher prefetcher(boolean observe) {
        return world.prefetcher(PrefetchOptions.forCache(4000, observe, 100, 0.5, 5, 4));
    }

    /** A cache that holds the last keys, and forgets each conversation before the next. */
    private static final class World implements PrefetchTarget {

        final LinkedHashSet<Object> held = new LinkedHashSet<>();
        final Set<Object> unwanted = new HashSet<>();
        final List<Object> loaded = new ArrayList<>();
        final List<Object> discarded = new ArrayList<>();
        final Map<Object, CompletableFuture<Boolean>> running = new HashMap<>();
        final ArrayDeque<Runnable> later = new ArrayDeque<>();
        final List<Object> asked = new ArrayList<>();
        Executor executor = Runnable::run;
        boolean available = true;
        boolean failing;
        boolean asynchronous;
        long nanos;
        int misses;
        int capacity = 100;
        long maximumSize = 1_000;

        Prefetcher prefetcher(PrefetchOptions settings) {
            Random random = new Random(1);
            return new Prefetcher(this, settings, task -> executor.execute(task), () -> nanos, random::nextDouble);
        }

        /** Plays the conversation so many times, other things happening in between. */
        void play(Prefetcher prefetcher, int times) {
            for (int i = 0; i < times; i++) {
                CONVERSATION.forEach(key -> ask(prefetcher, 1, key));
                for (int j = 0; j < 4; j++) {
                    ask(prefetcher, 1, "break " + asked.size());
                }
                held.clear();
            }
        }

        void ask(Prefetcher prefetcher, long session, String key) {
            nanos += 1_000;
            asked.add(key);
            boolean hit = held.contains(key);
            if (!hit) {
                misses++;
                running.remove(key);
            }
            hold(key);
            Outcome outcome = hit ? Outcome.MEMORY_HIT : Outcome.MISS;
            prefetcher.onAccesses(List.of(new ObservedAccess(session, key, outcome, 1_000_000)));
        }

        void finishAll() {
            while (!running.isEmpty()) {
                List.copyOf(running.keySet()).forEach(key -> {
                    CompletableFuture<Boolean> done = running.remove(key);
                    hold(key);
                    done.complete(true);
                });
            }
        }

        int plainMisses() {
            LinkedHashSet<Object> plain = new LinkedHashSet<>();
            int count = 0;
            for (Object key : asked) {
                count += plain.remove(key) ? 0 : 1;
                plain.add(key);
                if (plain.size() > capacity) {
                    plain.remove(plain.iterator().next());
                }
            }
            return count;
        }

        private void hold(Object key) {
            held.remove(key);
            held.add(key);
            if (held.size() > capacity) {
                held.remove(held.iterator().next());
            }
        }

        @Override
        public long weigh(Object key) {
            return key.toString().length();
        }

        @Override
        public boolean available() {
            return available;
        }

        @Override
        public long maximumSize() {
            return maximumSize;
        }

        @Override
        public boolean wanted(Object key) {
            return !held.contains(key) && !unwanted.contains(key) && !running.containsKey(key);
        }

        @Override
        public CompletableFuture<Boolean> prefetch(Object key) {
            loaded.add(key);
            if (failing) {
                return CompletableFuture.failedFuture(new IllegalStateException("refused"));
            }
            if (asynchronous) {
                return running.computeIfAbsent(key, k -> new CompletableFuture<>());
            }
            nanos += 5_000_000;
            hold(key);
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public void discard(Object key) {
            discarded.add(key);
            held.remove(key);
        }
    }
}
