package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.BackendGuard;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes on one Redis: what one changes, the other serves. */
class InvalidationTests {

    private RedisProcess redis;
    private RedisNode one;
    private RedisNode two;
    private final AtomicInteger round = new AtomicInteger();

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        one = RedisNode.connected(redis);
        two = RedisNode.connected(redis);
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    /** Only who asks for an expired entry makes the server remove it: a removal of the server's own is other news. */
    private void removeExpiredOnlyWhenAsked() {
        redis.call(commands -> commands.dispatch(
                CommandType.DEBUG,
                new StatusOutput<>(StringCodec.UTF8),
                new CommandArgs<>(StringCodec.UTF8).add("SET-ACTIVE-EXPIRE").add(0)));
    }

    private static TieredCache cache(RedisNode node, Invalidation invalidation) {
        return node.cache("cache", RedisNode.PATIENT, invalidation);
    }

    /**
     * Waits until one has heard of all that the other has changed so far. A key of its own each time: of one that was
     * changed before, older news may come late and be taken for these.
     */
    private void awaitNews(TieredCache a, TieredCache b) {
        await(() -> {
            String key = "news-" + round.incrementAndGet();
            a.put(key, "first");
            value(b, key);
            a.put(key, "second");
            long deadline = System.nanoTime() + 50_000_000;
            while (System.nanoTime() < deadline) {
                if ("second".equals(value(b, key))) {
                    return true;
                }
            }
            return false;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void servesWhatTheOtherNodeWrote(Invalidation invalidation) {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);
        awaitNews(there, here);
        String longKey = "a long prompt ".repeat(100);
        for (Object key : List.of("key", 42L, longKey, List.of("a", 1))) {
            here.put(key, "first");
            await(() -> "first".equals(value(there, key)));
            there.put(key, "second");
            await(() -> "second".equals(value(here, key)));
            here.evict(key);
            await(() -> value(there, key) == null);
        }
        here.put("key", "value");
        await(() -> value(there, "key") != null);
        there.clear();
        await(() -> value(here, "key") == null);
    }

    /** As of a key whose equals or hashCode throws. */
    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void onePieceOfNewsThatCannotBeTakenCostsItself(Invalidation invalidation) {
        for (Throwable failure : List.of(new IllegalStateException("bad"), new NoClassDefFoundError("bad"))) {
            String name = "cache-" + failure.getClass().getSimpleName();
            AtomicInteger thrown = new AtomicInteger();
            AtomicBoolean bad = new AtomicBoolean();
            MemoryTier memory = new CaffeineMemoryTier(100, System::nanoTime, Runnable::run);
            MemoryTier throwing = (MemoryTier) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {MemoryTier.class}, (proxy, method, arguments) -> {
                        if (bad.get() && arguments != null && "bad".equals(arguments[0])) {
                            thrown.incrementAndGet();
                            throw failure;
                        }
                        try {
                            return method.invoke(memory, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            TieredCache here = one.cache(name, RedisNode.PATIENT, invalidation, throwing);
            TieredCache there = two.cache(name, RedisNode.PATIENT, invalidation);
            awaitNews(here, there);
            awaitNews(there, here);
            here.put("bad", "first");
            await(() -> "first".equals(value(there, "bad")));
            bad.set(true);
            for (int i = 0; i < 3; i++) {
                there.put("bad", "second");
                there.evict("bad");
            }
            awaitNews(there, here);
            assertThat(thrown).as("what this test is of").hasPositiveValue();
            assertThat(here.counters().errors()).isPositive();
        }
    }

    @Test
    void aChangeThatCannotBeToldToItsCacheIsCounted() {
        GuardedRemoteTier tier = one.tier("counted");
        tier.onInvalidation(new Failing(true));
        TieredCache there = two.cache("counted");
        for (int i = 1; i <= 3; i++) {
            String key = "key-" + i;
            long expected = i;
            await(() -> {
                tier.prepare(key, "here", TimeUnit.MINUTES.toNanos(1)).send().join();
                there.put(key, "there");
                return one.backend().guard().errors("news") >= expected;
            });
        }
        assertThat(one.backend().health().errors()).containsKey("news");
        assertThat(BackendGuard.reasons())
                .containsAll(one.backend().health().errors().keySet());
    }

    @Test
    void soIsOneThatCanBeToldOnlyOnceTheServerHasSaidWhetherTheKeyHasExpired() {
        GuardedRemoteTier tier = one.tier("counted");
        tier.onInvalidation(new Failing(false));
        removeExpiredOnlyWhenAsked();
        AtomicInteger keys = new AtomicInteger();
        await(() -> {
            String key = "key-" + keys.incrementAndGet();
            tier.prepare(key, "short-lived", 1_000_000).send().join();
            while (tier.get(key).join() != null) {
                Thread.onSpinWait();
            }
            return one.backend().guard().errors("news") > 0;
        });
    }

    /** As a cache does whose keys throw, where the news comes or when it is known what it was about. */
    private record Failing(boolean atOnce) implements RemoteTier.InvalidationListener {

        @Override
        public void invalidate(Object key) {
            fail(atOnce);
        }

        @Override
        public Runnable doubt(Object key) {
            fail(atOnce);
            return () -> fail(true);
        }

        @Override
        public void invalidateAll() {}

        private static void fail(boolean now) {
            if (now) {
                throw new NoClassDefFoundError("bad");
            }
        }
    }

    @Test
    void tellsTheOthersItselfWhereTheServerDoesNotAllowTracking() {
        redis.call(commands -> commands.aclSetuser(
                "limited",
                AclSetuserArgs.Builder.on()
                        .addPassword("secret")
                        .allKeys()
                        .allChannels()
                        .allCommands()
                        .removeCommand(CommandType.CLIENT)));
        RedisEndpoint endpoint = RedisEndpoint.of("redis://limited:secret@127.0.0.1:" + redis.port());
        try (RedisNode first = new RedisNode(endpoint);
                RedisNode second = new RedisNode(endpoint)) {
            first.awaitUp();
            second.awaitUp();
            assertThat(first.backend().health().detail()).isEqualTo("not tracking changes");
            TieredCache here = cache(first, Invalidation.AUTO);
            TieredCache there = cache(second, Invalidation.AUTO);
            awaitNews(here, there);

            here.put("key", "first");
            await(() -> "first".equals(value(there, "key")));
            there.put("key", "second");
            await(() -> "second".equals(value(here, "key")));
            here.evict("key");
            await(() -> value(there, "key") == null);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void keepsItsLocalCopyOfWhatItWroteItself(Invalidation invalidation) {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);
        awaitNews(there, here);
        for (int i = 0; i < 100; i++) {
            here.put("key-" + i, i);
        }
        // News of this comes after that of any of the above.
        awaitNews(there, here);

        for (int i = 0; i < 100; i++) {
            assertThat(here.memory().peek("key-" + i)).isNotNull();
        }
    }

    @Test
    void hearsOfChangesByOtherPrograms() {
        TieredCache here = cache(one, Invalidation.AUTO);
        here.put("key", "value");
        redis.call(ByteArrayCodec.INSTANCE, commands -> {
            byte[] redisKey = commands.keys("tinyllm:cache:*s3:key").get(0);
            return commands.del(redisKey);
        });
        await(() -> here.memory().peek("key") == null);

        here.put("key", "value");
        redis.call(ByteArrayCodec.INSTANCE, commands -> {
            byte[] redisKey = commands.keys("tinyllm:cache:*s3:key").get(0);
            return commands.pexpire(redisKey, 20);
        });
        await(() -> here.get("key") == null);

        here.put("key", "value");
        redis.call(commands -> commands.flushall());
        await(() -> here.memory().peek("key") == null);
        here.put("key", "value");
        assertThat(value(here, "key")).isEqualTo("value");
        await(() -> {
            here.put("other", "value");
            return redis.call(commands -> commands.keys("tinyllm:cache:*s5:other"))
                            .size()
                    == 1;
        });
    }

    @Test
    void keepsWhatIsLoadedInPlaceOfAnExpiredEntry() {
        TieredCache here = cache(one, Invalidation.AUTO);
        TieredCache there = cache(two, Invalidation.AUTO);
        var tier = one.tier("cache");
        // A connection that has just begun drops everything once.
        awaitNews(there, here);
        removeExpiredOnlyWhenAsked();
        for (int i = 0; i < 20; i++) {
            String key = "key-" + i;
            tier.prepare(key, "short-lived", 1_000_000).send().join();
            int round = i;
            AtomicInteger loads = new AtomicInteger();
            await(() -> {
                Object value = here.get(key, () -> "loaded " + round + "/" + loads.incrementAndGet());
                return value.toString().startsWith("loaded");
            });
            // The removal of the expired entry is heard of by now, having come before this.
            awaitNews(there, here);
            assertThat(here.get(key, () -> "loaded again")).isEqualTo("loaded " + round + "/1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void aLoadThatBeganAMomentBeforeAChangeOfAnotherNodeIsNotKept(Invalidation invalidation) throws Exception {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);
        for (int i = 0; i < 40; i++) {
            String key = "key-" + i;
            boolean evicted = i % 2 == 0;
            Object now = there.get(key, () -> {
                if (evicted) {
                    here.evict(key);
                } else {
                    here.put(key, "new");
                }
                awaitNews(here, there);
                return "old";
            });
            assertThat(now).isEqualTo("old");
            assertThat(there.get(key, () -> "new")).isEqualTo("new");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoadThatEndsBeforeItIsKnownWhetherItsKeyHadExpiredOrWasChangedReplacesNothing(boolean changed)
            throws Exception {
        try (OneByOne news = new OneByOne();
                RedisNode third = new RedisNode("primary", RedisEndpoint.of(redis.url()), news)) {
            third.awaitUp();
            TieredCache here = cache(one, Invalidation.TRACKING);
            TieredCache there = cache(third, Invalidation.TRACKING);
            awaitNews(here, there);
            // What was missed longer than a moment ago is no question on a machine that stands still.
            int rounds = 0;
            while (!replacesNothing(news, here, there, "key-" + rounds, changed)) {
                assertThat(++rounds).isLessThan(10);
            }
        }
    }

    /** Returns whether it was asked what the news was about, which is what this is about. */
    private boolean replacesNothing(OneByOne news, TieredCache here, TieredCache there, String key, boolean changed) {
        if (!changed) {
            removeExpiredOnlyWhenAsked();
            one.tier("cache").prepare(key, "short-lived", 1_000_000).send().join();
            awaitNews(here, there);
            // Longer than it lives: DEBUG SLEEP holds the server up, and nobody asks for the key.
            redis.call(commands -> commands.dispatch(
                    CommandType.DEBUG,
                    new StatusOutput<>(StringCodec.UTF8),
                    new CommandArgs<>(StringCodec.UTF8).add("SLEEP").add("0.01")));
        }
        news.hold();
        boolean[] asked = new boolean[1];
        Object answer = there.get(key, () -> {
            if (changed) {
                here.put(key, "new");
            }
            // The news itself, then the answer to the question what it is about, which comes too late.
            news.runNext();
            asked[0] = news.hasNext();
            return "loaded";
        });

        assertThat(answer).isEqualTo("loaded");
        if (asked[0]) {
            assertThat(there.memory().peek(key)).isNull();
            assertThat(value(there, key)).isEqualTo(changed ? "new" : "loaded");
            assertThat(value(here, key)).isEqualTo(changed ? "new" : "loaded");
        }
        news.goOn();
        awaitNews(here, there);
        if (asked[0]) {
            assertThat(value(there, key)).isEqualTo(changed ? "new" : "loaded");
        }
        return asked[0];
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void servesNothingThatChangedWhileItDidNotHear(Invalidation invalidation) {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);
        for (int i = 0; i < 3; i++) {
            String key = "key-" + i;
            here.put(key, "old");
            await(() -> "old".equals(value(there, key)));
            redis.call(commands -> {
                commands.clientKill(KillArgs.Builder.typeNormal().skipme());
                return commands.clientKill(KillArgs.Builder.typePubsub());
            });
            await(() -> one.backend().health().state() == State.UP);
            // Where this write comes too early it fails, and the key is deleted instead.
            here.put(key, "new");
            await(() -> !"old".equals(value(there, key)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void servesWhatTheOtherNodeWroteWithinFiftyMilliseconds(Invalidation invalidation) {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);

        long median = medianMicros(200, here, there, () -> {});
        long medianAfterKills = medianMicros(20, here, there, () -> {
            redis.call(commands -> {
                commands.clientKill(KillArgs.Builder.typeNormal().skipme());
                return commands.clientKill(KillArgs.Builder.typePubsub());
            });
            await(() -> storesInRedis(one));
        });

        System.out.printf(
                "%s: a change is served by the other node after %d us, after CLIENT KILL %d us (medians)%n",
                invalidation, median, medianAfterKills);
        assertThat(median).isLessThan(50_000);
        assertThat(medianAfterKills).isLessThan(50_000);
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void aServerThatIsEmptiedUnderRunningInstancesIsNoticedAndSharedAgain(Invalidation invalidation) {
        TieredCache here = cache(one, invalidation);
        TieredCache there = cache(two, invalidation);
        awaitNews(here, there);
        for (int i = 0; i < 2; i++) {
            here.put("key", "old");
            await(() -> "old".equals(value(there, "key")));
            redis.call(commands -> commands.flushall());
            await(() -> value(here, "key") == null && value(there, "key") == null);
            await(() -> {
                there.put("key", "new");
                return "new".equals(value(here, "key"));
            });
        }
    }

    /** A thread whose tasks the test lets run one by one. */
    private static final class OneByOne extends AbstractExecutorService implements AutoCloseable {

        private final BlockingDeque<Runnable> tasks = new LinkedBlockingDeque<>();
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private boolean held;

        @Override
        public synchronized void execute(Runnable task) {
            if (held) {
                tasks.add(task);
            } else {
                thread.execute(task);
            }
        }

        synchronized void hold() {
            held = true;
        }

        synchronized void goOn() {
            held = false;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                thread.execute(task);
            }
        }

        void runNext() throws Exception {
            Runnable task = tasks.poll(20, TimeUnit.SECONDS);
            assertThat(task).isNotNull();
            thread.submit(task).get(20, TimeUnit.SECONDS);
        }

        /** Returns whether there is one within some seconds. */
        boolean hasNext() throws InterruptedException {
            Runnable next = tasks.poll(5, TimeUnit.SECONDS);
            if (next != null) {
                tasks.addFirst(next);
            }
            return next != null;
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }

        @Override
        public void shutdown() {
            thread.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return thread.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return thread.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return thread.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return thread.awaitTermination(timeout, unit);
        }
    }

    private static boolean storesInRedis(RedisNode node) {
        try {
            node.tier("probe").prepare("probe", 1, 1_000_000_000).send().join();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** How long it takes until the other node, which has an older value in memory, serves what one writes. */
    private static long medianMicros(int rounds, TieredCache here, TieredCache there, Runnable disturbance) {
        long[] nanos = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            int round = i;
            here.put("timed", -round - 1);
            await(() -> Integer.valueOf(-round - 1).equals(value(there, "timed")));
            disturbance.run();
            long begun = System.nanoTime();
            here.put("timed", round);
            while (!Integer.valueOf(round).equals(value(there, "timed"))) {
                assertThat(System.nanoTime() - begun).isLessThan(20_000_000_000L);
                Thread.onSpinWait();
            }
            nanos[i] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        return nanos[rounds / 2] / 1000;
    }

    @ParameterizedTest
    @EnumSource(names = {"TRACKING", "PUB_SUB"})
    void agreesWithTheModelAfterRandomOperationsAndKilledConnections(Invalidation invalidation) {
        int operations = Integer.getInteger("tinyllm.test.operations", 1000);
        TieredCache[] caches = {cache(one, invalidation), cache(two, invalidation)};
        awaitNews(caches[0], caches[1]);
        awaitNews(caches[1], caches[0]);
        Map<String, Integer> model = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < operations; i++) {
            TieredCache cache = caches[random.nextInt(2)];
            String key = "key-" + random.nextInt(50);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    model.put(key, i);
                    cache.put(key, i);
                }
                case 3 -> {
                    model.remove(key);
                    cache.evict(key);
                }
                default -> cache.get(key);
            }
            if (i % (operations / 5) == operations / 10) {
                redis.call(commands -> {
                    commands.clientKill(KillArgs.Builder.typeNormal().skipme());
                    return commands.clientKill(KillArgs.Builder.typePubsub());
                });
            }
        }
        await(() -> one.backend().health().state() == State.UP
                && two.backend().health().state() == State.UP);
        awaitNews(caches[0], caches[1]);
        awaitNews(caches[1], caches[0]);
        await(() -> {
            for (TieredCache cache : caches) {
                for (int k = 0; k < 50; k++) {
                    Object value = value(cache, "key-" + k);
                    if (value != null && !value.equals(model.get("key-" + k))) {
                        return false;
                    }
                }
            }
            return true;
        });
    }
}
