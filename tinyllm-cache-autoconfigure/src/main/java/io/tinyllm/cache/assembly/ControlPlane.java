package io.tinyllm.cache.assembly;

import io.tinyllm.cache.AccessListener;
import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.access.AccessBuffer;
import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.access.loop.ControlLoop;
import io.tinyllm.cache.access.loop.ListenerFeed;
import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.port.AccessRecorder;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.prefetch.PrefetchOptions;
import io.tinyllm.cache.prefetch.PrefetchTarget;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.prefetch.Sessions;
import io.tinyllm.cache.settings.AnalyticsSettings;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.tuning.budget.BudgetTuning;
import io.tinyllm.cache.tuning.budget.CacheDemand;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The observer of caches, which learns from their traffic away from their callers. Where no cache wants to be watched
 * there is neither a thread nor a buffer. Thread-safe.
 */
public final class ControlPlane implements AutoCloseable {

    /** How often tuners are asked whether it is time to decide. */
    private static final long TUNING_NANOS = 1_000_000_000L;

    /** How late a row of the history may be closed. */
    private static final long HISTORY_NANOS = 1_000_000_000L;

    private final boolean on;
    private final LongSupplier ticker;
    private final ControlLoop loop;
    private final List<ListenerFeed> listeners;
    private final LongAdder failures = new LongAdder();
    private final Sessions sessions;
    private final Executor prefetches;
    private final Map<String, CacheAnalytics> analytics = new ConcurrentHashMap<>();
    private final Map<String, CacheTuning> tunings = new ConcurrentHashMap<>();
    private final Map<String, CacheDemand> demands = new ConcurrentHashMap<>();
    private final AtomicBoolean dividing = new AtomicBoolean();
    private final BudgetTuning budget;

    /**
     * Creates a control plane, without a thread, for caches that do not prefetch.
     * @param ticker the monotonic time in nanoseconds, that of the caches
     * @param listeners what the application wants to hear accesses by
     */
    public ControlPlane(LongSupplier ticker, List<AccessListener> listeners) {
        this(ticker, listeners, BudgetTuning.none());
    }

    /**
     * Creates a control plane, without a thread, for caches that do not prefetch and may share a budget.
     * @param ticker the monotonic time in nanoseconds, that of the caches
     * @param listeners what the application wants to hear accesses by
     * @param budget what divides memory among the caches
     */
    public ControlPlane(LongSupplier ticker, List<AccessListener> listeners, BudgetTuning budget) {
        this(
                true,
                ticker,
                listeners,
                null,
                task -> {
                    throw new RejectedExecutionException();
                },
                budget);
    }

    /**
     * Creates a control plane, without a thread.
     * @param ticker the monotonic time in nanoseconds, that of the caches
     * @param listeners what the application wants to hear accesses by
     * @param sessions whose accesses follow each other, or null for those of a thread
     * @param prefetches runs prefetches; bounded, and rejects what is too much
     */
    public ControlPlane(
            LongSupplier ticker,
            List<AccessListener> listeners,
            @Nullable SessionResolver sessions,
            Executor prefetches) {
        this(ticker, listeners, sessions, prefetches, BudgetTuning.none());
    }

    /**
     * Creates a control plane, without a thread, for caches that may share a budget.
     * @param ticker the monotonic time in nanoseconds, that of the caches
     * @param listeners what the application wants to hear accesses by
     * @param sessions whose accesses follow each other, or null for those of a thread
     * @param prefetches runs prefetches; bounded, and rejects what is too much
     * @param budget what divides memory among the caches
     */
    public ControlPlane(
            LongSupplier ticker,
            List<AccessListener> listeners,
            @Nullable SessionResolver sessions,
            Executor prefetches,
            BudgetTuning budget) {
        this(true, ticker, listeners, sessions, prefetches, budget);
    }

    private ControlPlane(
            boolean on,
            LongSupplier ticker,
            List<AccessListener> listeners,
            @Nullable SessionResolver sessions,
            Executor prefetches,
            BudgetTuning budget) {
        this.on = on;
        this.budget = budget;
        this.sessions = new Sessions(sessions, failures::increment);
        this.prefetches = prefetches;
        this.ticker = ticker;
        this.loop = new ControlLoop(ticker, daemon("tinyllm-cache-control"));
        this.listeners = IntStream.range(0, listeners.size())
                .mapToObj(i -> new ListenerFeed(listeners.get(i), daemon("tinyllm-cache-listener-" + (i + 1))))
                .toList();
    }

