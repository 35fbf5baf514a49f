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

    private final LongSupplier ticker;
    private volatile long offsetMillis;
    private volatile boolean sampled;

    /** Begins with the clock of this machine. */
    ServerClock(LongSupplier ticker, long wallMillis) {
        this.ticker = ticker;
        this.offsetMillis = wallMillis - monotonicMillis();
    }

    long currentTimeMillis() {
        return monotonicMillis() + offsetMillis;
    }

    /**
     * Takes over what the server said; what took long to come is worth less than what is known already.
     * @param serverMillis the server's time
     * @param askedNanos the monotonic time at which it was asked
     */
    void sample(long serverMillis, long askedNanos) {
        long took = ticker.getAsLong() - askedNanos;
        if (took <= ACCURATE_NANOS || !sampled) {
            offsetMillis = serverMillis + TimeUnit.NANOSECONDS.toMillis(took / 2) - monotonicMillis();
            sampled = true;
        }
    }

    private long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(ticker.getAsLong());
    }
}
