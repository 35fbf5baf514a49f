package io.tinyllm.cache.access.tuner;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The latest {@value #CAPACITY} decisions of a tuner. Not thread-safe.
 *
 * @param <T> the type of what is decided
 */
public final class DecisionLog<T> {

    /** The number of decisions that are kept. */
    public static final int CAPACITY = 50;

    private final Deque<Decision<T>> decisions = new ArrayDeque<>();

    /** Creates an empty log. */
    public DecisionLog() {}

    /** Adds a decision; the oldest one leaves where there are too many. */
    public void add(Decision<T> decision) {
        if (decisions.size() == CAPACITY) {
            decisions.removeFirst();
        }
        decisions.addLast(decision);
    }

    /** Returns the decisions, oldest first. */
    public List<Decision<T>> list() {
        return List.copyOf(decisions);
    }
}
