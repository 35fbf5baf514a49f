package io.tinyllm.cache.assembly;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.core.port.WritePolicy;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.WriteSettings;
import io.tinyllm.cache.write.DirtyBytes;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteBackSettings;
import io.tinyllm.cache.write.WritePolicies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes the write policies of caches over the stores of the application, and keeps them. Thread-safe. */
public final class StoreWriters {

    private static final int MAXIMUM_DEAD_LETTERS = 1_000;
    private static final long SMALL = 1024;

    private final List<BackingStore<?, ?>> stores;
    private final Path journals;
    private final Supplier<@Nullable Codecs> codecs;
    private final DirtyBytes bytes;
    private final LongSupplier ticker;
    private final BiFunction<Runnable, String, Thread> threads;
    private final Map<String, StoreWriter> writers = new ConcurrentHashMap<>();

    /**
     * Creates a factory.
     * @param stores the stores
     * @param journals the directory of the journals
     * @param codecs encodes what journals hold, null where the means are missing
     * @param maximumDirtyBytes the most bytes of unflushed values of all caches together
     * @param ticker the monotonic time in nanoseconds
     * @param threads makes a thread that flushes a cache or looks after its journal, of a name
     */
    public StoreWriters(
            List<BackingStore<?, ?>> stores,
            Path journals,
            Supplier<@Nullable Codecs> codecs,
            long maximumDirtyBytes,
            LongSupplier ticker,
            BiFunction<Runnable, String, Thread> threads) {
        this.stores = List.copyOf(stores);
        this.journals = journals;
        this.codecs = codecs;
        this.bytes = new DirtyBytes(maximumDirtyBytes);
        this.ticker = ticker;
        this.threads = threads;
    }

    /** For an application without stores. */
    public static StoreWriters none() {
        return new StoreWriters(List.of(), Path.of(""), () -> null, Long.MAX_VALUE, () -> 0, Thread::new);
    }

    /**
     * Checks what can be wrong about the settings of the writes beyond their ranges.
     * @throws InvalidCacheSettingException if there is no store for the cache, or nothing to write its journal by
     */
    void check(CacheDefinition definition) {
        WriteSettings settings = definition.settings().getWrite();
        if (settings.getPolicy() == WriteSettings.Policy.NONE) {
            return;
        }
        if (!definition.isOfAny()) {
            store(definition);
        } else if (stores.isEmpty()) {
            throw definition.invalid(
                    "write.policy",
                    settings.getPolicy(),
                    "a policy other than none only in an application with a BackingStore bean, and there is none",
                    "Define a BackingStore bean, or set the property to none.");
        }
        if (settings.getPolicy() == WriteSettings.Policy.WRITE_BACK && settings.isJournal() && codecs.get() == null) {
            throw definition.invalid(
                    "write.journal",
                    true,
                    "true only with Jackson on the class path",
                    "Add the dependency org.springframework.boot:spring-boot-starter-jackson, or set the property "
                            + "to false, which loses acknowledged writes when the process is killed.");
        }
    }

    /**
     * Makes the policy of a cache. What an earlier process has left in its journal answers reads when this returns.
     * @param definition the cache, checked
     * @return the policy, {@link WritePolicy#none()} where the cache writes to no store
     */
    WritePolicy create(CacheDefinition definition) {
        WriteSettings settings = definition.settings().getWrite();
        if (settings.getPolicy() == WriteSettings.Policy.NONE) {
            return WritePolicy.none();
        }
        BackingStore<?, ?> store = store(definition);
        StoreWriter writer = switch (settings.getPolicy()) {
            case WRITE_THROUGH -> WritePolicies.writeThrough(store);
            case WRITE_AROUND -> WritePolicies.writeAround(store);
            default -> writeBack(definition.name(), settings, store);
        };
        writers.put(definition.name(), writer);
        return writer;
    }

    private BackingStore<?, ?> store(CacheDefinition definition) {
        String name = definition.name();
        List<BackingStore<?, ?>> found = stores.stream()
                .filter(store -> store.cacheNames().contains(name))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw definition.invalid(
                "write.policy",
                definition.settings().getWrite().getPolicy(),
                "a policy other than none only for a cache with exactly one BackingStore bean, and there are "
                        + found.size() + " whose cacheNames() contain '" + name + "'",
                "Define one BackingStore bean for the cache, or set the property to none.");
    }

    private StoreWriter writeBack(String name, WriteSettings settings, BackingStore<?, ?> store) {
        WriteBackSettings bounds = new WriteBackSettings(
                settings.getFlushInterval(),
                settings.getBatchSize(),
                settings.getMaximumDirty(),
                settings.getMaximumAttempts(),
                MAXIMUM_DEAD_LETTERS);
        if (!settings.isJournal()) {
            return WritePolicies.writeBackWithoutJournal(
                    name,
                    store,
                    bounds,
                    bytes,
                    value -> sizeOf(name, codecs.get(), value),
                    task -> start(task, name),
                    ticker,
                    RandomGenerator.getDefault());
        }
        Codecs known = Objects.requireNonNull(codecs.get());
        return WritePolicies.writeBack(
                name,
                store,
                bounds,
                bytes,
                journals,
                settings.getFsync(),
                known.keys(),
                known.lasting(),
                task -> start(task, name),
                ticker,
                RandomGenerator.getDefault());
    }

    /** The length of the stored form of a key or value; what has none counts as a small one. */
    private static long sizeOf(String cache, @Nullable Codecs codecs, Object value) {
        if (value instanceof CharSequence text) {
            return 2L * text.length();
        }
        if (value instanceof byte[] array) {
            return array.length;
        }
        try {
            return codecs == null ? SMALL : codecs.values().encode(cache, value).json().length;
        } catch (RuntimeException | StackOverflowError | LinkageError noStoredForm) {
            return SMALL;
        }
    }

    private void start(Runnable task, String name) {
        threads.apply(task, name).start();
    }

    /** The policies made so far, by the name of the cache. */
    public Map<String, StoreWriter> all() {
        return Collections.unmodifiableMap(writers);
    }

    /**
     * The names of the caches that have a journal, whether or not they have been made: what is in it is not written
     * before they are. None where there is no store to write it to.
     */
    public Set<String> journaledCaches() {
        return stores.isEmpty() ? Set.of() : WritePolicies.journaledCaches(journals);
    }

    /** Goes on after {@link #close}. */
    public void start() {
        writers.values().forEach(StoreWriter::start);
    }

    /**
     * Writes what is pending. What is left when the time is over stays in the journals.
     * @param timeout how long all of them together may take
     */
    public void close(Duration timeout) {
        long deadline = ticker.getAsLong() + timeout.toNanos();
        for (StoreWriter writer : writers.values()) {
            writer.close(Duration.ofNanos(Math.max(0, deadline - ticker.getAsLong())));
        }
    }
}
