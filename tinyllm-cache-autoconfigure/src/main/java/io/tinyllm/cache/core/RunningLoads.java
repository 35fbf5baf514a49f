package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.Scope;
import org.jspecify.annotations.Nullable;

/**
 * The loads, of any cache, that a thread or a chain of asynchronous steps is inside of. Immutable. A thread finds those
 * that it is inside of by itself; whoever goes on elsewhere takes them along with {@link #current} and {@link #within}.
 * A load that has ended does not count any more, wherever it is still named.
 */
public final class RunningLoads {

    private static final ThreadLocal<@Nullable RunningLoads> CURRENT = new ThreadLocal<>();

    private final Object cache;
    private final Flight flight;
    private final @Nullable RunningLoads outer;

    private RunningLoads(Object cache, Flight flight, @Nullable RunningLoads outer) {
        this.cache = cache;
        this.flight = flight;
        this.outer = outer;
    }

    /** Returns the loads that the calling thread is inside of, or null where there are none. */
    public static @Nullable RunningLoads current() {
        return running(CURRENT.get());
    }

    /**
     * Says that the calling thread is inside of loads, and of no others, until it says something else.
     * @param loads the loads, or null for none
     */
    public static void replace(@Nullable RunningLoads loads) {
        if (loads == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(loads);
        }
    }

    /**
     * Says that the calling thread is inside of loads, and of no others, until the scope is closed.
     * @param loads the loads, or null for none
     */
    public static Scope within(@Nullable RunningLoads loads) {
        RunningLoads before = CURRENT.get();
        if (before == loads) {
            return Scope.NONE;
        }
        replace(loads);
        return () -> replace(before);
    }

    /**
     * Says that the calling thread is inside of one more load until the scope is closed.
     * @param cache stands for the cache of the load
     */
    static Scope enter(Object cache, Flight flight) {
        return within(new RunningLoads(cache, flight, current()));
    }

    /** Returns whether the calling thread is inside of a load. */
    static boolean include(Flight flight) {
        for (RunningLoads loads = CURRENT.get(); loads != null; loads = loads.outer) {
            if (loads.flight == flight) {
                return !flight.isDone();
            }
        }
        return false;
    }

    /** Returns whether the calling thread is inside of a load that was entered for a cache. */
    static boolean includeAnyOf(Object cache) {
        for (RunningLoads loads = CURRENT.get(); loads != null; loads = loads.outer) {
            if (loads.cache == cache && !loads.flight.isDone()) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the calling thread is inside of a load of a key, for a cache, that no caller waits for. */
    static boolean includeBackground(Object cache, Object key) {
        for (RunningLoads loads = CURRENT.get(); loads != null; loads = loads.outer) {
            if (loads.cache == cache
                    && loads.flight.purpose().isBackground()
                    && loads.flight.key().equals(key)
                    && !loads.flight.isDone()) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable RunningLoads running(@Nullable RunningLoads all) {
        RunningLoads loads = all;
        while (loads != null && loads.flight.isDone()) {
            loads = loads.outer;
        }
        return loads;
    }
}
