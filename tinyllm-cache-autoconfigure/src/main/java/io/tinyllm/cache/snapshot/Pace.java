package io.tinyllm.cache.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Keeps a save to an eighth of a processor, so that those who use the cache meanwhile keep theirs where there are few.
 * Not thread-safe.
 */
final class Pace {

    /** How many steps are taken between two looks at the clock. */
    private static final int STEPS = 16;

    private static final long WORK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int REST = 7;

    private final BooleanSupplier hurry;
    private final LongSupplier ticker;
    private long since;
    private int steps;

    /**
     * Creates it.
     * @param ticker the monotonic time in nanoseconds
     * @param hurry whether there is no more time to rest
     */
    Pace(LongSupplier ticker, BooleanSupplier hurry) {
        this.ticker = ticker;
        this.hurry = hurry;
        this.since = ticker.getAsLong();
    }

    /** Rests when it is time to. */
    void step() {
        if (++steps % STEPS != 0) {
            return;
        }
        long worked = ticker.getAsLong() - since;
        if (worked >= WORK_NANOS && !hurry.getAsBoolean()) {
            LockSupport.parkNanos(REST * worked);
            since = ticker.getAsLong();
        }
    }
}
