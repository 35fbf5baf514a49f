package io.tinyllm.cache.access.loop;

import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps failures of what it runs from everybody else: they are counted, and what fails ten times in a row is left out
 * for a while, longer each time, and then tried again. Both are logged once. For one thread at a time, as the loop that
 * runs it is turned by one.
 */
final class Guard {

    private static final int LIMIT = 10;
    private static final int SHORTEST_REST = 50;
    private static final int LONGEST_REST = 6_400;

    private static final Log log = LogFactory.getLog(Guard.class);

    private final String what;
    private final LongAdder failures;

    // Of the one thread that runs actions.
    private int inARow;
    private int rest = SHORTEST_REST;

    /** How many calls are still left out. */
    private int resting;

    /**
     * Creates a guard.
     * @param what names what is run, for the log; holds no key
     * @param failures counts failures
     */
    Guard(String what, LongAdder failures) {
        this.what = what;
        this.failures = failures;
    }

    /**
     * Runs an action unless too many have just failed; never throws. One thread at a time does.
     * @return whether it was run
     */
    boolean run(Runnable action) {
        if (resting > 0) {
            resting--;
            return false;
        }
        try {
            action.run();
            succeeded();
        } catch (Throwable e) {
            failures.increment();
            // The message of an exception may quote a key.
            log.debug(what + " failed", e);
            failed(e);
        }
        return true;
    }

    private void succeeded() {
        if (inARow >= LIMIT) {
            rest = SHORTEST_REST;
            log.info(what + " works again");
        }
        inARow = 0;
    }

    private void failed(Throwable failure) {
        inARow = Math.min(inARow + 1, LIMIT + 1);
        if (inARow == LIMIT) {
            log.error(what + " has failed " + LIMIT + " times in a row, at last with "
                    + failure.getClass().getName() + ", and is called less often until it works again");
        }
        if (inARow >= LIMIT) {
            resting = rest;
            rest = Math.min(2 * rest, LONGEST_REST);
        }
    }
}
