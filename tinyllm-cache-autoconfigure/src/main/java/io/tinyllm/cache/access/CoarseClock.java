package io.tinyllm.cache.access;

/** A clock that is cheap to read and moves in steps of a tenth of a second, whenever the control loop turns. Thread-safe. */
public final class CoarseClock {

    private static final long TICK_NANOS = 100_000_000L;

    private final long originNanos;
    private volatile int tick = 1;

    CoarseClock(long originNanos) {
        this.originNanos = originNanos;
    }

    void advance(long nowNanos) {
        tick = (int) ((nowNanos - originNanos) / TICK_NANOS) + 1;
    }

    /** The number of the current step, from 1 on. */
    int tick() {
        return tick;
    }

    /**
     * The monotonic time at which a step began.
     * @param tick its number
     */
    public long nanosOf(int tick) {
        return originNanos + (tick - 1) * TICK_NANOS;
    }
}
