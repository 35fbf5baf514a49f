package io.tinyllm.cache.redis;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The clock of the server, by which entries expire, as far as this JVM knows it: the server's time is asked now and
 * then and carried on with this JVM's monotonic time. So all writers and readers of one Redis agree, whatever their own
 * clocks say, and reading an entry does not take a second command for its remaining time. Thread-safe.
 */
final class ServerClock {

    private static final long ACCURATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Less is drift, or took longer to tell. */
    private static final long STEP_MILLIS = 500;

    private final LongSupplier ticker;
    private volatile long offsetMillis;
    private volatile boolean sampled;

    /** The last time that the server's clock was found to be set back. */
    private volatile Step step = new Step(Long.MIN_VALUE, 0);

    /** Begins with the clock of this machine. */
    ServerClock(LongSupplier ticker, long wallMillis) {
        this.ticker = ticker;
        this.offsetMillis = wallMillis - monotonicMillis();
    }

    long currentTimeMillis() {
        return monotonicMillis() + offsetMillis;
    }

    /**
     * The time by which something is to be judged that was written at a time. What was written before the clock was set
     * back goes by the clock as it was, as far as can be told: it was written later than it is now, or earlier than
     * when the clock was set.
     * @param createdMillis when it was written, by the clock at that time
     */
    long currentTimeMillis(long createdMillis) {
        long now = currentTimeMillis();
        Step last = step;
        boolean before = last.backMillis > 0 && (createdMillis < last.atMillis || createdMillis > now);
        return before ? now + last.backMillis : now;
    }

    /**
     * Takes over what the server said; what took long to come is worth less than what is known already.
     * @param serverMillis the server's time
     * @param askedNanos the monotonic time at which it was asked
     */
    void sample(long serverMillis, long askedNanos) {
        long took = ticker.getAsLong() - askedNanos;
        if (took <= ACCURATE_NANOS || !sampled) {
            long offset = serverMillis + TimeUnit.NANOSECONDS.toMillis(took / 2) - monotonicMillis();
            if (sampled && offsetMillis - offset > STEP_MILLIS) {
                step = new Step(serverMillis, offsetMillis - offset);
            }
            offsetMillis = offset;
            sampled = true;
        }
    }

    private long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(ticker.getAsLong());
    }

    /**
     * A setting back of the clock.
     * @param atMillis the time after it
     * @param backMillis by how much
     */
    private record Step(long atMillis, long backMillis) {}
}
