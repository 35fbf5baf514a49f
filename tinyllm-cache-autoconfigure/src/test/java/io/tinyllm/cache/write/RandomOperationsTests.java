package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.Publication;
import io.tinyllm.cache.core.ReentrantLoadException;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.TieredCacheBuilder;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.limit.LoadLimit;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random operations of several threads on one cache against a model: gets, puts, evicts, clears, slow and failing
 * loads, loads within loads, interrupts, futures that are cancelled or never end, a store that fails, and one that
 * stops and starts again, in caches of several kinds in turn.
 *
 * <p>Every value says which key it is of, and the number of the put, or of the truth that a load has read. A thread
 * notes the number of the last change of a key that has ended before it asks: what it is told must be of that key, and
 * not older. It runs for {@code -Dtinyllm.test.seconds} seconds (20 by default) from a seed that it prints ({@code
 * -Dtinyllm.test.seed}).
 */
class RandomOperationsTests {

    private static final int KEYS = 12;
    private static final int THREADS = 6;

    private final long seconds = Long.getLong("tinyllm.test.seconds", 20);
    private final long seed = Long.getLong("tinyllm.test.seed", System.nanoTime());

    @Test
    void noWriteIsLostNoValueIsOfAnotherKeyAndNoneIsOlderThanTheLastChangeSeen() throws Exception {
        System.out.println("Random operations: -Dtinyllm.test.seconds=" + seconds + " -Dtinyllm.test.seed=" + seed);
        Random random = new Random(seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int rounds = 0;
        long operations = 0;
        while (System.nanoTime() < end) {
            Kind kind = Kind.values()[rounds++ % Kind.values().length];
            try (Round round = new Round(kind, random.nextLong())) {
                operations += round.run(Math.min(end, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500)));
            }
        }
        System.out.println("Random operations: " + operations + " in " + rounds + " rounds");
        assertThat(operations).isGreaterThan(1_000);
    }

    /** What is under the memory. */
    private enum Kind {
        NOTHING,
        WRITE_THROUGH,
        WRITE_BACK,
        LIMITED
    }

    /** A value of a key: the number of the change that made it, or of the truth that a load had read. */
    private record Value(int key, long number) {}

    /** One key, as it is known to be. Numbers grow. */
    private static final class Model {

        private final ReentrantLock oneChangeAtATime = new ReentrantLock();

        /** What a load reads. */
        private final AtomicLong truth = new AtomicLong();

        /** The number of the last change that has ended: nobody who asks from then on is told an older one. */
        private final AtomicLong ended = new AtomicLong();

        /** The number of the last change where that is a put that went well, else 0. */
        private volatile long put;
    }

    /** Rows in a map, which are slow and fail now and then. */
    private static final class Rows implements BackingStore<Integer, Value> {

        private final Map<Integer, Value> rows = new ConcurrentHashMap<>();
        private volatile boolean well;

        @Override
        public Set<String> cacheNames() {
            return Set.of("cache");
        }

        @Override
        public @Nullable Value load(Integer key) {
            stumble();
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<Integer, Value> entries) {
            stumble();
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<Integer> keys) {
            stumble();
            keys.forEach(rows::remove);
        }

        @Override
        public void clear() {
            rows.clear();
        }

        private void stumble() {
            int chance = well ? 100 : ThreadLocalRandom.current().nextInt(100);
            if (chance == 0) {
                throw new IllegalStateException("the store fails now and then");
            }
            if (chance < 5) {
                LockSupport.parkNanos(200_000);
            }
        }
    }

    /** A cache, its store, and threads that use them. */
    private static final class Round implements AutoCloseable {

        private final Kind kind;
        private final Random seeds;
        private final Model[] models = new Model[KEYS];
        private final Rows store = new Rows();
        private final ExecutorService background = Executors.newFixedThreadPool(2);
        private final ExecutorService flushers = Executors.newCachedThreadPool();
        private final ExecutorService loaders = Executors.newFixedThreadPool(2);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final AtomicLong operations = new AtomicLong();
        private final ReadWriteLock all = new ReentrantReadWriteLock();
        private final @Nullable StoreWriter writer;
        private final TieredCache cache;

