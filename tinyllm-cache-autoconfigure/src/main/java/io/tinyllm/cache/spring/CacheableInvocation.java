package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.Publication;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Scope;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * One invocation of a cacheable method that has found nothing in some cache: the loads that it leads, to be ended by
 * what the method does. Thread-safe, because the parts of an asynchronous method run on any thread.
 */
final class CacheableInvocation implements Leader {

    private final MethodInvocation method;
    private final Refresher refresher;
    private final boolean refreshing;
    private final List<Load> loads = new CopyOnWriteArrayList<>();
    /**
     * Of a publisher of many: whether it has ended, and whether its caller has cancelled before that. Guarded by loads.
     */
    private boolean sourceEnded;

    private boolean callerGone;
    private volatile boolean late;
    private volatile boolean repeated;
    private volatile boolean askedForItsKey;
    private volatile boolean returned;
    private volatile boolean ended;
    private volatile @Nullable CacheEntry stale;
    private volatile @Nullable Object value;
    private volatile UnaryOperator<Object> lazily = UnaryOperator.identity();

    /** The answers of caches that took some time, for the walk through them that follows. */
    private final List<Known> answers = new CopyOnWriteArrayList<>();

    private CacheableInvocation(MethodInvocation method, Refresher refresher, boolean refreshing) {
        this.method = method;
        this.refresher = refresher;
        this.refreshing = refreshing;
    }

    /** An invocation by a caller. */
    static CacheableInvocation of(MethodInvocation method, Refresher refresher) {
        return new CacheableInvocation(method, refresher, false);
    }

    /** An invocation in the background, which leads one load and is answered by no cache. */
    static CacheableInvocation refreshing(MethodInvocation method, Refresher refresher, Load load) {
        CacheableInvocation invocation = new CacheableInvocation(method, refresher, true);
        invocation.lead(load);
        return invocation;
    }

    /** Returns whether it runs in the background, in order to replace what is cached. */
    boolean isRefreshing() {
        return refreshing;
    }

    /** The return type of the method. */
    Class<?> returnType() {
        return method.getMethod().getReturnType();
    }

    /** When the method has its result. */
    ReturnKind kind() {
        return ReturnKind.of(method.getMethod());
    }

    @Override
    public void lead(Load load) {
        loads.add(load);
        if (ended) {
            // Its caller has given up while a tier was asked.
            load.abandon();
        }
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
        Refresher runner = refresher;
        return load -> runner.refresh(pristine, load);
    }

    /** The pristine call is cloned each time it is run. */
    @Override
    public @Nullable Reload reinvocation() {
        return refreshing ? null : reload();
    }

    @Override
    public @Nullable Publication publication() {
        return Transactions.atOnce();
    }

    /** The load of a key that this invocation leads, ended or not, or null. */
    @Nullable
    Load load(TieredCache cache, Object key) {
        for (Load load : loads) {
            if (cache.owns(load) && load.key().equals(key)) {
                return load;
            }
        }
        return null;
    }

    // ------------------------------------------------------------------------------ lazy results

    /**
     * Says what becomes of what a method returns that does nothing before somebody subscribes.
     * @param lazily makes each subscription to it a run of the loads
     */
    void setLazily(UnaryOperator<Object> lazily) {
        this.lazily = lazily;
    }

    /** The result of the method, to go on with. */
    Object lazily(Object result) {
        return lazily.apply(result);
    }

    /**
     * Looks a key up for a walk through the caches that is done again where one of them takes its time.
     * @param leader this invocation, as the cache is to see it
     * @return its entry; null if the method has to be run, for a load that this invocation leads or not
     * @throws AnswerToCome if the walk is to be done again once there is an answer
     * @throws RuntimeException what the look-up failed with
     */
    @Nullable
    CacheEntry find(TieredCache cache, Object key, Leader leader) {
        if (refreshing || load(cache, key) != null) {
            askedForItsKey |= load(cache, key) != null;
            return null;
        }
        for (Known answer : answers) {
            if (answer.cache == cache && answer.key.equals(key)) {
                if (answer.failure != null) {
                    throw answer.failure;
                }
                return answer.entry;
            }
        }
        CompletableFuture<@Nullable CacheEntry> found = cache.getOrLeadAsync(key, leader);
        if (found == null) {
            return null;
        }
        if (!found.isDone()) {
            throw new AnswerToCome(cache, key, found);
        }
        Known known = Known.of(cache, key, found);
        if (known.failure != null) {
            throw known.failure;
        }
        return known.entry;
    }

    /** Notes an answer that has come, for the next walk through the caches. */
    void know(AnswerToCome come) {
        answers.add(Known.of(come.cache(), come.key(), come.answer()));
        repeated = true;
    }

    /** Returns whether a walk through the caches has been done before. */
    boolean isRepeated() {
        return repeated;
    }

    /** The answer of a cache for a key. */
    private record Known(
            TieredCache cache,
            Object key,
            @Nullable CacheEntry entry,
            @Nullable RuntimeException failure) {

        static Known of(TieredCache cache, Object key, CompletableFuture<@Nullable CacheEntry> answer) {
            try {
                return new Known(cache, key, answer.join(), null);
            } catch (CompletionException e) {
                Throwable cause = Failures.unwrap(e);
                return new Known(
                        cache,
                        key,
                        null,
                        cause instanceof RuntimeException failure ? failure : new CompletionException(cause));
            } catch (RuntimeException e) {
                return new Known(cache, key, null, e);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- run and end

    /** Says that the calling thread runs the method, or a part of it, until the scope is closed. */
    Scope enter() {
        Scope scope = Scope.NONE;
        for (Load load : loads) {
            Scope outer = scope;
            Scope inner = load.enter();
            scope = outer == Scope.NONE
                    ? inner
                    : () -> {
                        inner.close();
                        outer.close();
                    };
        }
        return scope;
    }

    /** Returns whether the invocation leads any load. */
    boolean leads() {
        return !loads.isEmpty();
    }

    /** Notes that the cache's answer comes later, or is a failure. */
    void markLate() {
        late = true;
    }

    /** Returns whether the cache's answer came later than the call, or was a failure. */
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
        for (Load load : loads) {
            CacheEntry standIn = load.fail(failure);
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

    /** Says that the method goes on without the calling thread. */
    void releaseThread() {
        loads.forEach(Load::releaseThread);
    }

    /** Notes that the publisher of many which the method returned has ended. */
    void sourceEnded() {
        boolean last;
        synchronized (loads) {
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
        synchronized (loads) {
            callerGone = true;
            last = sourceEnded;
        }
        if (last) {
            end();
        }
    }

    /**
     * Ends whatever load has not ended: its result, if any, was not to be cached. A call that is repeated in the
     * background may have become one for another key: what it returned then answers nobody.
     */
    void end() {
        ended = true;
        for (Load load : loads) {
            if (returned && (!refreshing || askedForItsKey)) {
                load.finish(value);
            } else {
                load.abandon();
            }
        }
    }

    /** Runs a cacheable method in the background. */
    @FunctionalInterface
    interface Refresher {

        /**
         * Runs a method, and ends the load with what it does.
         * @param pristine the call, not yet proceeded; can be used again
         * @param load the load that it runs
         */
        void refresh(MethodInvocation pristine, Load load);
    }
}
