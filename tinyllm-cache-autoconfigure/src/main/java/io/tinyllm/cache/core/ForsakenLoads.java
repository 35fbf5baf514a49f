package io.tinyllm.cache.core;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one cache that nobody can end any more, because whoever had to has been dropped: a future that never
 * ended, for one. Thread-safe.
 */
final class ForsakenLoads {

    private final ReferenceQueue<Load> queue = new ReferenceQueue<>();

    /** Watches a load, until its flight is dropped as well. */
    Load watched(Flight flight, Load load) {
        flight.watch = new Watch(flight, load, queue);
        return load;
    }

    /** Returns the flight of a load that nobody can end any more, or null; each once. */
    @Nullable
    Flight poll() {
        return queue.poll() instanceof Watch watch ? watch.flight : null;
    }

    /** Tells when nobody has a load any more. */
    private static final class Watch extends PhantomReference<Load> {

        private final Flight flight;

        Watch(Flight flight, Load load, ReferenceQueue<Load> queue) {
            super(load, queue);
            this.flight = flight;
        }
    }
}
