package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Flight.Purpose;
import io.tinyllm.cache.core.Slot.End;
import io.tinyllm.cache.core.Slot.Standing;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SingleFlightTests {

    private final SingleFlight flights = new SingleFlight(true);

    private static Flight flight(Object key) {
        return new Flight(key, Purpose.REQUEST, 0, Kind.CALLER);
    }

    private Flight leader(Object key) {
        Flight flight = flight(key);
        assertThat(flights.join(flight)).isNull();
        return flight;
    }

    private Flight beside(Object key) {
        Flight flight = flight(key);
        assertThat(flights.joinBeside(flight)).isNull();
        return flight;
    }

    private Waiting waiter(Object key) {
        Waiting waiting = flights.join(flight(key));
        assertThat(waiting).isNotNull();
        return waiting;
    }

    /** Ends a flight with a value; returns whether its result counted. */
    private boolean end(Flight flight, End how, @Nullable String value) {
        return standing(flight, how, value) == Standing.COUNTS;
    }

    private Standing standing(Flight flight, End how, @Nullable String value) {
        Standing[] found = new Standing[1];
        CompletableFuture<@Nullable Answer> waiting = flights.leave(flight, how, standing -> found[0] = standing);
        if (waiting != null) {
            waiting.complete(value == null ? null : answer(value));
        }
        return found[0];
    }

    private static Answer answer(String value) {
        return new Answer(CacheEntry.Factory.PLAIN.create(value, 0, 1, CacheEntry.Policy.NONE), Outcome.MISS);
    }

    private static @Nullable Object had(Waiting waiting) {
        CompletableFuture<Waiting.End> end = waiting.awaitAsync(Long.MAX_VALUE, Background.NONE);
        if (!end.isDone()) {
            return "still waiting";
        }
        Answer answer = end.join().answer();
        return answer == null ? null : answer.entry().value();
    }

    @Test
    void aKeyHasOneLeaderAndAtMostOneLoadBesideIt() {
        leader("key");
        beside("key");
        assertThat(flights.joinBeside(flight("key"))).isNotNull();
        assertThat(flights.join(flight("other"))).isNull();
        assertThat(flights.size()).isEqualTo(2);
    }

    @Test
    void theResultOfTheOlderLoadAnswersThoseWhoWaitAndLeavesTheNewerOneItsSay() {
        Flight older = leader("key");
        Flight newer = beside("key");
        Waiting early = waiter("key");
        assertThat(end(older, End.RESULT, "older")).isTrue();
        Waiting late = waiter("key");
        assertThat(had(early)).isEqualTo("older");
        assertThat(had(late)).isEqualTo("still waiting");
        assertThat(end(newer, End.RESULT, "newer")).isTrue();
        assertThat(had(late)).isEqualTo("newer");
        assertThat(flights.size()).isZero();
    }

    @Test
    void theResultOfTheNewerLoadDismissesTheOlderOne() {
        Flight older = leader("key");
        Flight newer = beside("key");
        Waiting waiting = waiter("key");
        assertThat(end(newer, End.RESULT, "newer")).isTrue();
        assertThat(had(waiting)).isEqualTo("newer");
        assertThat(flights.size()).as("nobody waits for what is dismissed").isZero();
        Flight next = leader("key");
        assertThat(end(older, End.RESULT, "older")).isFalse();
        assertThat(flights.counts(next)).isTrue();
    }

    @Test
    void whoWaitsGoesOnWaitingWhileAnotherLoadIsLeft() {
        Flight older = leader("key");
        Flight newer = beside("key");
        Waiting waiting = waiter("key");
        end(newer, End.NOTHING, null);
        assertThat(had(waiting)).isEqualTo("still waiting");
        end(older, End.NOTHING, null);
        assertThat(had(waiting)).isNull();
        assertThat(flights.size()).isZero();
    }

    @Test
    void aChangeDismissesTheLoadsAndTheirResultsAnswerAllTheSame() {
        Flight flight = leader("key");
        Waiting waiting = waiter("key");
        flights.dismiss("key", () -> {});
        Flight next = leader("key");
        assertThat(end(flight, End.RESULT, "old")).isFalse();
        assertThat(had(waiting)).isEqualTo("old");
        assertThat(end(next, End.RESULT, "new")).isTrue();
    }

    @Test
    void aLoadThatChangesItsKeyLeavesNothingBehind() {
        List<String> key = new ArrayList<>(List.of("b", "a"));
        Flight flight = leader(key);
        key.sort(null);
        assertThat(end(flight, End.RESULT, "value")).isTrue();
        assertThat(flights.size()).isZero();
    }

    @Test
    void anInvalidationKeepsValuesReadOrLoadedBeforeItOutAndAnExpiryDoesNot() {
        Flight reading = leader("read");
        flights.invalidate("read", () -> {});
        assertThat(end(reading, End.FOUND, "value")).isFalse();

        Flight loading = leader("loaded");
        loading.markLoading();
        flights.invalidate("loaded", () -> {});
        assertThat(end(loading, End.RESULT, "value")).isFalse();

        Flight newer = leader("expired");
        newer.markLoading();
        flights.doubt("expired", () -> {}).run();
        assertThat(end(newer, End.RESULT, "value")).isTrue();
    }

    @Test
    void aLoadIsDoubtedUntilEveryQuestionIsAnsweredAndTheStoreIsThenAskedAgain() {
        Flight loading = leader("key");
        loading.markLoading();
        Runnable first = flights.doubt("key", () -> {});
        Runnable second = flights.doubt("key", () -> {});
        first.run();
        assertThat(loading.isStoreUnknown()).isTrue();
        assertThat(standing(loading, End.RESULT, "value")).isEqualTo(Standing.DOUBTED);
        second.run();
        // A key that was put and deleted between the news and the question looks like one that has expired.
        assertThat(loading.isStoreUnknown()).isTrue();

        Flight reading = leader("read");
        Runnable expired = flights.doubt("read", () -> {});
        reading.markLoading();
        assertThat(end(reading, End.RESULT, "value")).isTrue();
        expired.run();

        Flight changed = leader("changed");
        changed.markLoading();
        flights.doubt("changed", () -> {});
        flights.invalidate("changed", () -> {});
        assertThat(standing(changed, End.RESULT, "old")).isEqualTo(Standing.OUTDATED);

        Flight found = leader("found");
        flights.doubt("found", () -> {});
        assertThat(standing(found, End.FOUND, "old")).isEqualTo(Standing.OUTDATED);
        assertThat(flights.size()).isZero();
    }

    @Test
    void anInvalidationDismissesTheLoadThatRunsWhileAnotherStillReads() {
        Flight loading = leader("key");
        loading.markLoading();
        Flight reading = beside("key");
        Waiting early = waiter("key");
        flights.invalidate("key", () -> {});
        Waiting late = waiter("key");
        assertThat(end(loading, End.RESULT, "old")).isFalse();
        assertThat(had(early)).isEqualTo("old");
        assertThat(had(late)).isEqualTo("still waiting");
        reading.markLoading();
        assertThat(end(reading, End.RESULT, "new")).isTrue();
        assertThat(had(late)).isEqualTo("new");
    }

    @Test
    void nobodyWaitsForALoadThatHasNotBegun() {
        Flight queued = flight("key");
        assertThat(flights.enqueue(queued)).isTrue();
        assertThat(flights.contains("key")).isTrue();
        assertThat(flights.enqueue(flight("key"))).isFalse();
        Flight caller = leader("key");
        assertThat(flights.begin(queued)).as("somebody else leads").isFalse();
        end(caller, End.RESULT, "value");
        assertThat(flights.size()).isZero();
    }

    @Test
    void aLoadThatWasToRunSoonLeadsWhenItRunsUnlessTheKeyHasChanged() {
        Flight queued = flight("key");
        flights.enqueue(queued);
        assertThat(flights.begin(queued)).isTrue();
        assertThat(end(queued, End.RESULT, "value")).isTrue();

        Flight late = flight("key");
        flights.enqueue(late);
        flights.dismiss("key", () -> {});
        assertThat(flights.begin(late)).isFalse();

        Flight given = flight("key");
        flights.enqueue(given);
        end(given, End.NOTHING, null);
        assertThat(flights.size()).isZero();
    }

    @Test
    void withoutSingleFlightEverybodyLeads() {
        SingleFlight apart = new SingleFlight(false);
        List<Flight> leaders = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Flight flight = flight("key");
            assertThat(apart.join(flight)).isNull();
            leaders.add(flight);
        }
        leaders.forEach(flight -> apart.leave(
                flight, End.NOTHING, standing -> assertThat(standing).isEqualTo(Standing.COUNTS)));
        assertThat(apart.size()).isZero();
    }
}
