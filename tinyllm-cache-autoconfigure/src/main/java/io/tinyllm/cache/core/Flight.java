package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key in progress. Its leader ends it by exactly one of {@link #publish}, {@link #finish},
 * {@link #fail} and {@link #abandon}; whatever comes after the first of these is ignored, so that cleaning up twice does
 * no harm. Thread-safe.
 *
 * <p>A put, an evict or a clear of the key takes the flight out of the cache's books: its result still answers those
 * who wait for it, but is not stored.
 */
public final class Flight {

    private final TieredCache cache;
    private final Object key;
    private final long startedNanos;
    private final boolean background;

    /** Whether nobody has asked for the key. */
    private final boolean prefetch;

    /** What kept a prefetch from its value. Written before the result. */
    private @Nullable Throwable prefetchFailure;

    /** How those who wait are answered. Written before the result. */
    private Outcome answer = Outcome.MISS;

    /** Whether a caller was told to load. */
    private volatile boolean led;

    private final CompletableFuture<@Nullable CacheEntry> result = new CompletableFuture<>();

    /** The thread that runs the load right now, null for a load that goes on without one. */
    private volatile @Nullable Thread owner = Thread.currentThread();

    /** Whether a waiter gave up: the next caller loads anew. */
    private volatile boolean overdue;

    /** Starts a load that was promised but waits for somebody to want it, null where it runs already. */
    private @Nullable Runnable starter;

    /** Whether somebody waits for the result. Guarded by this, as the starter is. */
    private boolean wanted;

    /** The flight that stands in the books for this one: itself, unless single flight is off. Guarded by the books. */
    Flight booked = this;

    /** How many flights this one stands for. Guarded by the books. */
    int members = 1;

    /** Whether what was read of the key in a lower tier may be outdated by now. Guarded by the books. */
    boolean suspect;

    /** Whether this flight, or one that it stands for, has begun to load. */
    volatile boolean loading;

    Flight(TieredCache cache, Object key, long startedNanos, boolean background) {
        this(cache, key, startedNanos, background, false);
    }

    private Flight(TieredCache cache, Object key, long startedNanos, boolean background, boolean prefetch) {
        this.cache = cache;
        this.key = key;
        this.startedNanos = startedNanos;
        this.background = background;
        this.prefetch = prefetch;
    }

    /** A load of a key that nobody has asked for. */
    static Flight prefetch(TieredCache cache, Object key, long startedNanos) {
        return new Flight(cache, key, startedNanos, true, true);
    }

    /** The key being loaded. */
    public Object key() {
        return key;
    }

    /** The cache it is loaded for. */
    public TieredCache cache() {
        return cache;
    }

    /**
     * The result to come: an entry, null where the flight ends without one, {@link LoadFailedException} where the load
     * fails. The caller may do with the future as it likes.
     */
    public CompletableFuture<@Nullable CacheEntry> toFuture() {
        return result.copy();
    }

    /** Whether the flight has ended. */
    public boolean isDone() {
        return result.isDone();
    }

    /**
     * Ends the flight with a value, which is stored unless something newer happened to the key.
     * @param value the value, may be null
     * @return the entry that answers the waiters
     */
    public CacheEntry publish(@Nullable Object value) {
        return cache.publish(this, value);
    }

    /**
     * Ends the flight with a value that answers the waiters and is not stored.
     * @param value the value, may be null
     */
    public void finish(@Nullable Object value) {
        cache.finish(this, value);
    }

    /**
     * Ends the flight with the exception of its load, for the waiters too, unless a stale value stands in.
     * @param failure what the load threw
     * @return the stale entry that answers the leader and the waiters instead, or null
     */
    public @Nullable CacheEntry fail(Throwable failure) {
        return cache.fail(this, failure);
    }

    /** Ends the flight without a result: whoever waits looks again and may load. */
    public void abandon() {
        cache.abandon(this);
    }

    /** Says that the load goes on without the calling thread, which may now ask for the same key. */
    public void releaseThread() {
        owner = null;
    }

    /** Says that the calling thread runs the load from now on. */
    public void takeThread() {
        owner = Thread.currentThread();
    }

    /**
     * Says that the load starts only when somebody wants its result.
     * @param starter starts it; called at most once, by the first waiter
     */
    public void startLater(Runnable starter) {
        boolean now;
        synchronized (this) {
            now = wanted;
            this.starter = now ? null : starter;
        }
        if (now) {
            starter.run();
        }
    }

    /** Starts a load that was waiting to be wanted. */
    void startIfWaiting() {
        Runnable runnable;
        synchronized (this) {
            wanted = true;
            runnable = starter;
            starter = null;
        }
        if (runnable != null) {
            runnable.run();
        }
    }

    @Nullable
    Thread owner() {
        return owner;
    }

    boolean isOverdue() {
        return overdue;
    }

    void markOverdue() {
        overdue = true;
    }

    long startedNanos() {
        return startedNanos;
    }

    CompletableFuture<@Nullable CacheEntry> result() {
        return result;
    }

    Outcome answer() {
        return answer;
    }

    /** Notes that a caller was told to load. */
    void markLed() {
        led = true;
        booked.loading = true;
    }

    boolean isBackground() {
        return background;
    }

    /** Whether a caller's request ends with this flight, and is not the cache's own. */
    boolean isLedByCaller() {
        return led && !background;
    }

    boolean isPrefetch() {
        return prefetch;
    }

    /** Whether nobody has asked for the key so far. */
    boolean isUnproven() {
        if (!prefetch) {
            return false;
        }
        synchronized (this) {
            return !wanted;
        }
    }

    /** Ends a prefetch without a value: whoever waits looks again and may load. */
    boolean completeFailed(Throwable failure) {
        if (!result.isDone()) {
            prefetchFailure = failure;
        }
        return complete(null);
    }

    /** What kept a prefetch that has ended from its value, or null. */
    @Nullable
    Throwable prefetchFailure() {
        return prefetchFailure;
    }

    boolean complete(@Nullable CacheEntry entry, Outcome outcome) {
        if (!result.isDone()) {
            answer = outcome;
        }
        return complete(entry);
    }

    boolean complete(@Nullable CacheEntry entry) {
        owner = null;
        return result.complete(entry);
    }

    boolean completeExceptionally(LoadFailedException failure) {
        owner = null;
        return result.completeExceptionally(failure);
    }
}
