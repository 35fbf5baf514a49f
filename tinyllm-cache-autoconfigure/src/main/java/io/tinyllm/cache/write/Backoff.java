package io.tinyllm.cache.write;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The pauses between attempts: doubling from 100 ms to 5 s, of which the upper half is left to chance. */
final class Backoff {

    /** So many failures that the pause is a second or so. */
    static final int SEVERAL = 4;

    private static final long FIRST = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(5);

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** Nanoseconds to wait after so many failures, 1 or more. */
    long after(int failures) {
        long pause = Math.min(LONGEST, FIRST << Math.min(10, failures - 1));
        return pause / 2 + random.nextLong(pause / 2 + 1);
    }
}
