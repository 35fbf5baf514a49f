package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.EntryCodec;
import io.tinyllm.cache.codec.Envelope.Stamp;
import io.tinyllm.cache.codec.Fault;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.UnsupportedKeyException;
import io.tinyllm.cache.codec.UnsupportedValueException;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TaggedValue;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The remote tier of one cache: objects over a {@link RemoteStore} of bytes. Every operation has a deadline and a place
 * under the {@link BackendGuard} of its backend, and fails with {@link RemoteFailure}. A write that fails or does not
 * end in time is remembered, and the store's entry of its key is not read until a later write of the key, at least its
 * deletion, has arrived. What cannot be decoded is a miss and counted. Thread-safe.
 */
public final class GuardedRemoteTier implements ReplicaTier {

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);
    private static final CompletableFuture<@Nullable Void> DONE = CompletableFuture.completedFuture(null);
    private static final Write NOTHING = () -> DONE;

    /** How much memory the keys of a minute's changes may take. */
    private static final long RECENT_BYTES = Runtime.getRuntime().maxMemory() / 256;

    private final String cacheName;
    private final RemoteStore store;
    private final BackendGuard guard;
    private final KeyCodec keys;
    private final EntryCodec entries;
    private final TierOptions options;
    private final long timeoutNanos;
    private final Executor executor;
    private final LongSupplier ticker;
    private final Deadlines deadlines;
    private final RecoveryLog<String> missed;
    private final RecentChanges recent;
    private final Repairs repairs;
    private final NotShared notShared;
    private final KeyNews news;

    /** Whether the store may hold an entry, as far as this JVM knows. */
    private volatile boolean filled;

    /**
     * @param cacheName the cache
     * @param store keeps its bytes
     * @param guard of the store's backend
     * @param keys encodes keys
     * @param entries encodes values
     * @param options of the cache
     * @param timer gives up what takes too long; never blocked
     * @param executor makes results that no caller blocks for, and runs what depends on them
     * @param ticker the monotonic time in nanoseconds
     * @param notShared takes note of what has no stored form
     */
    public GuardedRemoteTier(
            String cacheName,
            RemoteStore store,
            BackendGuard guard,
            KeyCodec keys,
            EntryCodec entries,
            TierOptions options,
            ScheduledExecutorService timer,
            Executor executor,
            LongSupplier ticker,
            NotShared notShared) {
        this.cacheName = cacheName;
        this.store = store;
        this.guard = guard;
        this.keys = keys;
        this.entries = entries;
        this.options = options;
        this.timeoutNanos = options.timeoutNanos();
        this.executor = executor;
        this.ticker = ticker;
        this.notShared = notShared;
        this.news = new KeyNews(keys, executor, () -> filled = true);
        this.deadlines = new Deadlines(timer, ticker);
        this.missed = new RecoveryLog<>(
                options.maximumMissed(), RecoveryLog.maximumOfHeap(), id -> RecentChanges.OVERHEAD + id.length());
        this.recent = new RecentChanges(ticker, RECENT_BYTES);
        this.repairs = new Repairs(
                missed,
                guard,
                timer,
                // Who heard nothing of the write is to hear of this.
                id -> write(new Address(id), 0, false, store::retract),
                // The keys stay known: what this JVM holds in memory is none of the store's faults.
                () -> clearStore(false));
        guard.onServerChange(this::changeAgain);
        guard.onRecovery(repairs::begin);
    }

    // ---------------------------------------------------------------------------------------------------------- read

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        Address address = address(key);
        if (address == null || !missed.isReadable(address.id())) {
            return MISS;
        }
        long size = address.size(0);
        RemoteFailure refusal = guard.enter(size);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        Read read = new Read(address, size, ticker.getAsLong() + timeoutNanos);
        deadlines.send(read, () -> store.get(address.bytes()));
        return read;
    }

    /** The entry in the bytes of a key, null where there is nothing to be served. */
    private @Nullable RemoteEntry decode(Address address, byte @Nullable [] bytes) {
        // What is empty was put there and removed again, for others to hear.
        if (bytes == null || bytes.length == 0 || !missed.isReadable(address.id())) {
            return null;
        }
        filled = true;
        EntryCodec.Entry entry = entries.read(cacheName, address.encoded(), bytes);
        Stamp stamp = entry.stamp();
        if (stamp == null) {
            guard.count(BackendGuard.undecodable(Objects.requireNonNullElse(entry.fault(), Fault.UNREADABLE)));
            if (entry.fault() == Fault.KEY_MISMATCH) {
                store.answersAnother();
            }
            return null;
        }
        if (stamp.isForEver()) {
            return new RemoteEntry(entry.value(), CacheEntry.NEVER, options.source());
        }
        long remaining = stamp.remainingMillis(store.currentTimeMillis(stamp.createdMillis()));
        return remaining <= 0
                ? null
                : new RemoteEntry(entry.value(), TimeUnit.MILLISECONDS.toNanos(remaining), options.source());
    }

    // --------------------------------------------------------------------------------------------------------- write

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        return prepareFor(key, value, TierOptions.millis(ttlNanos), false, store::retract);
    }

    @Override
    public Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        return prepareFor(key, value, TierOptions.millis(ttlNanos), true, store::delete);
    }

    @Override
    public Write prepareCopy(Object key, @Nullable Object value, long remainingNanos) {
        return prepareFor(key, value, TierOptions.millis(remainingNanos), false, store::delete);
    }

    /**
     * Prepares a write.
     * @param loaded whether it is the result of a load
     * @param otherwise what is done where the value has no stored form
     */
    private Write prepareFor(
            Object key,
            @Nullable Object value,
            long ttlMillis,
            boolean loaded,
            Function<byte[], CompletableFuture<?>> otherwise) {
        Address address;
        try {
            address = addressOf(key);
        } catch (UnsupportedKeyException e) {
            notShared.refused(cacheName, key, e);
            return NOTHING;
        }
        byte[] bytes;
        try {
            bytes = entries.write(cacheName, address.encoded(), value, Stamp.of(store.currentTimeMillis(), ttlMillis));
        } catch (UnsupportedValueException e) {
            guard.count(BackendGuard.ENCODE);
            notShared.refused(cacheName, TaggedValue.unwrap(value), e);
            return () -> write(address, 0, loaded, otherwise);
        }
        long kept = options.keptMillis(ttlMillis);
        return new Write() {
            @Override
            public CompletableFuture<?> send() {
                filled = true;
                return write(address, bytes.length, loaded, id -> store.set(id, bytes, kept));
            }

            @Override
            public CompletableFuture<?> sendIfAbsent() {
                return offer(address, bytes, kept);
            }
        };
    }

    /** Sends what changes nothing that the store has: where it fails there is nothing to remember. */
    private CompletableFuture<?> offer(Address address, byte[] value, long kept) {
        news.inUse(address);
        if (!missed.isReadable(address.id())) {
            return DONE;
        }
        filled = true;
        Offer offer = new Offer(guard, executor, address.size(value.length), ticker.getAsLong() + timeoutNanos);
        return offer.send(deadlines, () -> store.setIfAbsent(address.bytes(), value, kept));
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        Address address = address(key);
        return address == null ? DONE : write(address, 0, false, store::retract);
    }

    @Override
    public CompletableFuture<?> removeLoaded(Object key) {
        Address address = address(key);
        return address == null ? DONE : write(address, 0, true, store::delete);
    }

    /** Sends a write. What a load brings ({@code loaded}) makes nothing obsolete that the store may hold. */
    private CompletableFuture<?> write(
            Address address, int length, boolean loaded, Function<byte[], CompletableFuture<?>> sending) {
        news.inUse(address); // again: all may have been cleared since it was prepared
        if (!loaded) {
            recent.add(address.id());
        }
        long number = missed.begin(address.id());
        long size = address.size(length);
        RemoteFailure refusal = guard.enter(size);
        if (refusal != null) {
            failed(address.id(), number, loaded);
            return CompletableFuture.failedFuture(refusal);
        }
        Change change = new Change(address.id(), number, size, loaded, ticker.getAsLong() + timeoutNanos, false);
        deadlines.send(change, () -> sending.apply(address.bytes()));
        return change;
    }

    private void failed(String id, long number, boolean loaded) {
        // Before the first connection a load knows no better than who has written what the store holds.
        if (!loaded || guard.hasConnected()) {
            missed.failed(id, number);
            repairs.beginLater();
        }
    }

    @Override
    public CompletableFuture<?> clear() {
        news.forget();
        boolean held = filled;
        filled = false;
        recent.addAll();
        return clearStore(held);
    }

    private CompletableFuture<?> clearStore(boolean held) {
        Change change = new Change(null, missed.beginClear(), 0, false, ticker.getAsLong() + timeoutNanos, held);
        // Not refused by the guard: the store forgets its entries for this JVM at once, reached or not.
        guard.enterAnyway();
        deadlines.send(change, store::clear);
        return change;
    }

    // -------------------------------------------------------------------------------------- writes that did not arrive

    @Override
    public String backend() {
        return guard.name();
    }

    @Override
    public boolean isUsable() {
        return guard.isUsable();
    }

    @Override
    public void onStateChange(Runnable observer) {
        guard.onStateChange(observer);
    }

    @Override
    public boolean hasConnected() {
        return guard.hasConnected();
    }

    /** Returns whether the store's entries of some keys are not read, since a write of them did not arrive. */
    @Override
    public boolean isCatchingUp() {
        return !missed.isEmpty();
    }

    @Override
    public long weigh(Object key) {
        try {
            return RecentChanges.OVERHEAD + keys.encode(key).length;
        } catch (UnsupportedKeyException neverSent) {
            return RecentChanges.OVERHEAD;
        }
    }

    /** Returns how many keys have a write that did not arrive. */
    public int missedWrites() {
        return missed.size();
    }

    /**
     * Makes unreadable what was changed here lately, until it is deleted: the server is another than before, or was
     * started anew, and may have less than was acknowledged.
     */
    private void changeAgain() {
        recent.makeMissed(missed);
        repairs.beginLater();
    }

    // ---------------------------------------------------------------------------------------------- changes of others

    @Override
    public void onInvalidation(InvalidationListener listener) {
        news.tell(listener);
        store.onChange(news);
    }

    @Override
    public void heldHere(Object key) {
        address(key);
    }

    // ------------------------------------------------------------------------------------------------------- addresses

    /** Where a key is stored, or null where it cannot leave this JVM. */
    private @Nullable Address address(Object key) {
        try {
            return addressOf(key);
        } catch (UnsupportedKeyException e) {
            return null;
        }
    }

    private Address addressOf(Object key) {
        byte[] encoded;
        try {
            encoded = keys.encode(key);
        } catch (UnsupportedKeyException e) {
            guard.count(BackendGuard.ENCODE);
            throw e;
        }
        Address address = new Address(encoded, key);
        news.inUse(address);
        return address;
    }

    private final class Read extends Operation<byte[], RemoteEntry> {

        private final Address address;
        private final long size;

        Read(Address address, long size, long deadlineNanos) {
            super(executor, deadlineNanos);
            this.address = address;
            this.size = size;
        }

        @Override
        void released() {
            guard.release(size);
        }

        @Override
        void ended(@Nullable RemoteFailure failure) {
            guard.leave(failure);
        }

        @Override
        @Nullable
        RemoteEntry result(byte @Nullable [] reply) {
            return decode(address, reply);
        }
    }

    /** A write of one key, or of all where there is no key. */
    private final class Change extends Operation<Object, Boolean> {

        private final @Nullable String id;
        private final long number;
        private final long size;
        private final boolean loaded;
        private final boolean held;

        /**
         * @param loaded whether it is the result of a load
         * @param held whether it is known to remove something, whatever the store answers
         */
        Change(@Nullable String id, long number, long size, boolean loaded, long deadlineNanos, boolean held) {
            super(executor, deadlineNanos);
            this.size = size;
            this.loaded = loaded;
            this.held = held;
            this.id = id;
            this.number = number;
        }

        @Override
        void released() {
            guard.release(size);
        }

        @Override
        void ended(@Nullable RemoteFailure failure) {
            guard.leave(failure);
            if (failure == null) {
                arrived();
                return;
            }
            if (id == null) {
                missed.clearFailed(number);
                repairs.beginLater();
            } else {
                GuardedRemoteTier.this.failed(id, number, loaded);
            }
        }

        @Override
        void arrived() {
            if (id == null) {
                missed.clearArrived(number);
            } else {
                missed.arrived(id, number);
            }
        }

        @Override
        @Nullable
        Boolean result(@Nullable Object reply) {
            return held || Boolean.TRUE.equals(reply);
        }
    }
}