    /** A control plane that watches no cache. */
    public static ControlPlane off() {
        return new ControlPlane(false, () -> 0, List.of(), null, task -> {}, BudgetTuning.none());
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Returns what a new cache records its accesses in. */
    AccessRecorder recorder(
            CacheDefinition definition,
            MemoryTier memory,
            CacheCounters counters,
            CacheTuning tuning,
            @Nullable CacheDemand demand,
            LongFunction<MemoryTier> miniatures,
            ToLongFunction<Object> weigher) {
        if (!on) {
            return AccessRecorder.none();
        }
        String name = definition.name();
        AnalyticsSettings settings = definition.settings().getAnalytics();
        List<AccessConsumer> consumers = new ArrayList<>();
        if (settings.isEnabled()) {
            CacheAnalytics learning =
                    new CacheAnalytics(memory, counters, ticker, Clock.systemUTC(), settings.getHotKeys());
            analytics.put(name, learning);
            loop.every("The history of cache '" + name + "'", HISTORY_NANOS, learning::advance);
            consumers.add(learning);
        }
        List<AccessConsumer> tuners = tuning.consumers();
        if (!tuners.isEmpty()) {
            tunings.put(name, tuning);
            consumers.addAll(tuners);
            loop.every("The tuning of cache '" + name + "'", TUNING_NANOS, tuning::stepIfDue);
        }
        if (demand != null) {
            demands.put(name, demand);
            consumers.add(demand);
            if (budget.includes(definition)) {
                budget.join(definition, memory, demand, miniatures);
                divide();
            } else {
                loop.every("The worth of memory of cache '" + name + "'", TUNING_NANOS, demand::stepIfDue);
            }
        }
        consumers.addAll(listeners);
        return consumers.isEmpty()
                ? AccessRecorder.none()
                : loop.watch(name, tuning.prefetch() == null ? AccessBuffer.NO_SESSIONS : sessions, consumers, weigher);
    }

    private void divide() {
        if (dividing.compareAndSet(false, true)) {
            loop.every("The budget of memory", TUNING_NANOS, budget::stepIfDue);
        }
    }

    /** Creates what says what memory is worth to a new cache, null where nobody wants to know. */
    @Nullable
    CacheDemand demand(
            CacheDefinition definition,
            MemoryTier memory,
            CacheCounters counters,
            CacheTuning tuning,
            ToLongFunction<@Nullable Object> weigher) {
        AnalyticsSettings settings = definition.settings().getAnalytics();
        boolean shares = budget.includes(definition);
        if (!on || !memory.exists() || !shares && !(settings.isEnabled() && settings.isMemoryWorth())) {
            return null;
        }
        return new CacheDemand(
                definition.name(),
                memory,
                counters,
                shares ? null : tuning.size(),
                weigher,
                definition.settings().getSizeTuner().getInterval(),
                Clock.systemUTC(),
                shares ? budget : new Object());
    }

    /** Returns what divides memory among the caches. */
    public BudgetTuning budget() {
        return budget;
    }

    /**
     * Returns what memory is worth to a cache.
     * @param name the cache
     * @return that, or null where nobody knows
     */
    public CacheDemand.@Nullable Worth worth(String name) {
        CacheDemand demand = demands.get(name);
        return demand == null ? null : demand.worth();
    }

    /**
     * Makes everything that tunes a cache decide now, the budget for all its caches.
     * @param name the cache
     */
    public void stepNow(String name) {
        catchUp();
        CacheTuning tuning = tunings.get(name);
        if (tuning != null) {
            tuning.stepNow();
        }
        if (budget.report(name) != null) {
            budget.stepNow();
        } else {
            CacheDemand demand = demands.get(name);
            if (demand != null) {
                demand.stepNow();
            }
        }
    }

    /** Creates the prefetcher of a new cache. */
    Prefetcher prefetcher(PrefetchTarget target, PrefetchOptions options) {
        return new Prefetcher(
                target,
                options,
                prefetches,
                ticker,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Begins no more prefetches, until told otherwise. */
    public void stopPrefetching() {
        tunings.values().forEach(CacheTuning::stopPrefetching);
    }

    /** Begins prefetches again. */
    public void resumePrefetching() {
        tunings.values().forEach(CacheTuning::resumePrefetching);
    }

    /**
     * Returns the analytics of a cache.
     * @param name the cache
     * @return its analytics, or null where they are off
     */
    public @Nullable CacheAnalytics analytics(String name) {
        return analytics.get(name);
    }

    /**
     * Returns the tuners of a cache.
     * @param name the cache
     * @return its tuning, or null where nothing of it is tuned
     */
    public @Nullable CacheTuning tuning(String name) {
        return tunings.get(name);
    }

    /** Makes what is known include what has just happened, as far as that takes no time. */
    public void catchUp() {
        loop.catchUp();
    }

    /** Counts a failure of something that watches. */
    public void failed() {
        failures.increment();
    }

    /** Returns how often something that watches or learns has failed. */
    public long failures() {
        return loop.failures() + failures.sum();
    }

    /** Returns how often listeners have failed. */
    public long listenerFailures() {
        return listeners.stream().mapToLong(ListenerFeed::failures).sum();
    }

    /** Returns how many accesses listeners did not hear of because they were too slow. */
    public long listenerDrops() {
        return listeners.stream().mapToLong(ListenerFeed::dropped).sum();
    }

    /** Ends its threads. */
    @Override
    public void close() {
        stopPrefetching();
        loop.close();
        listeners.forEach(ListenerFeed::close);
    }
}
