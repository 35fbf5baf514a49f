package io.tinyllm.cache.core;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one cache that nobody can end any more, because whoever had to has been dropped: a future that never
 * ended, for one. Thread-safe.
 */
final class ForsakenLoads {

    private final ReferenceQueue<Object> queue = new ReferenceQueue<>();

    /** Watches a load, until its flight is dropped as well. */
    <T> T watched(Flight flight, T load) {
        flight.watch = new Watch(flight, load, queue);
        return load;
    }

    /** Returns the flight of a load that nobody can end any more, or null; each once. */
    @Nullable
    Flight poll() {
        return queue.poll() instanceof Watch watch ? watch.flight : null;
    }

    /** Tells when nobody has a load any more. */
    private static final class Watch extends PhantomReference<Object> {

        private final Flight flight;

        Watch(Flight flight, Object load, ReferenceQueue<Object> queue) {
            super(load, queue);
            this.flight = flight;
        }
    }
}
