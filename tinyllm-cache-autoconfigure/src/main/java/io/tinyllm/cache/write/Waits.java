package io.tinyllm.cache.write;

import java.util.concurrent.locks.Condition;

/** Waits that no interrupt ends. */
final class Waits {

    private Waits() {}

    /**
     * Waits for a condition. An interrupt does not end the wait, and the thread stays interrupted.
     *
     * @param nanos the longest time
     * @return what is left of it; not positive where it is over
     */
    static long uninterrupted(Condition condition, long nanos) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return condition.awaitNanos(nanos);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
