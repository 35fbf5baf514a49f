package io.tinyllm.cache.ttl;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The last plans, so that an entry goes by the one that was in force when it was last used. A new plan then drops
 * little by little, as entries go unused under it, and not at once whatever is held. Not thread-safe.
 */
final class PlanHistory {

    private final int capacity;
    private final long spacingNanos;
    private final IdlePlan before;
    private final Deque<Since> newestFirst = new ArrayDeque<>();

    private record Since(long nanos, IdlePlan plan) {}

    /**
     * Begins with one plan.
     * @param capacity how many to keep; whatever was used before those goes by the oldest
     * @param spacingNanos a plan that was in force for less than this never was
     * @param first is in force from the beginning on
     */
    PlanHistory(int capacity, long spacingNanos, IdlePlan first) {
        this.capacity = capacity;
        this.spacingNanos = spacingNanos;
        this.before = first;
    }

    /** The plan in force. */
    IdlePlan current() {
        Since newest = newestFirst.peekFirst();
        return newest == null ? before : newest.plan;
    }

    /** Puts a plan in force. */
    void add(IdlePlan plan, long nowNanos) {
        if (plan == current()) {
            return;
        }
        Since newest = newestFirst.peekFirst();
        if (newest != null && nowNanos - newest.nanos < spacingNanos) {
            newestFirst.removeFirst();
            newestFirst.addFirst(new Since(newest.nanos, plan));
            return;
        }
        if (newestFirst.size() == capacity) {
            newestFirst.removeLast();
        }
        newestFirst.addFirst(new Since(nowNanos, plan));
    }

    /** The plan that was in force at a time. */
    IdlePlan at(long nanos) {
        IdlePlan oldest = before;
        for (Since since : newestFirst) {
            if (nanos - since.nanos >= 0) {
                return since.plan;
            }
            oldest = since.plan;
        }
        return newestFirst.size() == capacity ? oldest : before;
    }
}
