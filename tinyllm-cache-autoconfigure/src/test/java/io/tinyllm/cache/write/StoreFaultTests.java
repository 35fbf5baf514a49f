package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.Publication;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores that throw what Java's compiler would not let them, that interrupt, that write to their own cache, and that
 * hold what a reader must not overwrite.
 */
@Timeout(120)
class StoreFaultTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ManualTicker ticker = new ManualTicker();
    private final List<WriteBackPolicy> backWriters = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private TieredCache cache(StoreWriter writer, Staleness staleness) {
        return TieredCache.named("cache")
                .ticker(ticker)
                .memory(new CaffeineMemoryTier(100, ticker, Runnable::run))
                .writes(writer)
                .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
                .staleness(staleness)
                .background(new Background(Runnable::run, null))
                .build();
    }

    private static @Nullable Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    // ------------------------------------------------------------------------------------ a refresh and the store

    /** The user's profile was written by a put; a read near the end of its time-to-live must not replace that. */
    @Test
    void aRefreshDoesNotReplaceInTheStoreWhatWasPut() throws Exception {
        RecordingStore store = new RecordingStore();
        TieredCache cache = cache(WritePolicies.writeThrough(store), new Staleness(0, 0, 0.5));
        assertThat(cache.get("ada", () -> "default profile")).isEqualTo("default profile");
        cache.put("ada", "her own profile");
        assertThat(store.rows).containsEntry("ada", "her own profile");

        ticker.advance(Duration.ofMinutes(40));
        cache.get("ada", () -> "default profile"); // due for a refresh

        assertThat(store.rows).as("the store").containsEntry("ada", "her own profile");
        assertThat(value(cache, "ada")).as("the cache").isEqualTo("her own profile");
    }

    /** The same without refresh-ahead: the store is asked before the loader. */
    @Test
    void withoutRefreshAheadTheStoreIsAskedFirst() throws Exception {
        RecordingStore store = new RecordingStore();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        cache.get("ada", () -> "default profile");
        cache.put("ada", "her own profile");
        ticker.advance(Duration.ofMinutes(61));
        assertThat(cache.get("ada", () -> "default profile")).isEqualTo("her own profile");
        assertThat(store.rows).containsEntry("ada", "her own profile");
    }

    /** While a write waits for the store, a refresh must not replace it: it was acknowledged. */
    @Test
    void aRefreshDoesNotReplaceAWriteThatWaitsForTheStore() throws Exception {
        RecordingStore store = new RecordingStore();
        WriteBackPolicy writer = new WriteBackPolicy(
                "cache",
                Untyped.of(store),
                new WriteBackSettings(Duration.ofSeconds(1), 100, 1_000, 5, 100),
                DirtyBytes.unlimited(),
                () -> Journal.none(value -> 1),
                task -> {},
                ticker,
                new Random(1));
        TieredCache cache = cache(writer, new Staleness(0, 0, 0.5));
        store.refuseEverything(); // down
        cache.put("ada", "her own profile");
        ticker.advance(Duration.ofMinutes(40));
        cache.get("ada", () -> "default profile");
        store.refuseNothing();
        ticker.advance(Duration.ofMinutes(1));
        writer.flushDue();
        assertThat(store.rows).containsEntry("ada", "her own profile");
    }

    // ----------------------------------------------------------------------------- what stores throw

    /** As a store in Kotlin throws it, where exceptions are not declared, or one with Lombok's SneakyThrows. */
    static final class Undeclared implements BackingStore<String, String> {

        private final Map<String, String> rows = new ConcurrentHashMap<>();
        private volatile @Nullable Throwable onWrite;
        private volatile @Nullable Throwable onLoad;

        @Override
        public Set<String> cacheNames() {
            return Set.of("cache");
        }

        @Override
        public @Nullable String load(String key) {
            throwIt(onLoad);
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<String, String> entries) {
            rows.putAll(entries);
            throwIt(onWrite); // written, but the answer was lost
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            keys.forEach(rows::remove);
            throwIt(onWrite);
        }

        @SuppressWarnings("unchecked")
        private static <T extends Throwable> void throwIt(@Nullable Throwable failure) throws T {
            if (failure != null) {
                throw (T) failure;
            }
        }
    }

    @Test
    void theTiersForgetTheKeyWhateverTheStoreThrows() {
        for (Throwable failure : new Throwable[] {
            new IllegalStateException("unchecked"), new IOException("checked"), new NoClassDefFoundError("error")
        }) {
            Undeclared store = new Undeclared();
            TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
            cache.put("key", "old");
            store.onWrite = failure;
            try {
                cache.put("key", "new");
            } catch (Throwable expected) {
                assertThat(expected).isSameAs(failure);
            }
            store.onWrite = null;
            assertThat(value(cache, "key")).as("after " + failure).isEqualTo(store.rows.get("key"));
        }
    }

    @Test
    void anEvictThatTheStoreRefusesForgetsTheKeyWhateverItThrows() {
        for (Throwable failure : new Throwable[] {
            new IllegalStateException("unchecked"), new IOException("checked"), new NoClassDefFoundError("error")
        }) {
            Undeclared store = new Undeclared();
            TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
            cache.put("key", "old");
            store.onWrite = failure;
            try {
                cache.evict("key");
            } catch (Throwable expected) {
                assertThat(expected).isSameAs(failure);
            }
            store.onWrite = null;
            assertThat(value(cache, "key")).as("after " + failure).isNull();
        }
    }

    @Test
    void aFaultOfTheStoreReadsAsAMissWhateverItThrows() {
        Undeclared store = new Undeclared();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        store.onLoad = new IOException("checked");
        assertThat(cache.get("key", () -> "loaded")).isEqualTo("loaded");
    }

    @Test
    void anAsynchronousLoadEndsWhateverTheStoreThrows() throws Exception {
        Undeclared store = new Undeclared();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        store.onWrite = new IOException("checked");
        CompletableFuture<Object> answer = cache.getAsync("key", () -> CompletableFuture.completedFuture("loaded"));
        String end;
        try {
            end = "ended with " + answer.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException never) {
            end = "never";
        } catch (Exception failed) {
            end = "ended with " + failed;
        }
        assertThat(end).startsWith("ended with");
        assertThat(cache.loadsInProgress()).isZero();
    }

    private static Throwable[] whatStoresThrow() {
        return new Throwable[] {
            new IllegalStateException("unchecked"),
            new IOException("checked"),
            new NoClassDefFoundError("error"),
            new StackOverflowError("too deep")
        };
    }

    private StoreWriter writer(String policy, BackingStore<?, ?> store) {
        return switch (policy) {
            case "write-through" -> WritePolicies.writeThrough(store);
            case "write-around" -> WritePolicies.writeAround(store);
            default -> backWriter(store);
        };
    }

    private StoreWriter backWriter(BackingStore<?, ?> store) {
        WriteBackPolicy writer = new WriteBackPolicy(
                "cache",
                Untyped.of(store),
                new WriteBackSettings(Duration.ofMillis(20), 10, 100, 3, 20),
                DirtyBytes.unlimited(),
                () -> Journal.none(value -> 1),
                task -> {},
                ticker,
                new Random(1));
        backWriters.add(writer);
        return writer;
    }

    private void flush() {
        ticker.advance(Duration.ofSeconds(10));
        backWriters.forEach(WriteBackPolicy::flushDue);
    }

    /** Runs a call, of which its caller gets nothing but what the store has thrown, the same object; returns it. */
    private static @Nullable Throwable failureOf(Throwable failure, String policy, Runnable call) {
        try {
            call.run();
            return null;
        } catch (Throwable thrown) {
            assertThat(thrown).as(policy).isSameAs(failure);
            assertThat(policy).as("who tells the caller").isNotEqualTo("write-back");
            return thrown;
        }
    }

    /** After any of these the cache and the store say the same, and nothing is left in flight. */
    @ParameterizedTest
    @ValueSource(strings = {"write-through", "write-around", "write-back"})
    void cacheAndStoreAgreeAfterWhateverTheStoreThrows(String policy) {
        for (Throwable failure : whatStoresThrow()) {
            Map<String, Consumer<TieredCache>> calls = new LinkedHashMap<>();
            calls.put("put", cache -> cache.put("key", "new"));
            calls.put("putIfAbsent", cache -> cache.putIfAbsent("key", "new"));
            calls.put("evict", cache -> cache.evict("key"));
            calls.put("a load", cache -> loaded(cache, failure));
            calls.put("a sync load", cache -> loadedTogether(cache, failure));
            for (boolean present : new boolean[] {true, false}) {
                calls.forEach((name, call) -> {
                    Undeclared store = new Undeclared();
                    TieredCache cache = cache(writer(policy, store), Staleness.NONE);
                    if (present) {
                        cache.put("key", "old");
                        flush();
                    }
                    store.onWrite = failure;
                    Throwable told = failureOf(failure, policy, () -> call.accept(cache));
                    if (!policy.equals("write-back") && (name.equals("put") || name.equals("evict"))) {
                        assertThat(told).as(policy + ", " + name).isSameAs(failure);
                    }
                    flush();
                    store.onWrite = null;
                    flush();
                    String description = name + " of " + (present ? "a present" : "an absent") + " key, " + failure;
                    assertThat(value(cache, "key")).as(description).isEqualTo(store.rows.get("key"));
                    assertThat(cache.loadsInProgress()).as(description).isZero();
                    cache.put("key", "newest");
                    flush();
                    assertThat(value(cache, "key")).as(description).isEqualTo("newest");
                    assertThat(store.rows).as(description).containsEntry("key", "newest");
                    backWriters.clear();
                });
            }
        }
    }

    private static void loaded(TieredCache cache, Throwable failure) {
        try {
            assertThat(cache.get("key", () -> "new")).isIn("new", "old");
        } catch (LoadFailedException e) {
            assertThat(e.getCause()).isSameAs(failure);
        }
    }

    private static void loadedTogether(TieredCache cache, Throwable failure) {
        try {
            assertThat(cache.getAsync("key", () -> CompletableFuture.completedFuture("new"))
                            .join())
                    .isIn("new", "old");
        } catch (CompletionException e) {
            assertThat(e.getCause() instanceof LoadFailedException wrapped ? wrapped.getCause() : e.getCause())
                    .isSameAs(failure);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"write-through", "write-around", "write-back"})
    void aClearEmptiesTheTiersOfEveryPolicyWhateverTheStoreThrows(String policy) {
        for (Throwable failure : whatStoresThrow()) {
            RecordingStore.Clearing store = new RecordingStore.Clearing();
            TieredCache cache = cache(writer(policy, store), Staleness.NONE);
            cache.put("key", "old");
            flush();
            store.before = () -> Undeclared.throwIt(failure);
            try {
                cache.clear();
            } catch (Throwable thrown) {
                assertThat(thrown).isSameAs(failure);
            }
            assertThat(cache.memory().size()).isZero();
            assertThat(cache.loadsInProgress()).isZero();
            store.before = () -> {};
            cache.put("key", "newest");
            flush();
            assertThat(value(cache, "key")).isEqualTo("newest");
            assertThat(store.rows).containsEntry("key", "newest");
            backWriters.clear();
        }
    }

    // ------------------------------------------------------------------------------------------------ interrupts

    /** A store that cancels its own slow call by an interrupt, and sets the flag again as every guide says. */
    @Test
    void aStoreThatLeavesTheInterruptFlagSetDoesNotEndTheFlushing() {
        AtomicInteger calls = new AtomicInteger();
        RecordingStore store = new RecordingStore();
        store.before = () -> {
            if (calls.getAndIncrement() == 0) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the call took too long and was interrupted");
            }
        };
        StoreWriter writer = WritePolicies.writeBackWithoutJournal(
                "cache",
                store,
                new WriteBackSettings(Duration.ofMillis(50), 100, 1_000, 5, 100),
                DirtyBytes.unlimited(),
                value -> 1,
                task -> new Thread(task, "flusher").start(),
                System::nanoTime,
                new Random(1));
        TieredCache cache = cache(writer, Staleness.NONE);
        cache.put("key", "value");
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThat(store.rows).containsEntry("key", "value"));
        } finally {
            writer.close(Duration.ofSeconds(1));
        }
    }

    // ------------------------------------------------------------------------------------- a store behind a proxy

    /** A store that does not override clear, behind a proxy: clearing the cache loses no acknowledged write. */
    @Test
    @SuppressWarnings("unchecked")
    void aClearLosesNoAcknowledgedWriteOfAStoreThatIsNotCleared() {
        RecordingStore plain = new RecordingStore();
        BackingStore<String, String> proxied = (BackingStore<String, String>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BackingStore.class}, (proxy, method, arguments) -> {
                    try {
                        return method.isDefault()
                                ? InvocationHandler.invokeDefault(proxy, method)
                                : method.invoke(plain, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        WriteBackPolicy writer = new WriteBackPolicy(
                "cache",
                Untyped.of(proxied),
                new WriteBackSettings(Duration.ofSeconds(1), 100, 1_000, 5, 100),
                DirtyBytes.unlimited(),
                () -> Journal.none(value -> 1),
                task -> {},
                ticker,
                new Random(1));
        TieredCache cache = cache(writer, Staleness.NONE);
        plain.refuseEverything(); // down
        cache.put("key", "value");
        cache.clear();
        plain.refuseNothing();
        ticker.advance(Duration.ofMinutes(1));
        writer.flushDue();
        assertThat(plain.rows).containsEntry("key", "value");
    }

    // --------------------------------------------------------------------------------------------------- clear

    /** What a load brings that a clear overtook is stored nowhere, the store included. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void aLoadThatAClearOvertookDoesNotFillTheStoreAgain() throws Exception {
        int stale = 0;
        int rounds = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("tinyllm.test.race.seconds", 3));
        RecordingStore.Clearing store = new RecordingStore.Clearing();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        while (System.nanoTime() < deadline && stale == 0) {
            rounds++;
            int before = rounds;
            AtomicInteger version = new AtomicInteger(before);
            int spin = rounds % 200;
            Future<?> load = threads.submit(() -> cache.get("key", () -> {
                int read = version.get();
                for (int i = 0; i < spin; i++) {
                    Thread.onSpinWait();
                }
                return Integer.toString(read);
            }));
            Future<?> clear = threads.submit(() -> {
                version.incrementAndGet(); // the truth changes
                cache.clear();
            });
            load.get();
            clear.get();
            if (Integer.toString(before).equals(store.rows.get("key"))) {
                stale++;
            }
            store.rows.clear();
            cache.clear();
            store.calls.clear();
        }
        assertThat(stale)
                .as("values from before the clear in the store, in " + rounds + " rounds")
                .isZero();
    }

    // ------------------------------------------------------------------------------ a refresh, and what it finds

    /** Expired entries that are served while one load replaces them, by a future as well as on a thread. */
    @Test
    void aReplacementOfAnExpiredEntryAsksTheStoreFirst() throws Exception {
        RecordingStore store = new RecordingStore();
        TieredCache cache = cache(
                WritePolicies.writeThrough(store),
                new Staleness(0, Duration.ofHours(1).toNanos(), 0));
        cache.put("ada", "her own profile");
        cache.put("bob", "his own profile");
        store.rows.put("ada", "changed by another instance");
        store.rows.put("bob", "changed by another instance");
        ticker.advance(Duration.ofMinutes(61));
        assertThat(cache.get("ada", () -> "default profile")).isEqualTo("her own profile");
        assertThat(cache.getAsync("bob", () -> CompletableFuture.completedFuture("default profile"))
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo("his own profile");
        assertThat(store.rows)
                .containsEntry("ada", "changed by another instance")
                .containsEntry("bob", "changed by another instance");
        assertThat(value(cache, "ada")).isEqualTo("changed by another instance");
        assertThat(value(cache, "bob")).isEqualTo("changed by another instance");
    }

    /** A store on the database of the transaction shows it what is not committed: nobody else is to be told that. */
    @Test
    void aRowThatOnlyATransactionMaySeeIsHeldForNobody() {
        RecordingStore store = new RecordingStore();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        store.rows.put("ada", "uncommitted");
        Publication afterCommit = (publish, abandon) -> {};
        assertThat(cache.get("ada", () -> "loaded", () -> afterCommit)).isEqualTo("uncommitted");
        store.rows.put("ada", "rolled back");
        assertThat(value(cache, "ada")).isEqualTo("rolled back");
        assertThat(cache.loadsInProgress()).isZero();
    }

    /** Where the store cannot be asked before a load, it is once more before the result is written. */
    @Test
    void aLoadDoesNotReplaceARowThatCouldNotBeReadBefore() throws Exception {
        Undeclared store = new Undeclared();
        store.rows.put("ada", "her own profile");
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        store.onLoad = new IOException("the database is away for a moment");
        cache.get("ada", () -> {
            store.onLoad = null;
            return "default profile";
        });
        assertThat(store.rows).containsEntry("ada", "her own profile");
        assertThat(value(cache, "ada")).isEqualTo("her own profile");
    }

    @Test
    void aStoreThatIsInterruptedInSecretLeavesItsCallerInterrupted() {
        Undeclared store = new Undeclared();
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        store.onLoad = new InterruptedException();
        assertThat(cache.get("key", () -> "loaded")).isEqualTo("loaded");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aClearThatTheStoreRefusesEmptiesTheTiersWhateverItThrows() {
        for (Throwable failure : new Throwable[] {new IOException("checked"), new NoClassDefFoundError("error")}) {
            RecordingStore.Clearing store = new RecordingStore.Clearing();
            TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
            cache.put("key", "old");
            store.before = () -> Undeclared.throwIt(failure);
            try {
                cache.clear();
            } catch (Throwable expected) {
                assertThat(expected).isSameAs(failure);
            }
            assertThat(cache.memory().size()).isZero();
        }
    }

    // -------------------------------------------------------------- stores that write to their cache while written to

    /** Two writes whose stores evict each other's key, as where a row is derived from another. */
    @Test
    void writesWhoseStoreEvictsTheOthersKeyEnd() throws Exception {
        for (boolean clears : new boolean[] {false, true}) {
            CyclicBarrier both = new CyclicBarrier(2);
            AtomicReference<TieredCache> itself = new AtomicReference<>();
            RecordingStore store = new RecordingStore();
            store.onWrite = (key, value) -> {
                try {
                    both.await(5, TimeUnit.SECONDS);
                } catch (Exception alone) {
                    return;
                }
                if (clears) {
                    itself.get().clear();
                } else {
                    itself.get().evict(key.equals("a") ? "b" : "a");
                }
            };
            TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
            itself.set(cache);
            Future<?> a = threads.submit(() -> cache.put("a", "1"));
            Future<?> b = threads.submit(() -> cache.get("b", () -> "2")); // the result of a load is a write
            a.get(20, TimeUnit.SECONDS);
            b.get(20, TimeUnit.SECONDS);
            for (String key : new String[] {"a", "b"}) {
                assertThat(value(cache, key)).isEqualTo(store.rows.get(key));
            }
            assertThat(cache.loadsInProgress()).isZero();
        }
    }

    @Test
    void aWriteThatWaitsForAnotherOfItsKeyGoesOnWhenItIsInterruptedAndKeepsTheFlag() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        RecordingStore store = new RecordingStore();
        store.onWrite = (key, value) -> {
            if (value.equals("first")) {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        TieredCache cache = cache(WritePolicies.writeThrough(store), Staleness.NONE);
        Future<?> first = threads.submit(() -> cache.put("key", "first"));
        begun.await();
        AtomicBoolean flag = new AtomicBoolean();
        Thread second = new Thread(() -> {
            cache.put("key", "second");
            flag.set(Thread.currentThread().isInterrupted());
        });
        second.start();
        Awaitility.await().until(() -> second.getState() == Thread.State.TIMED_WAITING);
        second.interrupt();
        end.countDown();
        first.get(10, TimeUnit.SECONDS);
        second.join(10_000);
        assertThat(store.rows).containsEntry("key", "second");
        assertThat(flag).isTrue();
    }
}