        Round(Kind kind, long seed) {
            this.kind = kind;
            this.seeds = new Random(seed);
            for (int key = 0; key < KEYS; key++) {
                models[key] = new Model();
            }
            this.writer = switch (kind) {
                case WRITE_THROUGH -> WritePolicies.writeThrough(store);
                case WRITE_BACK ->
                    WritePolicies.writeBackWithoutJournal(
                            "cache",
                            store,
                            new WriteBackSettings(Duration.ofMillis(5), 4, 6, 1_000_000, 100),
                            DirtyBytes.unlimited(),
                            value -> 1,
                            flushers,
                            System::nanoTime,
                            new Random(seed));
                default -> null;
            };
            TieredCacheBuilder builder = TieredCache.named("cache")
                    .memory(new CaffeineMemoryTier(KEYS - 2, System::nanoTime, Runnable::run))
                    .negative(
                            new CaffeineNegativeCache(2_000_000, 100, Set.of(), false, System::nanoTime, Runnable::run))
                    .ttl(TtlPolicy.fixed(Duration.ofMillis(2)))
                    .staleness(new Staleness(0, 1_000_000, 0.5))
                    .background(new Background(background, null))
                    .loadTimeoutNanos(Duration.ofMillis(3).toNanos());
            if (kind == Kind.LIMITED) {
                builder.gate(new LoadLimit(2, Duration.ofMillis(6).toNanos()));
            }
            if (writer != null) {
                builder.writes(writer);
            }
            this.cache = builder.build();
        }

