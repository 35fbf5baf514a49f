package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.TierOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server, its replica, and three Sentinels that put the one in the place of the other. */
class SentinelTests {

    private static final int KEYS = 50;

    private RedisProcess primary;
    private RedisProcess replica;
    private final List<RedisProcess> sentinels = new ArrayList<>();
    private RedisNode one;
    private RedisNode two;

    @BeforeEach
    void start() {
        primary = RedisProcess.start("--repl-diskless-sync-delay", "0");
        replica = RedisProcess.startReplicaOf(primary);
        await(() -> replica.call(commands -> commands.info("replication").contains("master_link_status:up")));
        for (int i = 0; i < 3; i++) {
            sentinels.add(RedisProcess.startSentinel(primary, 2));
        }
        for (RedisProcess sentinel : sentinels) {
            await(() -> sentinel.call(commands -> commands.info("sentinel")
                    .contains("status=ok,address=127.0.0.1:" + primary.port() + ",slaves=1,sentinels=3")));
        }
        one = node();
        two = node();
    }

    private RedisNode node() {
        RedisNode node = new RedisNode(RedisEndpoint.of("redis-sentinel://"
                + sentinels.stream().map(each -> "127.0.0.1:" + each.port()).collect(Collectors.joining(","))
                + "#main"));
        node.awaitUp();
        return node;
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        sentinels.forEach(RedisProcess::close);
        replica.close();
        primary.close();
    }

    /** Sentinel kills the connections of clients to a server that it promotes, those of this test too. */
    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .ignoreExceptionsInstanceOf(RedisException.class)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    @Test
    void followsTheFailoverWithoutFailingCallersOrServingWhatIsOld() {
        TieredCache alone = one.cacheWithoutMemory("alone", TierOptions.DEFAULT);
        for (int i = 0; i < KEYS; i++) {
            alone.put("key-" + i, "old");
        }
        await(() -> replica.call(commands -> commands.dbsize()) == primary.call(commands -> commands.dbsize()));

        primary.kill();
        for (int i = 0; i < KEYS; i++) {
            alone.put("key-" + i, "new");
        }
        await(() -> replica.call(commands -> commands.info("replication").contains("role:master")));
        await(() -> {
            alone.put("probe", "value");
            return one.backend().health().state() == State.UP && "value".equals(value(alone, "probe"));
        });
        for (int i = 0; i < KEYS; i++) {
            assertThat(value(alone, "key-" + i)).isNotEqualTo("old");
        }
    }

    /** The follower lagged: what it takes over with is older than what was acknowledged. */
    @Test
    void whatThisInstanceHasChangedIsNotServedOldByTheNewServer() {
        TieredCache alone = one.cacheWithoutMemory("alone", TierOptions.DEFAULT);
        for (int i = 0; i < KEYS; i++) {
            alone.put("key-" + i, "old");
        }
        await(() -> replica.call(commands -> commands.dbsize()) == primary.call(commands -> commands.dbsize()));
        replica.pause();
        for (int i = 0; i < KEYS; i++) {
            alone.evict("key-" + i);
        }
        primary.kill();
        replica.resume();
        await(() -> replica.call(commands -> commands.info("replication").contains("role:master")));
        one.awaitUp();

        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(value(alone, "key-" + i)).isNull();
            }
        }
    }

    @Test
    void hearsOfChangesByTheNewServer() {
        TieredCache here = one.cache("cache");
        TieredCache there = two.cache("cache");
        here.put("key", "first");
        await(() -> "first".equals(value(there, "key")));

        primary.kill();
        await(() -> replica.call(commands -> commands.info("replication").contains("role:master")));
        one.awaitUp();
        two.awaitUp();

        await(() -> {
            here.put("key", "second");
            return "second".equals(value(there, "key"));
        });
        there.put("key", "third");
        await(() -> "third".equals(value(here, "key")));
    }
}
