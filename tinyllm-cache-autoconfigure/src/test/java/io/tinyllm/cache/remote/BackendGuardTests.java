package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import io.tinyllm.cache.testing.ManualTimer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackendGuardTests {

    private final ManualTimer timer = new ManualTimer();
    private final AtomicInteger probes = new AtomicInteger();
    private final AtomicInteger recoveries = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private CompletableFuture<?> answer = CompletableFuture.failedFuture(new IllegalStateException("silent"));
    private final BackendGuard guard = new BackendGuard("primary", 2, timer, timer.ticker(), () -> {
        probes.incrementAndGet();
        return answer;
    });

    BackendGuardTests() {
        guard.onRecovery(recoveries::incrementAndGet);
        guard.onStateChange(changes::incrementAndGet);
    }

    @Test
    void isDisconnectedUntilThereIsAConnection() {
        assertThat(guard.state()).isEqualTo(State.DISCONNECTED);
        assertThat(guard.isUsable()).isFalse();
        guard.connected(true, "now");
        assertThat(guard.state()).isEqualTo(State.UP);
        assertThat(guard.health().detail()).isEqualTo("now");
        assertThat(recoveries).hasValue(1);
        assertThat(changes).hasValue(1);
    }

    @Test
    void refusesAndCountsAnOperationBeyondTheBoundUntilAnotherEnds() {
        guard.connected(true, "now");
        assertThat(guard.enter()).isNull();
        assertThat(guard.enter()).isNull();
        assertThat(guard.enter()).isNotNull().extracting(RemoteFailure::reason).isEqualTo(Reason.REJECTED);
        assertThat(guard.errors("rejected")).isOne();
        guard.leave(null);
        assertThat(guard.enter()).isNull();
        assertThat(guard.health().inFlight()).isEqualTo(2);
    }

    @Test
    void refusesBytesBeyondTheBoundUntilOthersAreGivenBackAndTakesOneOperationOfAnyLength() {
        BackendGuard small = new BackendGuard("primary", "", 100, 1000, timer, timer.ticker(), () -> answer);
        small.connected(true, "now");
        assertThat(small.enter(5000)).as("alone").isNull();
        assertThat(small.enter(2)).extracting(RemoteFailure::reason).isEqualTo(Reason.REJECTED);
        assertThat(small.enter()).as("takes none").isNull();
        small.leave(new RemoteFailure(Reason.TIMEOUT, "no answer"));
        assertThat(small.enter(2))
                .as("who has given up waiting holds them still")
                .isNotNull();
        small.release(5000);
        assertThat(small.enter(600)).isNull();
        assertThat(small.enter(400)).isNull();
        assertThat(small.enter(1)).isNotNull();
        assertThat(small.errors("rejected")).isEqualTo(3);
        assertThat(small.bytes()).isEqualTo(1000);
        assertThat(small.health().inFlight()).isEqualTo(3);
    }

    @Test
    void theBoundOfBytesIsASixteenthOfTheHeap() {
        assertThat(BackendGuard.maximumOfHeap()).isEqualTo(Runtime.getRuntime().maxMemory() / 16);
    }

    @Test
    void probesAFailingBackendEverySecondAndUsesItAgainWhenItAnswers() {
        guard.connected(true, "now");
        fail(Reason.TIMEOUT);
        assertThat(guard.state()).isEqualTo(State.BREAKER_OPEN);
        assertThat(guard.enter()).isNotNull().extracting(RemoteFailure::reason).isEqualTo(Reason.BREAKER);
        timer.advance(3, TimeUnit.SECONDS);
        assertThat(probes).hasValue(3);
        assertThat(guard.state()).isEqualTo(State.BREAKER_OPEN);
        answer = CompletableFuture.completedFuture(null);
        timer.advance(1, TimeUnit.SECONDS);
        assertThat(guard.state()).isEqualTo(State.UP);
        assertThat(recoveries).hasValue(2);
        timer.advance(10, TimeUnit.SECONDS);
        assertThat(probes).hasValue(4);
    }

    @Test
    void aRefusalByTheServerDoesNotOpenTheBreaker() {
        guard.connected(true, "now");
        fail(Reason.OOM);
        assertThat(guard.state()).isEqualTo(State.UP);
        assertThat(guard.errors("oom")).isEqualTo(5);
    }

    @Test
    void aServerThatRefusesCommandsIsSaidToForAMinute() {
        AtomicInteger changes = new AtomicInteger();
        guard.connected(true, "now");
        guard.onStateChange(changes::incrementAndGet);
        fail(Reason.DENIED);
        assertThat(guard.state()).isEqualTo(State.REFUSING);
        assertThat(guard.health().detail()).isEqualTo("now, but refusing commands (failed)");
        assertThat(changes).as("told once").hasValue(1);
        timer.advance(30, TimeUnit.SECONDS);
        fail(Reason.ERROR);
        timer.advance(59, TimeUnit.SECONDS);
        assertThat(guard.state()).isEqualTo(State.REFUSING);
        timer.advance(2, TimeUnit.SECONDS);
        assertThat(guard.state()).isEqualTo(State.UP);
        assertThat(guard.health().detail()).isEqualTo("now");
        assertThat(changes).hasValue(1);
    }

    @Test
    void aNewConnectionIsNotSaidToRefuse() {
        guard.connected(true, "first");
        fail(Reason.DENIED);
        guard.connected(false, "lost");
        assertThat(guard.state()).isEqualTo(State.DISCONNECTED);
        guard.connected(true, "second");
        assertThat(guard.state()).isEqualTo(State.UP);
    }

    @Test
    void aNewConnectionClosesTheBreaker() {
        guard.connected(true, "first");
        fail(Reason.CONNECTION);
        guard.connected(false, "lost");
        assertThat(guard.state()).isEqualTo(State.DISCONNECTED);
        guard.connected(true, "second");
        assertThat(guard.state()).isEqualTo(State.UP);
        assertThat(guard.enter()).isNull();
    }

    private void fail(Reason reason) {
        for (int i = 0; i < 5; i++) {
            assertThat(guard.enter()).isNull();
            guard.leave(new RemoteFailure(reason, "failed"));
        }
    }
}
