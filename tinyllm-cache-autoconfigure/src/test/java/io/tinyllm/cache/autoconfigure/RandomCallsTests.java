package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.redis.RedisProcess;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Random calls of the annotated methods of an application, by several threads, against a model, with a real Redis as
 * second tier, in turn with and without memory, with and without a store: cached methods of every kind, slow ones and
 * failing ones, calls inside of calls, puts, evicts, clears, interrupts, and stops and starts of the context; in runs
 * of a minute and more also outages of Redis.
 *
 * <p>Every value says which key it is of and the number of the change that a load has read. A thread notes the number
 * of the last change of a key that has ended before it asks: what it is told must be of that key, and not older.
 * It runs for {@code -Dtinyllm.test.seconds} seconds (10 by default) from a seed that it prints ({@code
 * -Dtinyllm.test.seed}).
 */
class RandomCallsTests {

    private static final int KEYS = 12;
    private static final int THREADS = 6;

    private final long seconds = Long.getLong("tinyllm.test.seconds", 10);
    private final long seed = Long.getLong("tinyllm.test.seed", System.nanoTime());
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong operations = new AtomicLong();

    @Test
    void noAnswerIsOfAnotherKeyOrOlderThanTheLastChangeSeen() {
        System.out.println("Random calls: -Dtinyllm.test.seconds=" + seconds + " -Dtinyllm.test.seed=" + seed);
        Random random = new Random(seed);
        try (RedisProcess redis = RedisProcess.start()) {
            int round = 0;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (round < 4 || System.nanoTime() < end) {
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Math.max(2, Math.min(60, seconds / 4)));
                boolean outages = seconds >= 60 && round % 3 == 2;
                round(redis, round % 2 == 0, round / 2 % 2 == 1, outages, random, until);
                round++;
            }
        }
        System.out.println("Random calls: " + operations);
        assertThat(operations.get()).isGreaterThan(200);
    }

    private void round(RedisProcess redis, boolean memory, boolean store, boolean outages, Random random, long until) {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + redis.port(),
                        "tinyllm.cache.redis.key-prefix=random-" + random.nextLong() + ":",
                        "tinyllm.cache.redis.startup-timeout=30s",
                        "tinyllm.cache.defaults.redis.enabled=true",
                        "tinyllm.cache.defaults.redis.timeout=2s",
                        "tinyllm.cache.defaults.memory.enabled=" + memory,
                        "tinyllm.cache.defaults.memory.maximum-size=" + (KEYS - 2),
                        "tinyllm.cache.defaults.time-to-live=20ms",
                        "tinyllm.cache.defaults.stale-while-revalidate=20ms",
                        "tinyllm.cache.defaults.refresh-ahead=0.5",
                        "tinyllm.cache.defaults.negative.enabled=true",
                        "tinyllm.cache.defaults.negative.time-to-live=5ms",
                        "tinyllm.cache.defaults.load-timeout=100ms",
                        "tinyllm.cache.caches.random.write.policy=" + (store ? "write-through" : "none"))
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    service.begin(random.nextLong());
                    List<Thread> threads = new ArrayList<>();
                    for (int i = 0; i < THREADS; i++) {
                        Random own = new Random(random.nextLong());
                        Thread thread = new Thread(() -> operate(service, own, until), "calls-" + i);
                        threads.add(thread);
                        thread.start();
                    }
                    disturb(context.getSourceApplicationContext(), redis, outages, threads, random, until);
                    for (Thread thread : threads) {
                        thread.join(60_000);
                        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
                    }
                    if (failure.get() != null) {
                        throw new AssertionError(
                                "With memory: " + memory + ", a store: " + store + ", outages: " + outages,
                                failure.get());
                    }
                    TieredCache cache = (TieredCache) context.getBean(CacheManager.class)
                            .getCache("random")
                            .getNativeCache();
                    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                        if (cache.loadsInProgress() > 0) {
                            System.gc(); // futures that never end are dropped
                        }
                        assertThat(cache.loadsInProgress()).isZero();
                    });
                });
    }

    private void disturb(
            ConfigurableApplicationContext context,
            RedisProcess redis,
            boolean outages,
            List<Thread> threads,
            Random random,
            long until)
            throws InterruptedException {
        while (System.nanoTime() < until && failure.get() == null) {
            Thread.sleep(1 + random.nextInt(20));
            if (random.nextInt(4) == 0) {
                threads.get(random.nextInt(THREADS)).interrupt();
            }
            if (random.nextInt(60) == 0) {
                context.stop();
                context.start();
            }
            if (outages && random.nextInt(200) == 0) {
                redis.kill();
                Thread.sleep(random.nextInt(2_000));
                redis.restart();
            }
        }
    }

    private void operate(Service service, Random random, long until) {
        while (System.nanoTime() < until && failure.get() == null) {
            try {
                service.call(random, random.nextInt(KEYS));
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
            operations.incrementAndGet();
            Thread.interrupted();
        }
    }

    /** A value of a key, and the number of the change that its load had read. */
    public record Value(int key, long number) {}

    /** One key, as it is known to be. Numbers grow. */
    private static final class Model {

        private final ReentrantLock oneChangeAtATime = new ReentrantLock();
        private final AtomicLong truth = new AtomicLong();

        /** The number of the last change that has ended: nobody who asks from then on is told an older one. */
        private final AtomicLong ended = new AtomicLong();
    }

    /** A load that fails now and then, as backends do. */
    private static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Rows rows() {
            return new Rows();
        }

        @Bean
        Store store() {
            return new Store();
        }

        @Bean
        Service service(Rows rows) {
            return new Service(rows);
        }
    }

    /** What lies under the cache, where that has a store. */
    static final class Store implements BackingStore<Integer, Value> {

        private final Map<Integer, Value> rows = new ConcurrentHashMap<>();

        @Override
        public Set<String> cacheNames() {
            return Set.of("random");
        }

        @Override
        public @Nullable Value load(Integer key) {
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<Integer, Value> entries) {
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<Integer> keys) {
            rows.keySet().removeAll(keys);
        }

        @Override
        public void clear() {
            rows.clear();
        }
    }

    /** What is cached. */
    public static class Rows {

        /** Through its proxy. */
        @Autowired
        @Lazy
        @Nullable
        private Rows self;

        private final Model[] models = new Model[KEYS];
        private volatile Random random = new Random();

        public Rows() {
            for (int key = 0; key < KEYS; key++) {
                models[key] = new Model();
            }
        }

        public void begin(long seed) {
            random = new Random(seed);
        }

        /** Reads the truth, and takes its time or fails before it tells. */
        private Value read(int key) {
            Value value = new Value(key, models[key].truth.get());
            int choice = random.nextInt(40);
            if (choice == 0) {
                throw new Refused();
            }
            if (choice < 5) {
                try {
                    Thread.sleep(choice == 1 ? 150 : random.nextInt(10));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new Refused();
                }
            }
            return value;
        }

        public Model model(int key) {
            return models[key];
        }

        @Cacheable("random")
        public Value plain(int key) {
            return read(key);
        }

        @Cacheable(cacheNames = "random", sync = true)
        public Value sync(int key) {
            return read(key);
        }

        @Cacheable("random")
        public Value nested(int key) {
            return self.plain(key);
        }

        @Cacheable("random")
        public CompletableFuture<Value> nestedFuture(int key) {
            return self.future(key);
        }

        @Cacheable("random")
        public Mono<Value> nestedMono(int key) {
            return self.mono(key);
        }

        @Cacheable("random")
        public CompletableFuture<Value> future(int key) {
            return CompletableFuture.supplyAsync(() -> read(key));
        }

        @Cacheable("random")
        public Mono<Value> mono(int key) {
            return Mono.fromSupplier(() -> read(key));
        }

        @Cacheable("lists")
        public Flux<Value> flux(int key) {
            return Flux.defer(() -> Flux.just(read(key), read(key)));
        }

        @CachePut(cacheNames = "random", key = "#p0")
        public Value put(int key, long number) {
            return new Value(key, number);
        }

        @CacheEvict(cacheNames = {"random", "lists"})
        public void evict(int key) {}

        @CacheEvict(cacheNames = "lists")
        public void evictList(int key) {}

        @CacheEvict(
                cacheNames = {"random", "lists"},
                allEntries = true)
        public void clear() {}
    }

    /** Calls what is cached, and checks what it is told. */
    static final class Service {

        private final Rows rows;
        private final ReadWriteLock all = new ReentrantReadWriteLock();

        Service(Rows rows) {
            this.rows = rows;
        }

        void begin(long seed) {
            rows.begin(seed);
        }

        void call(Random random, int key) throws Exception {
            Model model = rows.model(key);
            long atLeast = model.ended.get();
            int choice = random.nextInt(100);
            if (choice < 35) {
                told(choice, key, atLeast, () -> choice < 30 ? rows.plain(key) : rows.nested(key));
            } else if (choice < 50) {
                told(choice, key, atLeast, () -> rows.sync(key));
            } else if (choice < 62) {
                told(choice, key, atLeast, () -> {
                    CompletableFuture<Value> future = choice < 60 ? rows.future(key) : rows.nestedFuture(key);
                    if (random.nextInt(10) == 0) {
                        future.cancel(true);
                        return null;
                    }
                    return future.get(60, TimeUnit.SECONDS);
                });
            } else if (choice < 74) {
                told(choice, key, atLeast, () -> (choice < 72 ? rows.mono(key) : rows.nestedMono(key)).block());
            } else if (choice < 80) {
                told(choice, key, atLeast, () -> rows.flux(key).blockFirst());
            } else if (choice < 98) {
                all.readLock().lock();
                model.oneChangeAtATime.lock();
                try {
                    long number = model.truth.incrementAndGet();
                    if (choice < 90) {
                        rows.put(key, number);
                        rows.evictList(key);
                    } else {
                        rows.evict(key);
                    }
                    model.ended.set(number);
                } finally {
                    model.oneChangeAtATime.unlock();
                    all.readLock().unlock();
                }
            } else {
                clear();
            }
        }

        private void clear() {
            all.writeLock().lock();
            try {
                long[] numbers = new long[KEYS];
                for (int key = 0; key < KEYS; key++) {
                    numbers[key] = rows.model(key).truth.incrementAndGet();
                }
                rows.clear();
                for (int key = 0; key < KEYS; key++) {
                    rows.model(key).ended.set(numbers[key]);
                }
            } finally {
                all.writeLock().unlock();
            }
        }

        /** Asks, and checks what is told; a load may fail. */
        private static void told(int choice, int key, long atLeast, Callable<Value> question) throws Exception {
            Value value;
            try {
                value = question.call();
            } catch (Refused | LoadTimeoutException failed) {
                return;
            } catch (InterruptedException interrupted) {
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Refused || e.getCause() instanceof LoadTimeoutException) {
                    return;
                }
                throw e;
            } catch (RuntimeException e) {
                if (e.getCause() instanceof InterruptedException || e.getCause() instanceof Refused) {
                    return; // as block() wraps it
                }
                throw e;
            }
            if (value != null) {
                assertThat(value.key()).as("whose value").isEqualTo(key);
                assertThat(value.number())
                        .as("the number of key " + key + ", asked by choice " + choice)
                        .isGreaterThanOrEqualTo(atLeast);
            }
        }
    }
}
