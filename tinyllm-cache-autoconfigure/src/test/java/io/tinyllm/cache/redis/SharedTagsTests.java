package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import io.tinyllm.cache.tags.TagBarriers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Evictions by tag on instances that share a Redis, whose clocks are five seconds apart. */
@Timeout(120)
class SharedTagsTests {

    private static final long APART_MICROS = TimeUnit.SECONDS.toMicros(5);
    private static final TagResolver BY_KEY =
            (cacheName, key, value) -> Set.of(String.valueOf(key).split("-")[0]);

    private RedisProcess redis;
    private Instance one;
    private Instance two;

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        one = new Instance(0, true, Invalidation.AUTO);
        two = new Instance(-APART_MICROS, true, Invalidation.AUTO);
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private final class Instance implements AutoCloseable {

        final RedisNode node = RedisNode.connected(redis);
        final TagBarriers tags;
        final TieredCache cache;

        Instance(long clockMicros, boolean memory, Invalidation invalidation) {
            tags = new TagBarriers(
                    List.of(BY_KEY),
                    1000,
                    TimeUnit.SECONDS.toNanos(5),
                    () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) + clockMicros,
                    Runnable::run);
            tags.share(node.backend().tags());
            cache = TieredCache.named("cache")
                    .memory(memory ? new CaffeineMemoryTier(1000, System::nanoTime, Runnable::run) : MemoryTier.none())
                    .remote(node.tier("cache", RedisNode.PATIENT, invalidation))
                    .tags(tags.policy("cache", () -> {}))
                    .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                    .build();
        }

