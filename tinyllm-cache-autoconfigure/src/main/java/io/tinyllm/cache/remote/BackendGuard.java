package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.Fault;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The guard of one backend, common to all caches that use it: how many operations are under way and what bytes they
 * take, whether it is better left alone, what went wrong. While it is left alone a probe tries it every second; no
 * caller ever waits for that. Thread-safe.
 */
public final class BackendGuard {

    /** How many operations may be under way at a time unless told otherwise. */
    public static final int DEFAULT_IN_FLIGHT = 1024;

    /** The part of the heap that the bytes of operations under way may take. */
    private static final int PART_OF_HEAP = 16;

    /** The detail of a backend of which nothing is known yet. */
    public static final String CONNECTING = "connecting";

    /** The reason of what could not be written: its key or its value has no stored form. */
    static final String ENCODE = "encode";

    /** The reason of a generation of a cache that could not be learned in time. */
    public static final String GENERATION = "generation";

    /** The reason of a change by another that could not be told to its cache. */
    public static final String NEWS = "news";

    private static final Log log = LogFactory.getLog(BackendGuard.class);
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a backend counts as refusing after it has refused something: others may be well in between. */
    private static final long REFUSING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String name;
    private final String address;
    private final int maximumInFlight;
    private final long maximumBytes;
    private final ScheduledExecutorService timer;
    private final Supplier<? extends CompletableFuture<?>> probe;
    private final CircuitBreaker breaker;
    private final LongSupplier ticker;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** What is held until the backend, or its connection, is done with it: longer than anybody waits. */
    private final AtomicLong bytes = new AtomicLong();

    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final List<Runnable> recoveries = new CopyOnWriteArrayList<>();
    private final List<Runnable> observers = new CopyOnWriteArrayList<>();
    private final List<Runnable> serverChanges = new CopyOnWriteArrayList<>();
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile boolean connected;
    private volatile boolean everConnected;
    private volatile String detail = CONNECTING;
    private boolean told;

    /** Why the backend has refused a command last, null where that is long ago. */
    private volatile @Nullable String refusal;

    private volatile long refusedNanos;

    /**
     * A guard of a backend that is not connected yet, see {@link #connected}.
     * @param name of the backend
     * @param maximumInFlight how many operations may be under way at a time
     * @param timer runs probes, which do not block
     * @param ticker the monotonic time in nanoseconds
     * @param probe asks the backend for a sign of life, within a deadline of its own
     */
    public BackendGuard(
            String name,
            int maximumInFlight,
            ScheduledExecutorService timer,
            LongSupplier ticker,
            Supplier<? extends CompletableFuture<?>> probe) {
        this(name, "", maximumInFlight, maximumOfHeap(), timer, ticker, probe);
    }

    /**
     * A guard of a backend whose address is known.
     * @param name of the backend
     * @param address where it is, without credentials
     * @param maximumInFlight how many operations may be under way at a time
     * @param maximumBytes how many bytes they may take; one alone may take more
     * @param timer runs probes, which do not block
     * @param ticker the monotonic time in nanoseconds
     * @param probe asks the backend for a sign of life, within a deadline of its own
     */
    public BackendGuard(
            String name,
            String address,
            int maximumInFlight,
            long maximumBytes,
            ScheduledExecutorService timer,
            LongSupplier ticker,
            Supplier<? extends CompletableFuture<?>> probe) {
        this.name = name;
        this.address = address;
        this.maximumInFlight = maximumInFlight;
        this.maximumBytes = maximumBytes;
        this.timer = timer;
        this.probe = probe;
        this.breaker = new CircuitBreaker(ticker);
        this.ticker = ticker;
    }

    /** The bytes that operations may take at a time unless told otherwise: a sixteenth of the heap. */
    public static long maximumOfHeap() {
        return Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    }

    /** The name of the backend. */
    public String name() {
        return name;
    }

