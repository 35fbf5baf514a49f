package io.tinyllm.cache.limit;

import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets a number of loads of a cache run at a time. Places are given in the order in which loads ask for one, to callers
 * before background loads. A load that a running one waits for needs no place of its own. A load that hangs loses its
 * place after a time, and runs on without. Thread-safe.
 */
public final class LoadLimit implements LoadGate {

    private static final Pass FREE = new Pass() {};

    private final int maximum;
    private final long holdNanos;
    private final LongFunction<CompletableFuture<?>> timer;

    private final Queue<Place> callers = new ArrayDeque<>();
    private final Queue<Place> background = new ArrayDeque<>();
    private int running;
    private int waiting;

    /**
     * Creates a limit that goes by the JDK's timer.
     * @param maximum how many loads run at a time, positive
     * @param holdNanos how long a load holds its place at most
     */
    public LoadLimit(int maximum, long holdNanos) {
        this(maximum, holdNanos, Background.Timer.JDK::in);
    }

    /**
     * Creates a limit that goes by a timer.
     * @param timer makes futures that end after so many nanoseconds
     */
    LoadLimit(int maximum, long holdNanos, LongFunction<CompletableFuture<?>> timer) {
        this.maximum = maximum;
        this.holdNanos = holdNanos;
        this.timer = timer;
    }

    /**
     * Returns the limit of a cache, none where its definition has no {@code maximum-loads}. A load holds its place at
     * most twice as long as others wait for one.
     * @param timer tells when that is over
     */
    public static LoadGate of(CacheDefinition definition, Background.Timer timer) {
        int maximum = definition.settings().getMaximumLoads();
        long timeoutNanos = TtlPolicy.saturatedNanos(definition.settings().getLoadTimeout());
        return maximum == 0
                ? LoadGate.none()
                : new LoadLimit(maximum, 2 * Math.min(timeoutNanos, Long.MAX_VALUE / 2), timer::in);
    }

    @Override
    public Pass begin(Kind kind) {
        if (kind == Kind.NESTED) {
            return FREE;
        }
        Place place = new Place();
        synchronized (this) {
            if (running == maximum) {
                (kind == Kind.CALLER ? callers : background).add(place);
                waiting++;
                return place;
            }
            running++;
            place.state = State.HELD;
        }
        place.grant();
        return place;
    }

    @Override
    public synchronized int running() {
        return running;
    }

    @Override
    public synchronized int waiting() {
        return waiting;
    }

    /** Takes a place back, or a load that waits out of its queue. */
    private void release(Place place) {
        Place next = null;
        synchronized (this) {
            if (place.state == State.WAITING) {
                waiting--;
            } else if (place.state == State.HELD) {
                next = next();
            }
            place.state = State.GONE;
        }
        if (next != null) {
            next.grant();
        }
    }

    /** Gives a place that is free to whoever has waited longest, or to nobody. */
    private @Nullable Place next() {
        for (Queue<Place> queue = callers; ; queue = background) {
            for (Place place = queue.poll(); place != null; place = queue.poll()) {
                if (place.state == State.WAITING) {
                    waiting--;
                    place.state = State.HELD;
                    return place;
                }
            }
            if (queue == background) {
                running--;
                return null;
            }
        }
    }

    private enum State {
        WAITING,
        HELD,
        GONE
    }

    /** The place that a load holds or waits for. */
    private final class Place implements Pass {

        /** Guarded by the limit. */
        private State state = State.WAITING;

        private final CompletableFuture<@Nullable Void> turn = new CompletableFuture<>();
        private volatile @Nullable CompletableFuture<?> hold;

        private void grant() {
            CompletableFuture<?> timeout = timer.apply(holdNanos);
            hold = timeout;
            if (!timeout.isDone()) {
                // Else there is no timer to end the hold, and the load itself does.
                timeout.thenRun(() -> release(this));
            }
            turn.complete(null);
        }

        @Override
        public CompletableFuture<?> turn() {
            return turn;
        }

        @Override
        public void end(@Nullable Throwable failure) {
            release(this);
            CompletableFuture<?> timeout = hold;
            if (timeout != null) {
                timeout.cancel(false);
            }
        }
    }
}
