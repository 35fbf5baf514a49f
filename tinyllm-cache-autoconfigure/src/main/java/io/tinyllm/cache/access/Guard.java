package io.tinyllm.cache.access;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps failures of what it runs from everybody else: they are counted, and what fails ten times in a row is not run
 * again, which is logged once. Thread-safe.
 */
final class Guard {

    private static final int LIMIT = 10;
    private static final Log log = LogFactory.getLog(Guard.class);

    private final String what;
    private final LongAdder failures;
    private final AtomicInteger inARow = new AtomicInteger();

    /**
     * Creates a guard.
     * @param what names what is run, for the log; holds no key
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
            log.debug(what + " failed", e);
            if (isDisabled()) {
                log.error(what + " has failed " + LIMIT + " times in a row, at last with "
                        + e.getClass().getName() + ", and is not called again");
            }
        }
    }

    /** Returns whether too many have failed in a row. */
    boolean isDisabled() {
        return inARow.get() >= LIMIT;
    }
}
