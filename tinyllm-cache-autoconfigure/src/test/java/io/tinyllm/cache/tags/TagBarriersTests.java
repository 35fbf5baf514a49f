package io.tinyllm.cache.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.Restoration;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.TieredCacheBuilder;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.negative.CaffeineNegativeCache;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bears a tag is gone once the tag was evicted, in one JVM, whatever goes on meanwhile. */
@Timeout(60)
class TagBarriersTests {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final AtomicLong now = new AtomicLong();
    private final AtomicLong wall = new AtomicLong(1_000_000);
    private final AtomicInteger errors = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private List<TagResolver> resolvers =
            List.of((cacheName, key, value) -> Set.of(String.valueOf(key).split("-")[0]));
    private TagBarriers tags = barriers(1000);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private TagBarriers barriers(int maximum) {
        return new TagBarriers(resolvers, maximum, 0, wall::get, Runnable::run);
    }

    private TieredCacheBuilder builder(String name) {
        return TieredCache.named(name)
                .ticker(now::get)
                .memory(CaffeineMemoryTier.keeping(1000, now::get, Runnable::run, 60 * MINUTE))
                .negative(new CaffeineNegativeCache(MINUTE, 100, Set.of(), true, now::get, Runnable::run))
                .tags(tags.policy(name, errors::incrementAndGet))
                .ttl((key, value) -> MINUTE);
    }

