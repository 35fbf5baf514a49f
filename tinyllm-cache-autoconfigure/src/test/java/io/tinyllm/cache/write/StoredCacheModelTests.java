package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random operations of several threads on a cache much smaller than its store, which refuses some writes.
 *
 * <p>Each key has one writer, that numbers its operations: the n-th puts "n", or deletes. A load of a deleted key
 * brings the number, as it began, with a mark. A read that begins after the n-th operation was acknowledged must never
 * see a number below n; one that begins and ends between two operations sees exactly what the former left.
 */
@Timeout(60)
class StoredCacheModelTests {

    private static final String LOADED = "loaded ";
    private static final int WRITERS = 2;
    private static final int KEYS = 12;
    private static final int OPERATIONS = 3_000;

    @TempDir
    Path directory;

    private final RecordingStore store = new RecordingStore() {
        @Override
        public @Nullable String load(String key) {
            return rows.get(key);
        }
    };
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** By key: the operation that is under way, or 0. */
    private final AtomicIntegerArray begun = new AtomicIntegerArray(KEYS);

    /** By key: the last operation that was acknowledged; negative if it is a deletion. */
    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(KEYS);

    private StoreWriter writer(String policy) {
        WriteBackSettings settings = new WriteBackSettings(Duration.ofMillis(2), 4, 8, 1_000, 10);
        return switch (policy) {
            case "through" -> WritePolicies.writeThrough(store);
            case "around" -> WritePolicies.writeAround(store);
            case "back" ->
                WritePolicies.writeBackWithoutJournal(
                        "cache",
                        store,
                        settings,
                        DirtyBytes.unlimited(),
                        size -> 0,
                        threads,
                        System::nanoTime,
                        new Random());
            default ->
                WritePolicies.writeBack(
                        "cache",
                        store,
                        settings,
                        DirtyBytes.unlimited(),
                        directory,
                        Fsync.NEVER,
                        new StringCodec(),
                        threads,
                        System::nanoTime,
                        new Random());
        };
    }

    @ParameterizedTest
    @CsvSource({"through, 1", "through, 50", "around, 3", "back, 1", "back, 3", "back, 50", "journaled, 3"})
    void noReadSeesAnOlderValueThanWasAcknowledged(String policy, int memorySize) throws Exception {
        store.refuses = key -> ThreadLocalRandom.current().nextInt(15) == 0;
        StoreWriter writer = writer(policy);
        TieredCache cache = TieredCache.named("cache")
                .memory(new CaffeineMemoryTier(memorySize, System::nanoTime, Runnable::run))
                .writes(writer)
                .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
                .background(new Background(threads, null))
                .build();
        AtomicBoolean ended = new AtomicBoolean();
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(threads.submit(() -> {
                while (!ended.get()) {
                    read(cache, ThreadLocalRandom.current().nextInt(KEYS));
                }
            }));
        }
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int first = i;
            writers.add(threads.submit(() -> write(cache, first)));
        }
        for (Future<?> future : writers) {
            future.get();
        }
        ended.set(true);
        for (Future<?> future : readers) {
            future.get();
        }
        store.refuseNothing();
        for (int key = 0; key < KEYS; key++) {
            read(cache, key);
        }
        writer.close(Duration.ofSeconds(20));
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        for (int key = 0; key < KEYS; key++) {
            int last = acknowledged.get(key);
            String row = store.rows.get("k" + key);
            if (last > 0) {
                assertThat(row).isEqualTo(Integer.toString(last));
            } else {
                assertThat(row).matches(left -> left == null || left.startsWith(LOADED));
                assertThat(number(row)).matches(number -> number == 0 || number >= -last);
            }
        }
    }

    private void write(TieredCache cache, int first) {
        Random random = new Random(first);
        int[] numbers = new int[KEYS];
        for (int i = 0; i < OPERATIONS; i++) {
            int key = first + WRITERS * random.nextInt(KEYS / WRITERS);
            int number = ++numbers[key];
            boolean delete = random.nextInt(3) == 0;
            begun.set(key, number);
            try {
                if (delete) {
                    cache.evict("k" + key);
                } else {
                    cache.put("k" + key, Integer.toString(number));
                }
                acknowledged.set(key, delete ? -number : number);
            } catch (IllegalStateException refused) {
                assertThat(refused).hasMessage("refused");
            }
            begun.set(key, 0);
            if (random.nextInt(3) == 0) {
                read(cache, key);
            }
        }
    }

    private void read(TieredCache cache, int key) {
        int before = acknowledged.get(key);
        boolean quietBefore = begun.get(key) == 0;
        boolean loads = ThreadLocalRandom.current().nextInt(4) == 0;
        Object value;
        try {
            value = loads ? load(cache, key) : look(cache, key);
        } catch (Exception refusedLoad) {
            assertThat(refusedLoad).hasRootCauseMessage("refused");
            return;
        }
        if (value != null) {
            assertThat(number(value)).as("%s after %s", value, before).isGreaterThanOrEqualTo(Math.abs(before));
        }
        boolean quiet = quietBefore && begun.get(key) == 0 && acknowledged.get(key) == before;
        if (quiet && before > 0) {
            assertThat(value).as("read of key %s", key).isEqualTo(Integer.toString(before));
        } else if (quiet && value != null) {
            assertThat((String) value).as("read of a deleted key").startsWith(LOADED);
        }
    }

    private static int number(@Nullable Object value) {
        return value == null ? 0 : Integer.parseInt(((String) value).replace(LOADED, ""));
    }

    private String loaded(int key) {
        int underWay = begun.get(key);
        return LOADED + Math.max(underWay, Math.abs(acknowledged.get(key)));
    }

    /** What the cache and the store have. */
    private static @Nullable Object look(TieredCache cache, int key) throws Exception {
        CacheEntry entry;
        if (ThreadLocalRandom.current().nextBoolean()) {
            entry = cache.get("k" + key);
        } else {
            CompletableFuture<@Nullable CacheEntry> later = cache.lookupAsync("k" + key);
            entry = later == null ? null : later.get(20, TimeUnit.SECONDS);
        }
        return entry == null ? null : entry.value();
    }

    private Object load(TieredCache cache, int key) throws Exception {
        if (ThreadLocalRandom.current().nextBoolean()) {
            return cache.get("k" + key, () -> loaded(key));
        }
        return cache.getAsync("k" + key, () -> CompletableFuture.completedFuture(loaded(key)))
                .get(20, TimeUnit.SECONDS);
    }
}
