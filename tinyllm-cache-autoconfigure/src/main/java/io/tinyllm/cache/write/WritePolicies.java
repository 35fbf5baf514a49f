package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
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
     * The journal and a buffer first, the store later. What an earlier process has left in the journal answers reads
     * when this returns.
     *
     * @param bytes what the unflushed operations of all caches may take
     * @param journals the directory that holds the journals of all caches
     * @param keys writes keys and reads them back
     * @param values writes values and reads them back
     * @param executor runs two tasks, which end when the policy is closed, and two more for each start after that
     * @param nanoTime a ticker, in nanoseconds
     * @throws JournalException if the journal cannot be opened
     */
    public static StoreWriter writeBack(
            String cacheName,
            BackingStore<?, ?> store,
            WriteBackSettings settings,
            DirtyBytes bytes,
            Path journals,
            Fsync fsync,
            KeyCodec keys,
            ValueCodec values,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        return writeBack(
                cacheName,
                store,
                settings,
                bytes,
                journals,
                fsync,
                new CodecOfJournal(cacheName, keys, values),
                executor,
                nanoTime,
                random);
    }

    static StoreWriter writeBack(
            String cacheName,
            BackingStore<?, ?> store,
            WriteBackSettings settings,
            DirtyBytes bytes,
            Path journals,
            Fsync fsync,
            JournalCodec codec,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        Supplier<Journal> opener = () -> JournalOpening.open(
                JournalFiles.open(Disk.local(), journals, cacheName, fsync),
                codec,
                fsync,
                nanoTime,
                FileJournal.WORTH_RENEWING);
        return new WriteBackPolicy(cacheName, untyped(store), settings, bytes, opener, executor, nanoTime, random);
    }

    /**
     * A buffer first, the store later. The end of the process costs what the store has not got yet.
     *
     * @param sizes estimates the bytes of keys and values
     */
    public static StoreWriter writeBackWithoutJournal(
            String cacheName,
            BackingStore<?, ?> store,
            WriteBackSettings settings,
            DirtyBytes bytes,
            ToLongFunction<Object> sizes,
            Executor executor,
            LongSupplier nanoTime,
            RandomGenerator random) {
        return new WriteBackPolicy(
                cacheName, untyped(store), settings, bytes, () -> Journal.none(sizes), executor, nanoTime, random);
    }

    /** The names of the caches that have journals below a directory; the journals are not opened. */
    public static Set<String> journaledCaches(Path journals) {
        return JournalFiles.caches(Disk.local(), journals);
    }

    /** A cache knows the types of its keys and values no better than its callers do. */
    @SuppressWarnings("unchecked")
    private static BackingStore<Object, Object> untyped(BackingStore<?, ?> store) {
        return (BackingStore<Object, Object>) store;
    }
}
