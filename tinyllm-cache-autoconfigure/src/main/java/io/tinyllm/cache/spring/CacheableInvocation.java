package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.CacheEntry;
import io.tinyllm.cache.core.Flight;
import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.TieredCache;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of a cacheable method that has found nothing in some cache: the loads that it leads, to be ended by what
 * the method does. Thread-safe, because the parts of an asynchronous method run on any thread.
 */
final class CacheableInvocation implements Leader {

    private final List<Flight> flights = new CopyOnWriteArrayList<>();
    private volatile boolean late;
    private volatile boolean returned;
    private volatile @Nullable Object value;

    @Override
    public void lead(Flight flight) {
        flights.add(flight);
    }

    /** The load of a key that this invocation leads, ended or not, or null. */
    @Nullable
    Flight flight(TieredCache cache, Object key) {
        for (Flight flight : flights) {
            if (flight.cache() == cache && flight.key().equals(key)) {
                return flight;
            }
        }
        return null;
    }

    /** Whether the invocation leads any load. */
    boolean leads() {
        return !flights.isEmpty();
    }

    /** The loads that it leads. */
    List<Flight> flights() {
        return flights;
    }

    /** Notes that the cache's answer comes later, or is a failure. */
    void markLate() {
        late = true;
    }

    /** Whether the cache's answer came later than the call, or was a failure. */
    boolean isLate() {
        return late;
    }

    /** Notes what the method returned, as it would be cached. */
    void returned(@Nullable Object value) {
        this.value = value;
        this.returned = true;
    }

    /**
     * Ends the loads with what the method threw.
     * @return the stale value that stands in for it, or null
     */
    @Nullable
    CacheEntry failed(Throwable failure) {
        CacheEntry stale = null;
        for (Flight flight : flights) {
            CacheEntry standIn = flight.fail(failure);
            stale = stale == null ? standIn : stale;
        }
        return stale;
    }

    /** The invocation for one more run of the method, in place of whatever runs: leads the same keys anew. */
    CacheableInvocation again() {
        for (Flight flight : flights) {
            flight.abandon();
        }
        flights.replaceAll(flight -> flight.cache().leadAnew(flight.key()));
        releaseThread();
        returned = false;
        return this;
    }

    /** Says that the method goes on without the calling thread. */
    void releaseThread() {
        flights.forEach(Flight::releaseThread);
    }

    /** Ends whatever load has not ended: its result, if any, was not to be cached. */
    void end() {
        for (Flight flight : flights) {
            if (returned) {
                flight.finish(value);
            } else {
                flight.abandon();
            }
        }
    }
}