        Object read(String key) {
            CacheEntry entry = cache.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public void close() {
            node.close();
        }
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    @Test
    void whatOneEvictsIsGoneOnTheOtherInMemoryAndInRedis() {
        one.cache.put("eu-1", "old");
        one.cache.put("us-1", "kept");
        assertThat(two.read("eu-1")).isEqualTo("old");
        for (Instance evicting : List.of(two, one)) {
            Instance other = evicting == one ? two : one;
            evicting.tags.evict("eu");
            assertThat(evicting.read("eu-1")).isNull();
            await(() -> other.read("eu-1") == null);
            try (Instance third = new Instance(APART_MICROS, true, Invalidation.AUTO)) {
                assertThat(third.read("eu-1")).isNull();
                assertThat(third.read("us-1")).isEqualTo("kept");
            }
            other.cache.put("eu-1", "old");
            await(() -> "old".equals(evicting.read("eu-1")));
        }
        assertThat(one.read("us-1")).isEqualTo("kept");
    }

    @Test
    void tagsComeAlongThroughRedis() {
        one.cache.put("eu-1", "value");
        assertThat(two.read("eu-1")).isEqualTo("value");
        assertThat(two.cache.inspect("eu-1").tags()).containsExactly("eu");
        two.tags.evict("cache", "eu");
        assertThat(two.read("eu-1")).isNull();
        await(() -> one.read("eu-1") == null);
    }

    @ParameterizedTest
    @EnumSource(
            value = Invalidation.class,
            names = {"PUB_SUB", "NONE"})
    void anInstanceThatIsToldOfNoChangesHearsOfEvictionsAllTheSame(Invalidation invalidation) {
        try (Instance deaf = new Instance(0, true, invalidation)) {
            deaf.cache.put("eu-1", "old");
            one.tags.evict("eu");
            await(() -> deaf.read("eu-1") == null);
        }
    }

    @Test
    void anEvictionWhileRedisIsAwayCountsWhenItReturns() {
        try (Instance withoutMemory = new Instance(0, false, Invalidation.AUTO)) {
            withoutMemory.cache.put("eu-1", "old");
            withoutMemory.cache.put("us-1", "kept");
            redis.pause();
            Future<?> evicting = Executors.newSingleThreadExecutor().submit(() -> withoutMemory.tags.evict("eu"));
            try {
                evicting.get(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            redis.resume();
            await(() -> "kept".equals(withoutMemory.read("us-1")));
            assertThat(withoutMemory.read("eu-1")).isNull();
            await(() -> two.read("eu-1") == null);
            await(() -> {
                withoutMemory.cache.put("eu-1", "new");
                return "new".equals(withoutMemory.read("eu-1"));
            });
        }
    }

    @Test
    void aRedisThatHasLostItsDataIsToldAgain() {
        one.tags.evict("eu");
        redis.restart();
        await(() -> {
            one.cache.put("eu-1", "new");
            return "new".equals(one.read("eu-1")) && "new".equals(two.read("eu-1"));
        });
        one.tags.evict("eu");
        assertThat(one.read("eu-1")).isNull();
        await(() -> two.read("eu-1") == null);
    }

    /** Two JVMs whose clocks are five seconds apart, each of them evicting and being told by turns. */
    @Test
    void processesWhoseClocksDifferServeNothingEvictedLaterThanTheBound() throws Exception {
        try (TagProcess ahead = TagProcess.start(redis.url(), APART_MICROS);
                TagProcess behind = TagProcess.start(redis.url(), 0)) {
            for (int round = 0; round < 40; round++) {
                TagProcess evicting = round % 2 == 0 ? ahead : behind;
                TagProcess other = evicting == ahead ? behind : ahead;
                TagProcess writing = round % 4 < 2 ? other : evicting;
                String old = "v" + round;
                String fresh = "new" + round;
                writing.ask("put eu-1 " + old);
                writing.ask("put us-1 kept");
                await(() -> old.equals(ahead.ask("get eu-1")) && old.equals(behind.ask("get eu-1")));
                evicting.ask("evict eu");
                long evicted = System.nanoTime();
                assertThat(evicting.ask("get eu-1")).isEqualTo("null");
                await(() -> "null".equals(other.ask("get eu-1")));
                assertThat(System.nanoTime() - evicted).isLessThan(TimeUnit.SECONDS.toNanos(2));
                // What is written after the eviction is served, whichever clock is behind.
                evicting.ask("put eu-2 " + fresh);
                await(() -> fresh.equals(other.ask("get eu-2")));
                assertThat(other.ask("get eu-1")).isEqualTo("null");
                assertThat(other.ask("get us-1")).isEqualTo("kept");
            }
        }
    }

    /** Two instances load, put and read; one of them evicts. What was evicted longer ago than the bound is not read. */
    @Test
    void nothingThatWasEvictedIsServedLaterThanTheBound() throws Exception {
        long boundNanos = TimeUnit.SECONDS.toNanos(2);
        AtomicLong source = new AtomicLong();
        AtomicReferenceArray<Long> evictedAt = new AtomicReferenceArray<>(1_000_000);
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicInteger late = new AtomicInteger();
        AtomicInteger ownLate = new AtomicInteger();
        AtomicLong reads = new AtomicLong();
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<?>> workers = new java.util.ArrayList<>();
        for (Instance instance : List.of(one, two)) {
            for (int i = 0; i < 2; i++) {
                workers.add(threads.submit(() -> {
                    while (running.get()) {
                        String key = "eu-" + ThreadLocalRandom.current().nextInt(3);
                        long began = System.nanoTime();
                        Object read = ThreadLocalRandom.current().nextInt(3) == 0
                                ? instance.read(key)
                                : instance.cache.get(key, source::get);
                        if (read == null) {
                            continue;
                        }
                        reads.incrementAndGet();
                        // The version that was read ended when the next one began.
                        Long ended = evictedAt.get((int) ((Long) read + 1));
                        if (ended != null && began - ended > boundNanos) {
                            late.incrementAndGet();
                        }
                        if (instance == one && ended != null && began - ended > 0) {
                            ownLate.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
        while (System.nanoTime() < deadline) {
            long next = source.incrementAndGet();
            one.tags.evict("eu");
            evictedAt.set((int) next, System.nanoTime());
        }
        running.set(false);
        for (Future<?> worker : workers) {
            worker.get(20, TimeUnit.SECONDS);
        }
        threads.shutdownNow();
        assertThat(late).hasValue(0);
        assertThat(ownLate).hasValue(0);
        assertThat(reads.get()).isGreaterThan(1_000);
        assertThat(source.get()).isGreaterThan(100);
    }
}
