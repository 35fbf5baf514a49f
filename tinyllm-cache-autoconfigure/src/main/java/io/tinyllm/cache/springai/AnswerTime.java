package io.tinyllm.cache.springai;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time that answers go by. Thread-safe.
 * @param clock the time of day
 * @param ticker a monotonic time in nanoseconds
 */
record AnswerTime(Clock clock, LongSupplier ticker) {

    /** The time in microseconds since 1970. */
    long micros() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1000;
    }

    /** A monotonic time in nanoseconds. */
    long nanos() {
        return ticker.getAsLong();
    }
}
