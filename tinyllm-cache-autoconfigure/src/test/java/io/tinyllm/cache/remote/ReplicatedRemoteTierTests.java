package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import io.tinyllm.cache.remote.ReplicaStatus.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a replicated tier promises while its backends come and go. */
class ReplicatedRemoteTierTests {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final ReplicationOptions QUICK = new ReplicationOptions(
            true, 10_000, Duration.ofMillis(1), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1));

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong clock = new AtomicLong(-5);
    private final FlakyReplicaTier primary = new FlakyReplicaTier("primary", clock::get);
    private final FlakyReplicaTier first = new FlakyReplicaTier("first", clock::get);
    private final FlakyReplicaTier second = new FlakyReplicaTier("second", clock::get);
    private final List<FlakyReplicaTier> all = List.of(primary, first, second);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private ReplicatedRemoteTier tier(ReplicationOptions options) {
        return new ReplicatedRemoteTier("cache", all, options, timer, clock::get);
    }

    private static RemoteEntry read(RemoteTier tier, Object key) throws Exception {
        return tier.get(key).get(10, TimeUnit.SECONDS);
    }

    private static Object value(RemoteTier tier, Object key) throws Exception {
        RemoteEntry entry = read(tier, key);
        return entry == null ? null : entry.value();
    }

    private static void write(RemoteTier tier, Object key, Object value) throws Exception {
        tier.prepare(key, value, MINUTE).send().get(10, TimeUnit.SECONDS);
    }

    private static State state(ReplicatedRemoteTier tier, int index) {
        return tier.status().get(index).state();
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** Ends when nothing is missing anywhere. */
    private void awaitCaughtUp(ReplicatedRemoteTier tier) {
        await(() -> tier.status().stream().allMatch(s -> s.lag() == 0)
                && tier.status().stream().noneMatch(s -> s.state() == State.DOWN || s.state() == State.FAILED_OVER));
    }

    @Test
    void keepsACopyOnEveryBackend() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "kept", 1);
        write(tier, "removed", 2);
        tier.remove("removed").get();

        for (FlakyReplicaTier backend : all) {
            assertThat(value(backend, "kept")).isEqualTo(1);
            assertThat(value(backend, "removed")).isNull();
        }
        assertThat(tier.status())
                .extracting(ReplicaStatus::state)
                .containsExactly(State.PRIMARY, State.REPLICA, State.REPLICA);
    }

    @Test
    void readsTheReplicasInOrderWhereThePrimaryFails() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "key", 1);

        primary.fail(true);
        assertThat(read(tier, "key").source()).isEqualTo(Outcome.REPLICA_HIT);
        first.fail(true);
        assertThat(value(tier, "key")).isEqualTo(1);
        assertThat(second.reads()).isEqualTo(1);
        second.fail(true);
        assertThat(tier.get("key")).isCompletedExceptionally();
    }

    @Test
    void asksNoReplicaForWhatTheSoundPrimaryLacks() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);

        assertThat(read(tier, "absent")).isNull();

        assertThat(first.reads() + second.reads()).isZero();
    }

    @Test
    void fillsAPrimaryThatCameBackEmpty() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "key", 1);
        primary.away();
        await(() -> state(tier, 1) == State.FAILED_OVER);
        assertThat(read(tier, "key").source()).isEqualTo(Outcome.REPLICA_HIT);

        clock.addAndGet(TimeUnit.SECONDS.toNanos(20));
        primary.backEmpty();
        await(() -> state(tier, 1) == State.REPLICA);
        assertThat(state(tier, 0)).isEqualTo(State.CATCHING_UP);
        assertThat(read(tier, "key").source()).isEqualTo(Outcome.REPLICA_HIT);

        RemoteEntry repaired = read(primary, "key");
        assertThat(repaired.value()).isEqualTo(1);
        assertThat(repaired.remainingNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(40));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
        await(() -> state(tier, 0) == State.PRIMARY);
    }

    @Test
    void givesThePrimaryWhatWasWrittenWhileItWasAway() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "changed", "old");
        write(tier, "removed", "old");
        primary.away();
        write(tier, "changed", "new");
        write(tier, "added", "new");
        tier.remove("removed").get();
        assertThat(tier.status().get(0)).isEqualTo(new ReplicaStatus("primary", State.DOWN, 3, 3));

        primary.back();
        awaitCaughtUp(tier);

        assertThat(value(primary, "changed")).isEqualTo("new");
        assertThat(value(primary, "added")).isEqualTo("new");
        assertThat(value(primary, "removed")).isNull();
        assertThat(read(tier, "added").source()).isEqualTo(Outcome.REMOTE_HIT);
    }

    @Test
    void copiesNothingThatHasChangedMeanwhile() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        List.of("changed", "removed", "same")
                .forEach(key -> tier.prepare(key, "old", MINUTE).send());
        primary.away();
        await(() -> state(tier, 1) == State.FAILED_OVER);
        primary.backEmpty();
        await(() -> state(tier, 1) == State.REPLICA);
        CompletableFuture<?> gate = new CompletableFuture<>();
        first.answerAfter(gate);

        List<CompletableFuture<RemoteEntry>> reads =
                List.of(tier.get("changed"), tier.get("removed"), tier.get("same"));
        write(tier, "changed", "new");
        tier.remove("removed").get(10, TimeUnit.SECONDS);
        gate.complete(null);
        for (CompletableFuture<RemoteEntry> read : reads) {
            assertThat(read.get(10, TimeUnit.SECONDS).value()).isEqualTo("old");
        }

        assertThat(value(primary, "changed")).isEqualTo("new");
        assertThat(value(primary, "removed")).isNull();
        assertThat(value(primary, "same")).isEqualTo("old");
    }

    @Test
    void catchesUpWithNothingThatHasChangedMeanwhile() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        primary.away();
        List.of("changed", "removed", "same")
                .forEach(key -> tier.prepare(key, "old", MINUTE).send());
        CompletableFuture<?> gate = new CompletableFuture<>();
        first.answerAfter(gate);
        primary.back();
        await(() -> first.reads() == 3);

        write(tier, "changed", "new");
        tier.remove("removed").get(10, TimeUnit.SECONDS);
        gate.complete(null);
        awaitCaughtUp(tier);

        assertThat(value(primary, "changed")).isEqualTo("new");
        assertThat(value(primary, "removed")).isNull();
        assertThat(value(primary, "same")).isEqualTo("old");
    }

    @Test
    void catchesUpWithNothingThatWasClearedMeanwhile() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        primary.away();
        write(tier, "key", "old");
        CompletableFuture<?> gate = new CompletableFuture<>();
        first.answerAfter(gate);
        primary.back();
        await(() -> first.reads() == 1);

        // A clear that has taken effect and is not acknowledged yet.
        CompletableFuture<?> acknowledged = new CompletableFuture<>();
        primary.acknowledgeAfter(acknowledged);
        tier.clear();
        gate.complete(null);
        primary.acknowledgeAfter(null);
        acknowledged.complete(null);
        awaitCaughtUp(tier);

        assertThat(value(primary, "key")).isNull();
    }

    @Test
    void removesWhatNobodyKnowsAnyMore() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "key", "old");
        all.forEach(FlakyReplicaTier::away);
        tier.prepare("key", "new", MINUTE).send();
        assertThat(tier.get("key")).isCompletedExceptionally();

        all.forEach(FlakyReplicaTier::back);
        assertThat(value(tier, "key")).isNull();
        awaitCaughtUp(tier);
        assertThat(value(tier, "key")).isNull();
    }

    @Test
    void clearsABackendThatWasAwayDuringAClear() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "key", "old");
        primary.away();
        tier.clear().get();
        write(tier, "other", "new");

        primary.back();
        assertThat(value(tier, "key")).isNull();
        awaitCaughtUp(tier);

        assertThat(value(primary, "key")).isNull();
        assertThat(value(tier, "other")).isEqualTo("new");
    }

    @Test
    void clearsABackendThatHasMissedTooMuch() throws Exception {
        ReplicatedRemoteTier tier = tier(new ReplicationOptions(
                true, 100, Duration.ofMillis(1), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1)));
        write(tier, "key-7", "old");
        write(tier, "same", "old");
        primary.away();
        for (int i = 0; i < 100_000; i++) {
            write(tier, "key-" + i, i);
            assertThat(tier.status().get(0).logSize()).isLessThanOrEqualTo(100);
        }
        primary.back();
        awaitCaughtUp(tier);

        assertThat(value(primary, "key-7")).isNull();
        assertThat(value(tier, "key-7")).isEqualTo(7);
        assertThat(value(primary, "key-7")).isEqualTo(7);
        assertThat(value(tier, "same")).isEqualTo("old");
    }

    @Test
    void waitsForNoReplica() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        CompletableFuture<?> never = new CompletableFuture<>();
        first.acknowledgeAfter(never);

        write(tier, "key", 1);
        tier.remove("key").get(10, TimeUnit.SECONDS);
        tier.clear().get(10, TimeUnit.SECONDS);

        assertThat(tier.status().get(1).lag()).isEqualTo(2 + 1);
    }

    @Test
    void waitsForAReplicaWhileThePrimaryIsAway() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        primary.away();
        CompletableFuture<?> gate = new CompletableFuture<>();
        first.acknowledgeAfter(gate);

        CompletableFuture<?> sent = tier.prepare("key", 1, MINUTE).send();
        assertThat(sent).isNotDone();
        gate.complete(null);
        assertThat(sent).isCompleted();
    }

    @Test
    void readsNoReplicaThatIsAWarmCopyOnly() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK.withReadFromReplicas(false));
        write(tier, "key", 1);
        primary.away();

        assertThat(tier.get("key")).isCompletedExceptionally();
        assertThat(value(first, "key")).isEqualTo(1);
        write(tier, "key", 2);
        primary.back();
        awaitCaughtUp(tier);
        assertThat(value(tier, "key")).isEqualTo(2);
    }

    @Test
    void comesBackLaterEachTimeThatItDoesNotLast() throws Exception {
        ReplicatedRemoteTier tier = tier(new ReplicationOptions(
                true, 100, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ZERO));
        for (long hold : new long[] {1, 2, 3, 3}) {
            primary.away();
            await(() -> state(tier, 1) == State.FAILED_OVER);
            comeBack();
            write(tier, "key", hold);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(hold) - 1);
            // Time for several looks at the clock.
            timer.schedule(() -> {}, 10, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
            int reads = first.reads();
            assertThat(value(tier, "key")).isEqualTo(hold);
            assertThat(first.reads()).isEqualTo(reads + 1);
            clock.incrementAndGet();
            await(() -> state(tier, 0) == State.PRIMARY);
        }
        clock.addAndGet(TimeUnit.MINUTES.toNanos(2));
        primary.away();
        await(() -> state(tier, 1) == State.FAILED_OVER);
        comeBack();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        await(() -> state(tier, 0) == State.PRIMARY);
    }

    @Test
    void hearsOfChangesFromTheBackendThatAnswers() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        List<String> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
        tier.onInvalidation(new RemoteTier.InvalidationListener() {
            @Override
            public void invalidate(Object key) {
                heard.add("" + key);
            }

            @Override
            public Runnable doubt(Object key) {
                return () -> heard.add("expired " + key);
            }

            @Override
            public void invalidateAll() {
                heard.add("all");
            }
        });
        primary.entries().listener().invalidate("one");
        first.entries().listener().invalidate("two");
        first.entries().listener().invalidateAll();
        assertThat(heard).containsExactly("one");

        primary.away();
        await(() -> heard.contains("all"));
        primary.entries().listener().invalidate("three");
        first.entries().listener().invalidate("four");
        first.entries().listener().doubt("five").run();
        assertThat(heard).containsExactly("one", "all", "four", "expired five");

        primary.back();
        await(() -> heard.size() == 5);
        assertThat(heard).endsWith("all");
    }

    /** As where the sender loses its processor between two backends. */
    @Test
    void aBackendThatMissedARemovalIsNotGivenTheValueByOneThatIsStillToRemoveIt() throws Exception {
        ReplicatedRemoteTier tier = tier(QUICK);
        write(tier, "key", 1);
        primary.fail(true);
        first.beforeRemoval(() -> {
            primary.fail(false);
            // Time enough to be asked for the value, which must not happen yet.
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
            while (first.reads() == 0 && System.nanoTime() - end < 0) {
                LockSupport.parkNanos(1_000_000);
            }
        });

        assertThat(tier.remove("key")).isCompletedExceptionally();

        awaitCaughtUp(tier);
        for (FlakyReplicaTier backend : all) {
            assertThat(value(backend, "key")).isNull();
        }
    }

    /** Ends when the return of the primary was seen. */
    private void comeBack() throws Exception {
        primary.back();
        timer.submit(() -> {}).get(10, TimeUnit.SECONDS);
        timer.schedule(() -> {}, 0, TimeUnit.NANOSECONDS).get(10, TimeUnit.SECONDS);
    }

    /** Random changes and reads, while random backends fail, go, and come back with what they had or without. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void neverServesWhatIsOldOrGone(long seed) throws Exception {
        Random random = new Random(seed);
        ReplicatedRemoteTier tier = tier(new ReplicationOptions(
                true, 40, Duration.ofMillis(1), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1)));
        Map<Object, Object> model = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        int hits = 0;
        for (int i = 0; i < 30_000; i++) {
            Object key = random.nextInt(60);
            switch (random.nextInt(200)) {
                case 0 -> all.get(random.nextInt(3)).away();
                case 1, 2 -> all.get(random.nextInt(3)).back();
                case 3 -> all.get(random.nextInt(3)).backEmpty();
                case 4 -> all.get(random.nextInt(3)).fail(true);
                case 5 -> {
                    tier.clear();
                    model.clear();
                }
                default -> {
                    int what = random.nextInt(4);
                    if (what == 0) {
                        tier.prepare(key, i, MINUTE).send();
                        model.put(key, i);
                    } else if (what == 1) {
                        tier.remove(key);
                        model.remove(key);
                    } else {
                        RemoteEntry found =
                                tier.get(key).exceptionally(failure -> null).get(10, TimeUnit.SECONDS);
                        hits += found == null ? 0 : 1;
                        if (found != null && !found.value().equals(model.get(key))) {
                            wrong.add(i + ": " + key + " is " + found.value() + ", not " + model.get(key));
                        }
                    }
                }
            }
        }
        all.forEach(FlakyReplicaTier::back);
        awaitCaughtUp(tier);
        for (FlakyReplicaTier backend : all) {
            for (int key = 0; key < 60; key++) {
                Object found = value(backend, key);
                if (found != null && !found.equals(model.get(key))) {
                    wrong.add(backend.backend() + " has " + key + " as " + found + ", not " + model.get(key));
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(hits).isGreaterThan(1000);
    }
}
