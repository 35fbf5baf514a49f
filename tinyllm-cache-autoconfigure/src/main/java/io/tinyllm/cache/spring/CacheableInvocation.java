package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.CacheEntry;
import io.tinyllm.cache.core.Flight;
import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.Tracing;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * One invocation of a cacheable method that has found nothing in some cache: the loads that it leads, to be ended by what
 * the method does. Thread-safe, because the parts of an asynchronous method run on any thread.
 */
final class CacheableInvocation implements Leader {

    private final MethodInvocation method;
    private final TinyLlmCacheInterceptor interceptor;
    private final boolean refreshing;
    private final List<Flight> flights = new CopyOnWriteArrayList<>();
    /** Of a publisher of many: whether it has ended, and whether its caller has cancelled before that. Guarded by flights. */
    private boolean sourceEnded;

    private boolean callerGone;
    private volatile boolean late;
    private volatile boolean returned;
    private volatile boolean ended;
    private volatile @Nullable Runnable starter;
    private volatile @Nullable CacheEntry stale;
    private volatile @Nullable Object value;

    private CacheableInvocation(MethodInvocation method, TinyLlmCacheInterceptor interceptor, boolean refreshing) {
        this.method = method;
        this.interceptor = interceptor;
        this.refreshing = refreshing;
    }

    /** An invocation by a caller. */
    static CacheableInvocation of(MethodInvocation method, TinyLlmCacheInterceptor interceptor) {
        return new CacheableInvocation(method, interceptor, false);
    }

    /** An invocation in the background, which leads one load and is answered by no cache. */
    static CacheableInvocation refreshing(MethodInvocation method, TinyLlmCacheInterceptor interceptor, Flight flight) {
        CacheableInvocation invocation = new CacheableInvocation(method, interceptor, true);
        invocation.lead(flight);
        return invocation;
    }

    /** Whether it runs in the background, in order to replace what is cached. */
    boolean isRefreshing() {
        return refreshing;
    }

    /** The return type of the method. */
    Class<?> returnType() {
        return method.getMethod().getReturnType();
    }

    @Override
    public void lead(Flight flight) {
        flights.add(flight);
        Runnable known = starter;
        if (known != null) {
            flight.startLater(known);
        }
        if (ended) {
            // Its caller has given up while a tier was asked.
            flight.abandon();
        }
    }

    /**
     * Says that the method runs only when somebody wants its result, for the loads it leads and will lead.
     * @param starter runs it; does nothing where it runs already
     */
    void startLater(Runnable starter) {
        this.starter = starter;
        flights.forEach(flight -> flight.startLater(starter));
    }

    /** The same call once more, including whatever advice is inside that of the cache. */
    @Override
    public @Nullable Reload reload() {
        if (!(method instanceof ProxyMethodInvocation proxied)) {
            return null;
        }
        // Before the call proceeds: a copy made later would have the inner advice behind it.
        MethodInvocation pristine = proxied.invocableClone();
        // It may be kept for long: it must not hold on to this invocation, and so to what it loaded.
        TinyLlmCacheInterceptor runner = interceptor;
        return flight -> runner.refresh(pristine, flight);
    }

    /** The pristine call is cloned each time it is run. */
    @Override
    public @Nullable Reload reinvocation() {
        return refreshing ? null : reload();
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

    /** Begins to trace the load, where the invocation leads one. */
    Tracing.Span startSpan() {
        if (flights.isEmpty()) {
            return Tracing.none().start(Tracing.LOAD, "");
        }
        TieredCache cache = flights.get(0).cache();
        return cache.tracing().start(Tracing.LOAD, cache.name());
    }

    /** Whether anything traces the load that the invocation leads. */
    boolean isTraced() {
        return !flights.isEmpty() && flights.get(0).cache().tracing() != Tracing.none();
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
        for (Flight flight : flights) {
            CacheEntry standIn = flight.fail(failure);
            if (standIn != null && !refreshing) {
                stale = standIn;
            }
        }
        return stale;
    }

    /** The stale value that stands in for what the method threw, or null. */
    @Nullable
    CacheEntry stale() {
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
        ended = false;
        return this;
    }

    /** Says that the method goes on without the calling thread. */
    void releaseThread() {
        flights.forEach(Flight::releaseThread);
    }

    /** Notes that the publisher of many which the method returned has ended. */
    void sourceEnded() {
        boolean last;
        synchronized (flights) {
            sourceEnded = true;
            last = callerGone;
        }
        if (last) {
            end();
        }
    }

    /** Notes that the caller has cancelled its subscription to a publisher of many, which goes on for the cache. */
    void callerGone() {
        boolean last;
        synchronized (flights) {
            callerGone = true;
            last = sourceEnded;
        }
        if (last) {
            end();
        }
    }

    /** Ends whatever load has not ended: its result, if any, was not to be cached. */
    void end() {
        ended = true;
        for (Flight flight : flights) {
            if (returned) {
                flight.finish(value);
            } else {
                flight.abandon();
            }
        }
    }
}
