package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.KeyState.State;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.memory.StagedMemoryTier;
import io.tinyllm.cache.remote.InMemoryRemoteTier;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is told of a key, by a clock of the test's. */
class InspectionTests {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final AtomicLong now = new AtomicLong(1);
    private final StagedMemoryTier memory = new StagedMemoryTier(
            new CaffeineMemoryTier(100, now::get, Runnable::run),
            100,
            size -> 10,
            now::get,
            entry -> false,
            key -> {},
            key -> {});
    private final InMemoryRemoteTier remote = new InMemoryRemoteTier(now::get, Outcome.REMOTE_HIT);

    private TieredCache cache(boolean withRemote) {
        TieredCacheBuilder builder = TieredCache.named("cache")
                .ticker(now::get)
                .memory(memory)
                .staleness(new Staleness(2 * MINUTE, MINUTE, 0))
                .ttl(TtlPolicy.fixed(Duration.ofMinutes(5)));
        return (withRemote ? builder.remote(remote) : builder).build();
    }

    @Test
    void anEntryIsFreshThenStaleThenAbsent() {
        TieredCache cache = cache(false);
        cache.put("a", 1);
        now.addAndGet(MINUTE);
        KeyState fresh = cache.inspect("a");
        assertThat(fresh.state()).isEqualTo(State.FRESH);
        assertThat(fresh.answeredBy()).isEqualTo(Outcome.MEMORY_HIT);
        assertThat(fresh.ageNanos()).isEqualTo(MINUTE);
        assertThat(fresh.remainingNanos()).isEqualTo(4 * MINUTE);
        assertThat(fresh.lifeNanos()).isEqualTo(5 * MINUTE);
        assertThat(fresh.idleNanos()).isEqualTo(MINUTE);
        assertThat(fresh.hasRemote()).isFalse();
        now.addAndGet(4 * MINUTE + MINUTE / 2);
        KeyState served = cache.inspect("a");
        assertThat(served.state()).isEqualTo(State.STALE);
        assertThat(served.answeredBy()).isEqualTo(Outcome.MEMORY_HIT);
        assertThat(served.remainingNanos()).isEqualTo(-MINUTE / 2);
        now.addAndGet(MINUTE);
        assertThat(cache.inspect("a").state()).isEqualTo(State.STALE);
        assertThat(cache.inspect("a").answeredBy())
                .as("only where a load fails")
                .isNull();
        now.addAndGet(MINUTE);
        assertThat(cache.inspect("a").state()).isEqualTo(State.ABSENT);
    }

    @Test
    void anEntryThatNobodyHasAskedForIsStagedUntilSomebodyDoes() {
        TieredCache cache = cache(false);
        memory.stage("next", CacheEntry.Factory.PLAIN.create(1, now.get(), 5 * MINUTE, CacheEntry.Policy.NONE));
        KeyState staged = cache.inspect("next");
        assertThat(staged.state()).isEqualTo(State.STAGED);
        assertThat(staged.answeredBy()).isEqualTo(Outcome.MEMORY_HIT);
        assertThat(cache.findKey("next"::equals)).isEqualTo("next");
        assertThat(cache.inspect("next").state()).as("looking is not asking").isEqualTo(State.STAGED);
        cache.get("next");
        assertThat(cache.inspect("next").state()).isEqualTo(State.FRESH);
    }

    @Test
    void whatOnlyTheRemoteTierHasIsFreshThereAndStaysThere() {
        TieredCache cache = cache(true);
        cache.put("a", 1);
        memory.remove("a");
        now.addAndGet(MINUTE);
        KeyState there = cache.inspect("a");
        assertThat(there.state()).isEqualTo(State.FRESH);
        assertThat(there.answeredBy()).isEqualTo(Outcome.REMOTE_HIT);
        assertThat(there.remainingNanos()).isEqualTo(4 * MINUTE);
        assertThat(there.ageNanos()).isNull();
        assertThat(there.remote()).isEqualTo(new KeyState.RemoteState(4 * MINUTE));
        assertThat(memory.peek("a")).as("looking does not bring it here").isNull();
        assertThat(cache.counters().hits() + cache.counters().misses()).isZero();
    }

    @Test
    void aRemoteTierThatIsAwayIsNotTalkedOf() {
        TieredCache cache = cache(true);
        cache.put("a", 1);
        remote.failWith(new TimeoutException("away"));
        KeyState state = cache.inspect("a");
        assertThat(state.state()).isEqualTo(State.FRESH);
        assertThat(state.hasRemote()).isFalse();
        assertThat(state.remote()).isNull();
        remote.failWith(null);
        assertThat(cache.inspect("b").hasRemote()).isTrue();
        assertThat(cache.inspect("b").remote()).isNull();
    }

    @Test
    void aLoadUnderWayIsSeenWithoutJoiningIt() {
        TieredCache cache = cache(false);
        cache.get("a", () -> {
            assertThat(cache.inspect("a").state()).isEqualTo(State.LOADING);
            assertThat(cache.findKey("a"::equals)).isEqualTo("a");
            return 1;
        });
        assertThat(cache.inspect("a").state()).isEqualTo(State.FRESH);
    }
}
