package io.tinyllm.cache.core;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The wait for a load of another caller. Thread-safe. */
final class Waiting {

    /**
     * The wait of each thread, in all caches of the JVM: two loads that wait for each other's keys would otherwise wait
     * for good.
     */
    private static final ConcurrentHashMap<Thread, Waiting> CURRENT = new ConcurrentHashMap<>();

    /** How far a chain of waits is followed. */
    private static final int DEEPEST = 20;

    private final List<Flight> leaders;
    private final CompletableFuture<@Nullable Answer> answer;

    /** The wait of the same thread around this one: a pool may make a thread that waits run another task. */
    private volatile @Nullable Waiting outer;

    Waiting(List<Flight> leaders, CompletableFuture<@Nullable Answer> answer) {
        this.leaders = leaders;
        this.answer = answer;
    }

    /** Returns whether the calling thread is inside of that load, and so must not wait for it. */
    boolean isInside() {
        return leaders.stream().anyMatch(leader -> runsHere(leader) || RunningLoads.include(leader));
    }

    /** Returns whether nothing runs but loads whose results are their callers' own. */
    boolean isForNobody() {
        return leaders.isEmpty();
    }

    /**
     * Returns whether that load is the run of a loader on the calling thread, which asks for nothing that it is loading
     * itself.
     */
    boolean runsLoaderHere() {
        return leaders.stream().anyMatch(leader -> leader.runsLoader() && runsHere(leader));
    }

    private static boolean runsHere(Flight leader) {
        return leader.owner() == Thread.currentThread();
    }

    /**
     * Waits.
     * @param nanos for how long at most
     * @return how the wait ended
     * @throws LoadFailedException if the load failed
     */
    End await(long nanos) {
        Thread self = Thread.currentThread();
        Waiting before = CURRENT.get(self);
        outer = before;
        CURRENT.put(self, this);
        try {
            if (isCycle(self)) {
                return End.IN_VAIN;
            }
            return new End(answer.get(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            // The caller's own method is the one that knows how to end an interrupted call.
            self.interrupt();
            return End.IN_VAIN;
        } catch (TimeoutException e) {
            return End.TOO_LATE;
        } catch (ExecutionException e) {
            throw (LoadFailedException) e.getCause();
        } finally {
            if (before == null) {
                CURRENT.remove(self);
            } else {
                CURRENT.put(self, before);
            }
        }
    }

    /**
     * As {@link #await}, without blocking: the future fails as that throws.
     * @param background ends the wait
     */
    CompletableFuture<End> awaitAsync(long nanos, Background background) {
        return background.limit(answer.copy(), nanos).handle((had, failure) -> {
            if (failure == null) {
                return new End(had);
            }
            if (Failures.unwrap(failure) instanceof LoadFailedException failed) {
                throw failed;
            }
            return End.TOO_LATE;
        });
    }

    private boolean isCycle(Thread self) {
        // Bounded, because the waits of other threads change while we look at them.
        return comesTo(self, DEEPEST);
    }

    /** Returns whether none of the loads ends before a thread goes on. */
    private boolean comesTo(Thread self, int depth) {
        return leaders.stream().allMatch(leader -> comesTo(self, leader.owner(), depth));
    }

    private static boolean comesTo(Thread self, @Nullable Thread owner, int depth) {
        if (owner == null || owner == self || depth == 0) {
            return owner == self;
        }
        for (Waiting next = CURRENT.get(owner); next != null; next = next.outer) {
            if (next.comesTo(self, depth - 1)) {
                return true;
            }
        }
        return false;
    }

    /**
     * How a wait ended.
     * @param ended whether the load has ended
     * @param late whether the time has passed
     * @param answer what the load had, or null
     */
    record End(boolean ended, boolean late, @Nullable Answer answer) {

        static final End IN_VAIN = new End(false, false, null);
        static final End TOO_LATE = new End(false, true, null);

        End(@Nullable Answer answer) {
            this(true, false, answer);
        }

        /** Returns whether there was no point in waiting. */
        boolean isInVain() {
            return !ended && !late;
        }
    }
}