    private TieredCache cache() {
        return builder("cache").build();
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    @Test
    void evictsWhatBearsTheTagAndNothingElse() {
        TieredCache cache = cache();
        cache.put("eu-1", 1);
        cache.get("eu-2", () -> 2);
        cache.put("us-1", 3);
        tags.evict("eu");
        assertThat(cache.get("eu-1")).isNull();
        assertThat(cache.get("eu-2")).isNull();
        assertThat(value(cache, "us-1")).isEqualTo(3);
        cache.put("eu-1", 4);
        assertThat(value(cache, "eu-1")).isEqualTo(4);
        assertThat(cache.get("eu-2", () -> 5)).isEqualTo(5);
        assertThat(value(cache, "eu-2")).isEqualTo(5);
    }

    @Test
    void evictsFromOneCacheWhereOneIsNamed() {
        TieredCache cache = cache();
        TieredCache other = builder("other").build();
        cache.put("eu-1", 1);
        other.put("eu-1", 1);
        tags.evict("cache", "eu");
        assertThat(cache.get("eu-1")).isNull();
        assertThat(other.get("eu-1")).isNotNull();
        assertThat(tags.evictions("cache")).isEqualTo(1);
        assertThat(tags.evictions("other")).isZero();
    }

    @Test
    void aClockThatIsSetBackChangesNothing() {
        TieredCache cache = cache();
        tags.evict("eu");
        wall.set(5);
        cache.put("eu-1", 1);
        assertThat(value(cache, "eu-1")).isEqualTo(1);
        tags.evict("eu");
        assertThat(cache.get("eu-1")).isNull();
    }

    @Test
    void theTagsOfSeveralResolversAreUnited() {
        resolvers = List.of(
                (cacheName, key, value) -> List.of("a"),
                (cacheName, key, value) -> List.of("a", String.valueOf(value)));
        tags = barriers(100);
        TieredCache cache = cache();
        for (String tag : List.of("a", "b")) {
            cache.put("key", "b");
            assertThat(cache.inspect("key").tags()).containsExactly("a", "b");
            tags.evict(tag);
            assertThat(cache.get("key")).isNull();
            assertThat(cache.inspect("key").evictedBy()).isNull();
        }
    }

    @Test
    void theExplanationOfAKeyNamesTheTagThatEndedIt() {
        TieredCache cache = cache();
        cache.put("eu-1", 1);
        tags.evict("eu");
        assertThat(cache.inspect("eu-1").evictedBy()).isEqualTo("eu");
        assertThat(cache.inspect("eu-1").tags()).containsExactly("eu");
        assertThat(cache.inspect("eu-1").answeredBy()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    void aBadTagIsRefused(String text) {
        String tag = text.repeat(257);
        assertThatIllegalArgumentException().isThrownBy(() -> tags.evict(tag)).withMessageContaining("1 to 256");
        assertThatIllegalArgumentException().isThrownBy(() -> tags.evict("cache", tag));
        tags.evict("x".repeat(256));
    }

    @Test
    void whatHasTagsThatCannotBeToldIsNotKept() {
        resolvers = List.of((cacheName, key, value) -> {
            if (key.equals("throws")) {
                throw new IllegalStateException("down");
            }
            return List.of(key.equals("bad") ? "" : "good");
        });
        tags = barriers(100);
        TieredCache cache = cache();
        for (String key : List.of("throws", "bad")) {
            cache.put(key, 1);
            assertThat(cache.get(key)).isNull();
            assertThat(cache.get(key, () -> 2)).isEqualTo(2);
            assertThat(cache.get(key)).isNull();
        }
        cache.put("fine", 1);
        assertThat(cache.get("fine")).isNotNull();
        assertThat(errors.get()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void absencesAndFailuresAreEvictedToo() {
        TieredCache cache = cache();
        cache.put("eu-null", null);
        assertThat(cache.get("eu-null")).isNotNull();
        assertThatThrownBy(() -> cache.get("eu-fails", () -> {
                    throw new IllegalStateException("down");
                }))
                .hasRootCauseMessage("down");
        tags.evict("eu");
        assertThat(cache.get("eu-null")).isNull();
        assertThat(cache.get("eu-fails", () -> 1)).isEqualTo(1);
    }

    @Test
    void staleEntriesAreEvictedToo() {
        TieredCache cache = builder("cache")
                .staleness(new Staleness(10 * MINUTE, 10 * MINUTE, 0))
                .background(new Background(task -> {}, key -> "fresh"))
                .build();
        cache.put("eu-1", "stale");
        now.addAndGet(2 * MINUTE);
        assertThat(value(cache, "eu-1")).isEqualTo("stale");
        tags.evict("eu");
        assertThat(cache.get("eu-1")).isNull();
        assertThatThrownBy(() -> cache.get("eu-1", () -> {
                    throw new IllegalStateException("down");
                }))
                .hasRootCauseMessage("down");
    }

    @Test
    void aLoadThatBeganBeforeAnswersItsOwnCallersAndNobodyElse() throws Exception {
        TieredCache cache = cache();
        CompletableFuture<Object> loading = new CompletableFuture<>();
        CompletableFuture<Object> leader = cache.getAsync("eu-1", () -> loading);
        CompletableFuture<Object> before = cache.getAsync("eu-1", () -> CompletableFuture.completedFuture("own"));
        tags.evict("eu");
        CompletableFuture<Object> after = cache.getAsync("eu-1", () -> CompletableFuture.completedFuture("new"));
        Future<Object> blocking = threads.submit(() -> cache.get("eu-1", () -> "new"));
        loading.complete("old");
        assertThat(leader.get(10, TimeUnit.SECONDS)).isEqualTo("old");
        assertThat(before.get(10, TimeUnit.SECONDS)).isEqualTo("old");
        assertThat(after.get(10, TimeUnit.SECONDS)).isEqualTo("new");
        assertThat(blocking.get(10, TimeUnit.SECONDS)).isEqualTo("new");
        assertThat(value(cache, "eu-1")).isEqualTo("new");
    }

    @Test
    void aRefreshThatBeganBeforeIsNotKept() {
        List<Runnable> background = new ArrayList<>();
        TieredCache cache = builder("cache")
                .staleness(new Staleness(0, 10 * MINUTE, 0))
                .background(new Background(background::add, key -> "refreshed"))
                .build();
        cache.put("eu-1", "first");
        now.addAndGet(2 * MINUTE);
        cache.get("eu-1");
        tags.evict("eu");
        background.get(0).run();
        assertThat(cache.get("eu-1")).isNull();
    }

    /** The caches that the oldest concern are cleared rather than that anything evicted is served. */
    @Test
    void whereThereAreTooManyTheOldestClearsItsCaches() {
        tags = barriers(100);
        TieredCache cache = cache();
        TieredCache other = builder("other").build();
        tags.register("cache", Long.MAX_VALUE, cache::forgetAll);
        tags.register("other", Long.MAX_VALUE, other::forgetAll);
        cache.put("old-1", 1);
        cache.put("other-1", 1);
        other.put("old-1", 1);
        tags.evict("cache", "old");
        for (int i = 0; i < 99; i++) {
            tags.evict("cache", "tag" + i);
        }
        assertThat(value(cache, "other-1")).isEqualTo(1);
        assertThat(tags.clears()).isZero();
        tags.evict("cache", "one-more");
        assertThat(tags.size()).isEqualTo(100);
        assertThat(tags.clears()).isEqualTo(1);
        assertThat(cache.get("old-1")).isNull();
        assertThat(cache.get("other-1")).isNull();
        cache.put("old-1", 2);
        assertThat(value(cache, "old-1")).isEqualTo(2);
    }

    @Test
    void catchingUpWithTooManyClearsOnceAndSavesOnce() {
        tags = barriers(100);
        TieredCache cache = cache();
        tags.register("cache", Long.MAX_VALUE, cache::forgetAll);
        AtomicInteger saves = new AtomicInteger();
        tags.keepIn(new BarrierFile() {

            @Override
            public byte[] read() {
                return null;
            }

            @Override
            public void write(byte[] content) {
                saves.incrementAndGet();
            }
        });
        saves.set(0);
        cache.put("t5-1", 1);
        Map<String, Long> missed = new LinkedHashMap<>();
        for (long i = 0; i < 500; i++) {
            missed.put(new Target(null, "t" + i).text(), 1_000 + i);
        }
        tags.evicted(missed);
        assertThat(tags.size()).isEqualTo(100);
        assertThat(tags.clears()).isEqualTo(1);
        assertThat(saves).hasValue(1);
        assertThat(cache.get("t5-1")).isNull();
        tags.evicted(missed);
        assertThat(tags.size()).isEqualTo(100);
    }

    @Test
    void barriersEndWhenNothingOlderCanBeLeft() {
        tags.register("cache", TimeUnit.HOURS.toNanos(1), () -> {});
        tags.share(new io.tinyllm.cache.core.port.TagFeed() {

            @Override
            public CompletableFuture<Long> tell(String name) {
                return CompletableFuture.completedFuture(wall.get());
            }

            @Override
            public void onEviction(Listener listener) {}
        });
        tags.evict("eu");
        wall.addAndGet(TimeUnit.HOURS.toMicros(3));
        tags.evict("us");
        assertThat(tags.size()).isEqualTo(1);
    }

    @Test
    void aHitAllocatesNothing() {
        TieredCache cache = cache();
        cache.put("eu-1", 1);
        TieredCache untagged = TieredCache.named("untagged")
                .memory(new CaffeineMemoryTier(1000, System::nanoTime, Runnable::run))
                .build();
        untagged.put("eu-1", 1);
        tags.evict("us");
        for (int i = 0; i < 50_000; i++) {
            cache.get("eu-1");
            untagged.get("eu-1");
        }
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (TieredCache each : List.of(untagged, cache)) {
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1_000; i++) {
                    each.get("eu-1");
                }
                least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
            }
            // Caffeine's read buffer may be drained by this thread now and then; a hit of ours adds nothing.
            assertThat(least).as(each.name()).isLessThan(1_000);
        }
    }

    /** Measured by the memory that it takes, which tells its work as no clock of a busy machine does. */
    @Test
    void anEvictionCostsTheSameForTenEntriesAndForAMillion() {
        long few = bytesOfAnEviction(10);
        long many = bytesOfAnEviction(1_000_000);
        assertThat(many).isLessThan(3 * few + 10_000);
    }

    private long bytesOfAnEviction(int entries) {
        tags = barriers(1000);
        TieredCache cache = TieredCache.named("cache")
                .ticker(now::get)
                .memory(new CaffeineMemoryTier(2_000_000, now::get, Runnable::run))
                .tags(tags.policy("cache", errors::incrementAndGet))
                .build();
        for (int i = 0; i < entries; i++) {
            cache.put("eu-" + i, i);
        }
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10; i++) {
            tags.evict("eu");
        }
        long bytes = thread.getCurrentThreadAllocatedBytes() - before;
        assertThat(cache.get("eu-" + (entries - 1))).isNull();
        return bytes;
    }

    /** Half of a file is there when the tag is evicted, the rest comes after. */
    @Test
    void aRestoreDoesNotBringBackWhatIsEvictedMeanwhile() throws Exception {
        for (int round = 0; round < 50; round++) {
            TieredCache cache = builder("cache").build();
            Moment saved = tags.policy("cache", () -> {}).now();
            CountDownLatch half = new CountDownLatch(1);
            Future<?> restoring = threads.submit(() -> {
                try (Restoration restoration = cache.beginRestoration()) {
                    for (int i = 0; i < 200; i++) {
                        restoration.restore("eu-" + i, i, MINUTE, new Tagged(List.of("eu"), saved));
                        restoration.restore("us-" + i, i, MINUTE, new Tagged(List.of("us"), saved));
                        if (i == 100) {
                            half.countDown();
                        }
                    }
                }
            });
            half.await();
            tags.evict("eu");
            assertThat(value(cache, "eu-0")).isNull();
            restoring.get(20, TimeUnit.SECONDS);
            for (int i = 0; i < 200; i++) {
                assertThat(value(cache, "eu-" + i)).isNull();
                assertThat(value(cache, "us-" + i)).isEqualTo(i);
            }
        }
    }

    /** Loads, puts, refreshes and reads of one tag against its evictions: nobody reads what was evicted before. */
    @Test
    void nobodyReadsWhatWasEvictedBefore() throws Exception {
        AtomicLong source = new AtomicLong();
        AtomicLong evicted = new AtomicLong();
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicInteger wrong = new AtomicInteger();
        AtomicLong reads = new AtomicLong();
        TieredCache cache = TieredCache.named("cache")
                .memory(CaffeineMemoryTier.keeping(1000, System::nanoTime, Runnable::run, MINUTE))
                .tags(tags.policy("cache", errors::incrementAndGet))
                .ttl((key, value) -> 200_000)
                .staleness(new Staleness(MINUTE, MINUTE, 0.5))
                .background(new Background(threads, key -> source.get()))
                .build();
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(threads.submit(() -> {
                while (running.get()) {
                    String key = "eu-" + ThreadLocalRandom.current().nextInt(3);
                    long least = evicted.get();
                    Object read;
                    switch (ThreadLocalRandom.current().nextInt(4)) {
                        case 0 -> {
                            // Of no version: a value of an old one would be put after its eviction.
                            cache.put(key, Long.MAX_VALUE);
                            read = null;
                        }
                        case 1 -> {
                            CacheEntry entry = cache.get(key);
                            read = entry == null ? null : entry.value();
                        }
                        case 2 ->
                            read = cache.getAsync(key, () -> CompletableFuture.supplyAsync(source::get, threads))
                                    .get();
                        default -> read = cache.get(key, source::get);
                    }
                    if (read != null) {
                        reads.incrementAndGet();
                        if ((Long) read < least) {
                            wrong.incrementAndGet();
                        }
                    }
                }
                return null;
            }));
        }
        workers.add(threads.submit(() -> {
            while (running.get()) {
                long next = source.incrementAndGet();
                tags.evict("eu");
                evicted.set(next);
            }
        }));
        Awaitility.await().atMost(Duration.ofSeconds(50)).until(() -> reads.get() > 100_000 && evicted.get() > 2_000);
        running.set(false);
        for (Future<?> worker : workers) {
            worker.get(20, TimeUnit.SECONDS);
        }
        assertThat(wrong).hasValue(0);
    }
}
