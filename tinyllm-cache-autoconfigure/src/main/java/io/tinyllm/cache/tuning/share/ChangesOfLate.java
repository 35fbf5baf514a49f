package io.tinyllm.cache.tuning.share;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Counts the changes of the last fifty intervals. Each has to save more than the one before, so that what saves little
 * does not use up the turn of what saves much. Not thread-safe.
 */
final class ChangesOfLate {

    private static final int MOST = 4;
    private static final int WITHIN = 50;

    private final Deque<Integer> at = new ArrayDeque<>();
    private int interval;

    void endInterval() {
        interval++;
        while (!at.isEmpty() && at.peek() <= interval - WITHIN) {
            at.remove();
        }
    }

    void add() {
        at.add(interval);
    }

    /** The number of the next change, from one up: as many times the smallest gain it has to save. */
    int nextIs() {
        return at.size() + 1;
    }

    boolean areMany() {
        return at.size() >= MOST;
    }
}
