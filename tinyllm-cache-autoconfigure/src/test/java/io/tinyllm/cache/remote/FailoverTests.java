package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.remote.ReplicaStatus.State;
import io.tinyllm.cache.testing.ManualTimer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FailoverTests {

    private static final long HOLD = ReplicationOptions.DEFAULT.hold().toMillis();

    private final ManualTimer timer = new ManualTimer();
    private final FlakyReplicaTier first = new FlakyReplicaTier("first", timer.ticker());
    private final FlakyReplicaTier second = new FlakyReplicaTier("second", timer.ticker());
    private final Failover failover = failover(ReplicationOptions.DEFAULT);

    private Failover failover(ReplicationOptions options) {
        Failover made = new Failover("cache", List.of(first, second), options, new KeyOrder(), timer, timer.ticker());
        made.start();
        return made;
    }

    private List<State> states() {
        timer.advance(0, TimeUnit.NANOSECONDS);
        return failover.status().stream().map(ReplicaStatus::state).toList();
    }

    @Test
    void thePrimaryServesWhileItIsThere() {
        timer.advance(1, TimeUnit.MINUTES);
        assertThat(states()).containsExactly(State.PRIMARY, State.REPLICA);
    }

    @Test
    void aReplicaServesAtOnceWhenThePrimaryGoesAway() {
        timer.advance(1, TimeUnit.MINUTES);
        first.away();
        assertThat(states()).containsExactly(State.DOWN, State.FAILED_OVER);
    }

    @Test
    void thePrimaryServesAgainOnceItHasStayedForTheHold() {
        timer.advance(5, TimeUnit.MINUTES);
        first.away();
        assertThat(states()).containsExactly(State.DOWN, State.FAILED_OVER);
        first.back();
        assertThat(states()).containsExactly(State.CATCHING_UP, State.FAILED_OVER);
        timer.advance(HOLD / 2, TimeUnit.MILLISECONDS);
        assertThat(states()).containsExactly(State.CATCHING_UP, State.FAILED_OVER);
        timer.advance(1, TimeUnit.MINUTES);
        assertThat(states()).containsExactly(State.PRIMARY, State.REPLICA);
    }

    @Test
    void aBackendThatGoesAwayAgainAndAgainIsHeldLonger() {
        timer.advance(5, TimeUnit.MINUTES);
        for (int i = 0; i < 4; i++) {
            first.away();
            timer.advance(10, TimeUnit.MILLISECONDS);
            first.back();
            timer.advance(10, TimeUnit.MILLISECONDS);
        }
        timer.advance(4 * HOLD, TimeUnit.MILLISECONDS);
        assertThat(states().get(0)).isEqualTo(State.CATCHING_UP);
        timer.advance(8 * HOLD + 1000, TimeUnit.MILLISECONDS);
        assertThat(failover.replicas().get(0).answers()).isTrue();
    }

    @Test
    void aWriteThatFailedIsMadeGoodLater() {
        timer.advance(1, TimeUnit.MINUTES);
        Replica replica = failover.replicas().get(1);
        second.fail(true);
        failover.watch(replica.remove("key"));
        assertThat(replica.isReadable("key")).isFalse();
        second.fail(false);
        timer.advance(1, TimeUnit.SECONDS);
        assertThat(replica.isReadable("key")).isTrue();
    }
}
