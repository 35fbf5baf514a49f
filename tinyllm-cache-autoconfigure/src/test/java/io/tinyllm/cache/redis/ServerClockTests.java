package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServerClockTests {

    private static final long NOON = 1_000_000_000;
    private static final long HOUR = TimeUnit.HOURS.toMillis(1);

    private final AtomicLong nanos = new AtomicLong();
    private final ServerClock clock = new ServerClock(nanos::get, NOON);

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private void server(long millis) {
        clock.sample(millis, nanos.get());
    }

    @Test
    void followsTheServerForwardsAndBackwards() {
        server(NOON + 5000);
        assertThat(clock.currentTimeMillis()).isEqualTo(NOON + 5000);
        pass(1000);
        assertThat(clock.currentTimeMillis()).isEqualTo(NOON + 6000);
        server(NOON - 7000);
        assertThat(clock.currentTimeMillis()).isEqualTo(NOON - 7000);
    }

    @Test
    void whatWasWrittenBeforeTheClockWasSetBackGetsNoYounger() {
        server(NOON);
        long written = clock.currentTimeMillis();
        pass(5000);
        server(NOON + 5000 - HOUR);
        pass(6000);
        assertThat(clock.currentTimeMillis(written)).isEqualTo(NOON + 11_000);
        assertThat(clock.currentTimeMillis(NOON - 2 * HOUR)).as("long before").isEqualTo(NOON + 11_000);
    }

    @Test
    void whatIsWrittenAfterwardsGoesByTheNewTime() {
        server(NOON);
        pass(5000);
        server(NOON + 5000 - HOUR);
        pass(1000);
        long written = clock.currentTimeMillis();
        pass(1000);
        assertThat(clock.currentTimeMillis(written)).isEqualTo(NOON + 7000 - HOUR);
    }

    @Test
    void aClockThatIsSetForwardIsBelievedForEverything() {
        server(NOON);
        server(NOON + HOUR);
        assertThat(clock.currentTimeMillis(NOON)).isEqualTo(NOON + HOUR);
    }
}