        long run(long until) throws Exception {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(seeds.nextLong());
                Thread thread = new Thread(() -> operate(random, until), "operations-" + i);
                threads.add(thread);
                thread.start();
            }
            Random random = new Random(seeds.nextLong());
            while (System.nanoTime() < until && failure.get() == null) {
                Thread.sleep(1 + random.nextInt(3));
                if (random.nextInt(4) == 0) {
                    threads.get(random.nextInt(THREADS)).interrupt();
                }
                if (writer != null && kind == Kind.WRITE_BACK && random.nextInt(100) == 0) {
                    writer.close(Duration.ofSeconds(5));
                    writer.start();
                }
            }
            for (Thread thread : threads) {
                thread.join(30_000);
                assertThat(thread.isAlive())
                        .as(thread.getName() + " of " + kind)
                        .isFalse();
            }
            Throwable failed = failure.get();
            if (failed != null) {
                throw new AssertionError("In a cache of kind " + kind, failed);
            }
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                if (cache.loadsInProgress() > 0) {
                    System.gc(); // futures that never end are dropped
                }
                assertThat(cache.loadsInProgress())
                        .as("loads in progress, " + kind)
                        .isZero();
            });
            store.well = true;
            if (writer != null) {
                writer.start();
                writer.close(Duration.ofSeconds(20));
                for (int key = 0; key < KEYS; key++) {
                    if (models[key].put > 0) {
                        assertThat(store.rows.get(key))
                                .as("the row of key " + key + ", " + kind)
                                .isNotNull();
                        check(key, models[key].put, store.rows.get(key));
                    }
                }
            }
            return operations.get();
        }

        private void operate(Random random, long until) {
            while (System.nanoTime() < until && failure.get() == null) {
                try {
                    operation(random, random.nextInt(KEYS));
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
                operations.incrementAndGet();
                Thread.interrupted();
            }
        }

        private void operation(Random random, int key) throws Exception {
            Model model = models[key];
            long atLeast = model.ended.get();
            int choice = random.nextInt(100);
            if (choice < 45) {
                told(key, atLeast, () -> cache.get(key, loader(random, key, 2)));
            } else if (choice < 55) {
                told(key, atLeast, () -> asynchronous(random, key));
            } else if (choice < 60) {
                told(key, atLeast, () -> cache.get(key, loader(random, key, 2), () -> Publication.AT_ONCE));
            } else if (choice < 68) {
                told(key, atLeast, () -> {
                    CacheEntry entry = cache.get(key);
                    return entry == null ? null : entry.value();
                });
            } else if (choice < 99) {
                all.readLock().lock();
                model.oneChangeAtATime.lock();
                try {
                    change(choice, key, model);
                } finally {
                    model.oneChangeAtATime.unlock();
                    all.readLock().unlock();
                }
            } else {
                clear();
            }
        }

        private void change(int choice, int key, Model model) {
            long number = model.truth.incrementAndGet();
            Value value = new Value(key, number);
            model.put = 0;
            try {
                if (choice < 83) {
                    cache.put(key, value);
                    model.put = number;
                } else if (choice < 94) {
                    cache.evict(key);
                } else {
                    CacheEntry present = cache.putIfAbsent(key, value);
                    if (present != null) {
                        check(key, model.ended.get(), present.value());
                        return;
                    }
                    model.put = number;
                }
                model.ended.set(number);
            } catch (IllegalStateException refusedByStore) {
                assertThat(writer).isNotNull();
            }
        }

        private void clear() {
            all.writeLock().lock();
            try {
                long[] numbers = new long[KEYS];
                for (int key = 0; key < KEYS; key++) {
                    models[key].put = 0;
                    numbers[key] = models[key].truth.incrementAndGet();
                }
                cache.clear();
                for (int key = 0; key < KEYS; key++) {
                    models[key].ended.set(numbers[key]);
                }
            } catch (IllegalStateException refusedByStore) {
                assertThat(writer).isNotNull();
            } finally {
                all.writeLock().unlock();
            }
        }

        private @Nullable Object asynchronous(Random random, int key) throws Exception {
            int choice = random.nextInt(200);
            Callable<Object> loader = loader(new Random(random.nextLong()), key, 0);
            CompletableFuture<Object> answer = cache.getAsync(key, () -> {
                CompletableFuture<Object> loading = new CompletableFuture<>();
                if (choice > 0) {
                    loaders.execute(() -> {
                        try {
                            loading.complete(loader.call());
                        } catch (Throwable e) {
                            loading.completeExceptionally(e);
                        }
                    });
                }
                return loading;
            });
            if (choice < 10) {
                answer.cancel(true);
                return null;
            }
            return answer.get(30, TimeUnit.SECONDS);
        }

        /** Reads the truth, and takes its time, fails, or asks for another key, before it tells. */
        private Callable<Object> loader(Random random, int key, int depth) {
            return () -> {
                Value value = new Value(key, models[key].truth.get());
                int choice = random.nextInt(20);
                if (choice == 0) {
                    throw new IllegalArgumentException("a load fails now and then");
                } else if (choice < 4) {
                    Thread.sleep(random.nextInt(8));
                } else if (choice < 7 && depth > 0) {
                    int other = random.nextInt(KEYS);
                    long atLeast = models[other].ended.get();
                    told(other, atLeast, () -> cache.get(other, loader(random, other, depth - 1)));
                }
                return value;
            };
        }

        /** Asks, and checks what is told; a load may fail. */
        private void told(int key, long atLeast, Callable<@Nullable Object> question) throws Exception {
            Object answer;
            try {
                answer = question.call();
            } catch (LoadFailedException | LoadTimeoutException | ReentrantLoadException failed) {
                return;
            } catch (InterruptedException interrupted) {
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LoadFailedException || e.getCause() instanceof LoadTimeoutException) {
                    return;
                }
                throw e;
            }
            if (answer != null) {
                check(key, atLeast, answer);
            }
        }

        private static void check(int key, long atLeast, Object told) {
            Value value = (Value) told;
            assertThat(value.key()).as("whose value").isEqualTo(key);
            assertThat(value.number()).as("the number of key " + key).isGreaterThanOrEqualTo(atLeast);
        }

        @Override
        public void close() {
            background.shutdownNow();
            flushers.shutdownNow();
            loaders.shutdownNow();
        }
    }
}
