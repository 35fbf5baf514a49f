package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Makes the write policies. */
public final class WritePolicies {

    private WritePolicies() {}

    /** The store first, then the tiers. What the store throws reaches the caller. */
    public static StoreWriter writeThrough(BackingStore<?, ?> store) {
        return new StoreFirstPolicy("write-through", untyped(store), true);
    }

    /** The store first, then the tiers forget the key. What the store throws reaches the caller. */
    public static StoreWriter writeAround(BackingStore<?, ?> store) {
        return new StoreFirstPolicy("write-around", untyped(store), false);
    }

    /**
     * The journal and a buffer first, the store later. What an earlier process has left in the journal answers reads when
     * this returns.
     *
     * @param journals the directory that holds the journals of all caches
     * @param executor runs one task, which ends when the policy is closed
     * @param nanoTime a ticker, in nanoseconds
     * @throws JournalException if the journal cannot be opened
     */
    public static StoreWriter writeBack(
            String cacheName,
            BackingStore<?, ?> store,
            WriteBackSettings settings,
            Path journals,
            Fsync fsync,
            JournalCodec codec,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        Journal journal = FileJournal.open(
                JournalDirectory.of(journals, cacheName),
                codec,
                fsync,
                nanoTime,
                JournalFile::open,
                FileJournal.WORTH_REWRITING);
        return new WriteBackPolicy(cacheName, untyped(store), settings, journal, executor, nanoTime, random);
    }

    /** A buffer first, the store later. The end of the process costs what the store has not got yet. */
    public static StoreWriter writeBackWithoutJournal(
            String cacheName,
            BackingStore<?, ?> store,
            WriteBackSettings settings,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        return new WriteBackPolicy(cacheName, untyped(store), settings, Journal.none(), executor, nanoTime, random);
    }

    /** A cache knows the types of its keys and values no better than its callers do. */
    @SuppressWarnings("unchecked")
    private static BackingStore<Object, Object> untyped(BackingStore<?, ?> store) {
        return (BackingStore<Object, Object>) store;
    }
}
