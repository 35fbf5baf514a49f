package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three masters and three replicas; a master goes, and its replica takes its place. */
class ClusterFailoverTests {

    private static final int SLOTS = 16_384;
    private static final int KEYS = 60;

    private final List<RedisProcess> masters = new ArrayList<>();
    private final List<RedisProcess> replicas = new ArrayList<>();
    private RedisNode one;
    private RedisNode two;

    @BeforeEach
    void start() {
        for (int i = 0; i < 6; i++) {
            RedisProcess server = RedisProcess.start(
                    "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0");
            (i < 3 ? masters : replicas).add(server);
            server.call(
                    commands -> commands.clusterMeet("127.0.0.1", masters.get(0).port()));
        }
        for (int i = 0; i < 3; i++) {
            int first = i * SLOTS / 3;
            int end = (i + 1) * SLOTS / 3;
            masters.get(i)
                    .call(commands ->
                            commands.clusterAddSlots(IntStream.range(first, end).toArray()));
        }
        for (int i = 0; i < 3; i++) {
            String id = masters.get(i).call(commands -> commands.clusterMyId());
            RedisProcess replica = replicas.get(i);
            await(() -> replica.call(commands -> commands.clusterNodes().contains(id)));
            replica.call(commands -> commands.clusterReplicate(id));
        }
        for (RedisProcess server : masters) {
            await(() -> server.call(commands -> commands.clusterInfo().contains("cluster_state:ok")
                    && commands.clusterNodes().lines().count() == 6
                    && commands.info("replication").contains("state=online")));
        }
        one = node();
        two = node();
    }

    private RedisNode node() {
        RedisNode node = new RedisNode(
                RedisEndpoint.ofCluster(masters.stream().map(RedisProcess::url).toList()));
        node.awaitUp();
        return node;
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
        masters.forEach(RedisProcess::close);
        replicas.forEach(RedisProcess::close);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .ignoreExceptionsInstanceOf(RedisException.class)
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    private void fill(TieredCache here, TieredCache there) {
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            here.put(key, "old");
            await(() -> "old".equals(value(there, key)));
        }
    }

    private void promoted(RedisProcess replica) {
        await(() -> replica.call(commands -> commands.info("replication").contains("role:master")));
    }

    /** Whoever only reads from memory sends no command by which it would notice. */
    @Test
    void whoOnlyReadsFromMemorySoonServesNothingOldAfterAMasterWasKilled() {
        TieredCache here = one.cache("cache");
        TieredCache there = two.cache("cache");
        fill(here, there);

        masters.get(1).kill();
        promoted(replicas.get(1));
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            await(() -> {
                here.put(key, "new");
                here.memory().remove(key);
                return "new".equals(value(here, key));
            });
        }

        await(() -> IntStream.range(0, KEYS).noneMatch(i -> "old".equals(value(there, "key-" + i))));
        // What was changed within a minute of a reconnection may have been deleted again: it is gone then, not old.
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            await(() -> {
                here.put(key, "newer");
                return "newer".equals(value(there, key));
            });
        }
    }

    /** It answers nothing, and breaks no connection. */
    @Test
    void aMasterThatFellSilentIsNoticedByWhoOnlyReadsFromMemory() {
        TieredCache there = two.cache("silent");
        fill(one.cache("silent"), there);

        masters.get(2).pause();
        try {
            await(() -> IntStream.range(0, KEYS).allMatch(i -> there.memory().peek("key-" + i) == null));
        } finally {
            masters.get(2).resume();
        }
    }

    @Test
    void whatThisInstanceHasChangedIsNotServedOldByTheNewMaster() {
        TieredCache alone = one.cacheWithoutMemory("alone", RedisNode.PATIENT);
        for (int i = 0; i < KEYS; i++) {
            alone.put("key-" + i, "old");
        }
        replicas.get(0).pause();
        try {
            for (int i = 0; i < KEYS; i++) {
                alone.evict("key-" + i);
            }
            masters.get(0).kill();
        } finally {
            replicas.get(0).resume();
        }
        promoted(replicas.get(0));
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(value(alone, "key-" + i)).isNull();
            }
        }
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            await(() -> {
                alone.put(key, "new");
                return "new".equals(value(alone, key));
            });
        }
    }
}
