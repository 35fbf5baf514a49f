package io.tinyllm.cache.access;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps failures of what it runs from everybody else: they are counted, and what fails ten times in a row is not run again, which is
 * logged once. Thread-safe.
 */
final class Guard {

    private static final int LIMIT = 10;
    private static final Logger LOG = System.getLogger(ControlLoop.class.getName());

    private final String what;
    private final LongAdder failures;
    private final AtomicInteger inARow = new AtomicInteger();

    /**
     * Creates it.
     * @param what what is run, for the log; holds no key
     * @param failures counts failures
     */
    Guard(String what, LongAdder failures) {
        this.what = what;
        this.failures = failures;
    }

    /** Runs an action unless too many have failed; never throws. One thread at a time does. */
    void run(Runnable action) {
        if (isDisabled()) {
            return;
        }
        try {
            action.run();
            inARow.set(0);
        } catch (Throwable e) {
            failures.increment();
            inARow.incrementAndGet();
            // The message of an exception may quote a key.
            LOG.log(Level.DEBUG, () -> what + " failed", e);
            if (isDisabled()) {
                LOG.log(
                        Level.ERROR,
                        "{0} has failed {1} times in a row, at last with {2}, and is not called again",
                        what,
                        LIMIT,
                        e.getClass().getName());
            }
        }
    }

    /** Whether too many have failed in a row. */
    boolean isDisabled() {
        return inARow.get() >= LIMIT;
    }
}