    /** Returns the state of the backend. */
    public BackendHealth health() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((reason, count) -> counts.put(reason, count.sum()));
        String refused = refusal();
        String how = connected && refused != null ? detail + ", but refusing commands (" + refused + ")" : detail;
        return new BackendHealth(name, address, state(), how, inFlight.get(), counts);
    }

    /** Returns whether there has been a connection at all. */
    public boolean hasConnected() {
        return everConnected;
    }

    /** Returns the state of the backend, as it was last seen. */
    public State state() {
        if (!connected) {
            return State.DISCONNECTED;
        }
        if (breaker.isOpen()) {
            return State.BREAKER_OPEN;
        }
        return refusal() == null ? State.UP : State.REFUSING;
    }

    private @Nullable String refusal() {
        return ticker.getAsLong() - refusedNanos < REFUSING_NANOS ? refusal : null;
    }

    /** Returns the reasons that are counted: why operations failed, why bytes were no entry, and what came besides. */
    public static List<String> reasons() {
        List<String> reasons = new ArrayList<>(List.of(ENCODE, GENERATION, NEWS));
        for (RemoteFailure.Reason reason : RemoteFailure.Reason.values()) {
            reasons.add(reason.tag());
        }
        for (Fault fault : Fault.values()) {
            reasons.add(undecodable(fault));
        }
        return List.copyOf(reasons);
    }

    /** Returns the reason that stands for bytes that are no entry. */
    static String undecodable(Fault fault) {
        return "decode:" + fault.name().toLowerCase(Locale.ROOT);
    }

    /** Returns how often something went wrong for this reason. */
    public long errors(String reason) {
        LongAdder count = errors.get(reason);
        return count == null ? 0 : count.sum();
    }

    /** Adds an action for every change of the state; it is short. */
    public void onStateChange(Runnable observer) {
        observers.add(observer);
    }

    /** Adds an action for when the backend can be used again; it is short. */
    void onRecovery(Runnable action) {
        recoveries.add(action);
    }

    /** Adds an action for when another server may have taken the place of the one before; it is short. */
    void onServerChange(Runnable action) {
        serverChanges.add(action);
    }

    /** Says that another server has taken the place of the one before, or that it was started anew. */
    public void serverChanged() {
        serverChanges.forEach(Runnable::run);
    }

    /** Says that the backend has answered a command with a refusal. */
    public void refused(RemoteFailure failure) {
        if (failure.reason() != Reason.DENIED && failure.reason() != Reason.ERROR) {
            return;
        }
        String cause = String.valueOf(failure.getMessage());
        boolean news;
        synchronized (this) {
            news = !cause.equals(refusal());
            refusal = cause;
            refusedNanos = ticker.getAsLong();
        }
        if (news) {
            log.warn("Backend '" + name + "' of the cache" + place() + " refuses commands (" + cause
                    + "); what it refuses is not shared");
            changed();
        }
    }

    /** As {@link #enter(long)} for an operation that takes no bytes to speak of. */
    @Nullable
    RemoteFailure enter() {
        return enter(0);
    }

    /**
     * Takes the place of an operation, which {@link #leave} frees, and bytes, which {@link #release} gives back;
     * answers why not.
     */
    @Nullable
    RemoteFailure enter(long size) {
        if (breaker.isOpen()) {
            return refuse(Reason.BREAKER, "The circuit breaker is open");
        }
        if (inFlight.incrementAndGet() > maximumInFlight) {
            inFlight.decrementAndGet();
            return refuse(Reason.REJECTED, "Too many operations are under way");
        }
        if (size > 0) {
            long taken = bytes.addAndGet(size);
            if (taken > maximumBytes && taken > size) {
                bytes.addAndGet(-size);
                inFlight.decrementAndGet();
                return refuse(Reason.REJECTED, "Operations with too many bytes are under way");
            }
        }
        return null;
    }

    /** Takes the place of an operation that is not refused. */
    void enterAnyway() {
        inFlight.incrementAndGet();
    }

    /** Gives back the bytes of an operation, of which nothing is held any more. */
    void release(long size) {
        if (size > 0) {
            bytes.addAndGet(-size);
        }
    }

    /** Returns how many bytes are taken. */
    long bytes() {
        return bytes.get();
    }

    /** Returns whether operations are not refused as such. */
    boolean isUsable() {
        return connected && !breaker.isOpen();
    }

    private RemoteFailure refuse(Reason reason, String message) {
        count(reason.tag());
        return new RemoteFailure(reason, message);
    }

    /** Frees the place of an operation that has ended. */
    void leave(@Nullable RemoteFailure failure) {
        inFlight.decrementAndGet();
        if (failure == null) {
            breaker.succeeded();
            return;
        }
        count(failure.reason().tag());
        refused(failure);
        if (failure.reason().isTripping() && breaker.failed()) {
            log.warn("Backend '" + name + "' of the cache" + place() + " is failing (" + failure.reason()
                    + ") and left alone until it answers again");
            changed();
            scheduleProbe();
        }
    }

    /**
     * Counts something that went wrong.
     * @param reason one of {@link #reasons()}
     */
    public void count(String reason) {
        errors.computeIfAbsent(reason, r -> new LongAdder()).increment();
    }

    /**
     * Says whether there is a connection. A new one is a new chance: it closes the breaker, and writes that did not
     * arrive are made good.
     * @param now whether there is one
     * @param how in a few words
     */
    public void connected(boolean now, String how) {
        synchronized (this) {
            boolean news = !told || connected != now;
            boolean anotherCause = !now && !how.equals(detail);
            told = true;
            connected = now;
            everConnected |= now;
            refusal = null;
            detail = how;
            if (news && now) {
                log.info("Backend '" + name + "' of the cache" + place() + " is connected (" + how + ")");
            } else if (news || anotherCause) {
                log.warn("Backend '" + name + "' of the cache" + place() + " has no connection (" + how
                        + "); the caches go on without it, and join it once it is there");
            }
            if (!news && !now) {
                return;
            }
        }
        changed();
        if (now) {
            answered();
        }
    }

    /** Says that the backend has answered a probe. */
    private void answered() {
        if (breaker.close()) {
            log.info("Backend '" + name + "' of the cache answers again");
            changed();
        }
        recoveries.forEach(Runnable::run);
    }

    private String place() {
        return address.isEmpty() ? "" : " at " + address;
    }

    private void changed() {
        observers.forEach(Runnable::run);
    }

    private void scheduleProbe() {
        if (probing.compareAndSet(false, true)) {
            try {
                timer.schedule(this::probe, PROBE_NANOS, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                probing.set(false);
            }
        }
    }

    private void probe() {
        probe.get().whenComplete((answer, failure) -> {
            probing.set(false);
            if (failure == null) {
                answered();
            }
            if (breaker.isOpen()) {
                scheduleProbe();
            }
        });
    }
}
