package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.Moment;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, from its look at the lower tiers to its end, as the data plane knows it. Its place in the
 * in-flight table belongs to {@link SingleFlight}. Thread-safe.
 */
final class Flight {

    /** For whom a key is loaded. */
    enum Purpose {
        /** A caller, who is counted. */
        REQUEST,
        /** A load that asks for its own key while it runs: part of its request. Not {@code LoadGate.Kind.NESTED}. */
        NESTED,
        /** Readers to come, in place of an entry that is getting old. */
        REFRESH,
        /** Nobody has asked for the key: its entry is staged until somebody does. */
        STAGING;

        boolean isBackground() {
            return this == REFRESH || this == STAGING;
        }
    }

    private final Object key;
    private final Purpose purpose;
    private final long startedNanos;
    private final LoadGate.Kind kind;

    /** Where the local tier holds the entry until somebody asks for it, null where somebody has. */
    private final @Nullable BiConsumer<Object, CacheEntry> staging;

    /** Ends as the flight does: with the entry that it has, without one, or with {@link LoadFailedException}. */
    private final CompletableFuture<@Nullable Answer> result = new CompletableFuture<>();

    /** The thread that runs the load right now, null for a load that goes on without one. */
    private volatile @Nullable Thread owner = Thread.currentThread();

    /** The place of its beginning in the order of evictions by tag. */
    private Moment moment = Moment.FIRST;

    private volatile boolean loading;
    private volatile boolean impatient;
    private volatile boolean storeUnknown;
    private volatile boolean deferred;
    private volatile @Nullable Publication publication;
    private volatile boolean inTurn = true;
    private volatile boolean runsLoader;
    private volatile LoadGate.@Nullable Pass pass;

    /** Whether somebody waits for the result. Guarded by this. */
    private boolean asked;

    /** Watches whoever has to end the load, for {@link ForsakenLoads}, which alone sets it. */
    @Nullable
    Object watch;

    /** The place in the in-flight table; only {@link SingleFlight} and its slots set and read it. */
    @Nullable
    Seat seat;

    Flight(Object key, Purpose purpose, long startedNanos, LoadGate.Kind kind) {
        this(key, purpose, startedNanos, kind, null);
    }

    private Flight(
            Object key,
            Purpose purpose,
            long startedNanos,
            LoadGate.Kind kind,
            @Nullable BiConsumer<Object, CacheEntry> staging) {
        this.key = key;
        this.purpose = purpose;
        this.startedNanos = startedNanos;
        this.kind = kind;
        this.staging = staging;
    }

    /**
     * Makes the flight of a key that nobody has asked for.
     * @param staging stores its entry in the local tier, until somebody asks for it
     */
    static Flight staging(Object key, long startedNanos, BiConsumer<Object, CacheEntry> staging) {
        return new Flight(key, Purpose.STAGING, startedNanos, LoadGate.Kind.BACKGROUND, staging);
    }

    /** Says when the flight begins, before anybody else sees it. */
    Flight at(Moment began) {
        moment = began;
        return this;
    }

    /** Returns the place of its beginning in the order of evictions by tag. */
    Moment moment() {
        return moment;
    }

    Object key() {
        return key;
    }

    Purpose purpose() {
        return purpose;
    }

    long startedNanos() {
        return startedNanos;
    }

    LoadGate.Kind kind() {
        return kind;
    }

    // -------------------------------------------------------------------------------------------------------- its end

    CompletableFuture<@Nullable Answer> result() {
        return result;
    }

    boolean isDone() {
        return result.isDone();
    }

    /** Ends the flight; returns whether it had not ended before. */
    boolean complete(@Nullable Answer answer) {
        owner = null;
        return result.complete(answer);
    }

    /** Ends the flight with a failure; returns whether it had not ended before. */
    boolean completeExceptionally(LoadFailedException failure) {
        owner = null;
        return result.completeExceptionally(failure);
    }

    // ------------------------------------------------------------------------------------------------------ its caller

    /** Makes the load its caller's own. */
    void setPublication(Publication when) {
        publication = when;
    }

    /** Returns when others may see the result; null where the load is everybody's who asks for its key. */
    @Nullable
    Publication publication() {
        return publication;
    }

    /** Returns whether the load is its caller's own. */
    boolean isPrivate() {
        return publication != null;
    }

    /** Returns whether the load has run, and lands when others may see its result. */
    boolean isDeferred() {
        return deferred;
    }

    void markDeferred() {
        deferred = true;
    }

    // -------------------------------------------------------------------------------------------------------- its run

    /** Returns whether the load begins because another took too long: it does not wait for that one any more. */
    boolean isImpatient() {
        return impatient;
    }

    void markImpatient() {
        impatient = true;
    }

    /** Returns whether the store could not tell what it has of the key: the result must not replace that. */
    boolean isStoreUnknown() {
        return storeUnknown;
    }

    void markStoreUnknown() {
        storeUnknown = true;
    }

    /** Returns whether somebody was told to load; before that, lower tiers are read. */
    boolean isLoading() {
        return loading;
    }

    void markLoading() {
        loading = true;
    }

    /** Returns whether the load is the run of a loader that its caller gave to the cache. */
    boolean runsLoader() {
        return runsLoader;
    }

    void markRunsLoader() {
        runsLoader = true;
    }

    @Nullable
    Thread owner() {
        return owner;
    }

    void setOwner(@Nullable Thread thread) {
        owner = thread;
    }

    LoadGate.@Nullable Pass pass() {
        return pass;
    }

    void setPass(LoadGate.Pass pass) {
        this.pass = pass;
    }

    /** Returns whether the load may run, as far as the gate of its cache is concerned. */
    boolean isInTurn() {
        return inTurn;
    }

    void setInTurn(boolean inTurn) {
        this.inTurn = inTurn;
    }

    // -------------------------------------------------------------------------------------------------- who wants it

    /** Returns where to store the entry, null where entries are stored that somebody has asked for. */
    synchronized @Nullable BiConsumer<Object, CacheEntry> place() {
        return asked ? null : staging;
    }

    /** Notes that somebody waits. */
    synchronized void ask() {
        asked = true;
    }

    /** What {@code Slot.Member} is to a flight, which must not know it: they would form a circle. */
    abstract static class Seat {}
}
