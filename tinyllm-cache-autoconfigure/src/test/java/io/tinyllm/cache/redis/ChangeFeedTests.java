package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.codec.ByteArrayCodec;
import io.tinyllm.cache.remote.RemoteStore.ChangeListener;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of news whose key is found missing at about the same time. */
class ChangeFeedTests {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final RecentMisses misses = new RecentMisses(System::nanoTime);
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private ChangeFeed feed;
    private byte[] redisKey;

    @BeforeEach
    void know() {
        RedisKeys keys = new RedisKeys("test:");
        ServerClock clock = new ServerClock(System::nanoTime, System.currentTimeMillis());
        CurrentConnection connection = new CurrentConnection(clock, System::nanoTime, timer);
        SharedStores stores = new SharedStores(new RedisTags(connection, "test:"));
        RedisStore store = new RedisStore(connection, clock, keys, "cache");
        stores.create(
                        "cache",
                        name -> new SharedStore(
                                store,
                                connection,
                                new ChangeAnnouncer(connection),
                                misses,
                                Invalidation.TRACKING,
                                keys.channel(name)))
                .onChange(new Listener());
        try (RedisProcess redis = RedisProcess.start()) {
            redis.call(
                    ByteArrayCodec.INSTANCE,
                    commands -> store.learnGeneration(
                                    commands.getStatefulConnection().async())
                            .join());
        }
        redisKey = store.redisKey(KEY);
        assertThat(redisKey).isNotNull();
        feed = new ChangeFeed(keys, stores, misses, waiting::add, () -> told.add("failure"));
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private void tellAll() {
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    @Test
    void newsOfAKeyThatWasFoundMissingIsAQuestion() {
        misses.add(redisKey);
        feed.changedOrExpired(redisKey);
        tellAll();
        assertThat(told).startsWith("in doubt");
    }

    @Test
    void newsThatCameBeforeItWasNotedThatItsKeyIsMissingIsAQuestionToo() {
        feed.changedOrExpired(redisKey);
        misses.add(redisKey);
        tellAll();
        assertThat(told).startsWith("in doubt");
    }

    @Test
    void newsOfAnyOtherKeyIsAChange() {
        feed.changedOrExpired(redisKey);
        tellAll();
        assertThat(told).containsExactly("changed");
    }

    @Test
    void whatAnotherInstanceTellsIsAChange() {
        misses.add(redisKey);
        feed.changed(redisKey);
        tellAll();
        assertThat(told).containsExactly("changed");
    }

    private final class Listener implements ChangeListener {

        @Override
        public void changed(byte[] key) {
            assertThat(key).isEqualTo(KEY);
            told.add("changed");
        }

        @Override
        public Runnable doubted(byte[] key) {
            assertThat(key).isEqualTo(KEY);
            told.add("in doubt");
            return () -> told.add("expired");
        }

        @Override
        public void allChanged() {
            told.add("all changed");
        }
    }
}
