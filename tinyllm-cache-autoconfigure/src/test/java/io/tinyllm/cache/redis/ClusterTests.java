package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.MigrateArgs;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three servers that share the keys: news of changes comes from each of them. */
class ClusterTests {

    private static final int SLOTS = 16_384;

    private static final List<RedisProcess> servers = new ArrayList<>();
    private static RedisNode one;
    private static RedisNode two;

    @BeforeAll
    static void start() {
        for (int i = 0; i < 3; i++) {
            RedisProcess server = RedisProcess.start("--cluster-enabled", "yes");
            servers.add(server);
            int first = i * SLOTS / 3;
            int end = (i + 1) * SLOTS / 3;
            server.call(commands ->
                    commands.clusterAddSlots(IntStream.range(first, end).toArray()));
            server.call(
                    commands -> commands.clusterMeet("127.0.0.1", servers.get(0).port()));
        }
        for (RedisProcess server : servers) {
            await(() -> server.call(commands -> commands.clusterInfo().contains("cluster_state:ok")
                    && commands.clusterNodes().lines().count() == 3));
        }
        one = node();
        two = node();
    }

    private static RedisNode node() {
        RedisNode node = new RedisNode(
                RedisEndpoint.ofCluster(servers.stream().map(RedisProcess::url).toList()));
        node.awaitUp();
        return node;
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        servers.forEach(RedisProcess::close);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    private static Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    @Test
    void hearsOfChangesOnEveryServerAndNotOfItsOwn() {
        TieredCache here = one.cache("cache");
        TieredCache there = two.cache("cache");
        for (int i = 0; i < 30; i++) {
            int now = i;
            here.put("key-" + i, i);
            await(() -> Integer.valueOf(now).equals(value(there, "key-" + now)));
        }
        for (int i = 0; i < 30; i++) {
            int now = -i;
            there.put("key-" + i, now);
            String key = "key-" + i;
            await(() -> Integer.valueOf(now).equals(value(here, key)));
        }
        for (int i = 0; i < 30; i++) {
            assertThat(there.memory().peek("key-" + i)).as("its own write").isNotNull();
        }
        here.clear();
        await(() -> value(there, "key-1") == null && value(there, "key-29") == null);
    }

    @Test
    void hearsAgainAfterItsConnectionsWereKilled() {
        TieredCache here = one.cache("killed");
        TieredCache there = two.cache("killed");
        for (int i = 0; i < 30; i++) {
            here.put("key-" + i, "old");
            String key = "key-" + i;
            await(() -> "old".equals(value(there, key)));
        }
        for (RedisProcess server : servers) {
            server.call(commands ->
                    commands.clientKill(KillArgs.Builder.typeNormal().skipme()));
        }
        for (int i = 0; i < 30; i++) {
            String key = "key-" + i;
            await(() -> {
                here.put(key, "new");
                return "new".equals(value(there, key));
            });
        }
    }

    /** Who only reads from memory sends no command by which it would learn where the slot is now. */
    @Test
    void changesAreHeardOfASlotThatHasMovedToAMasterThatHasJustJoined() {
        TieredCache here = one.cache("moved");
        TieredCache there = two.cache("moved");
        here.put("key", "old");
        await(() -> "old".equals(value(there, "key")));

        RedisProcess joined = RedisProcess.start("--cluster-enabled", "yes");
        servers.add(joined);
        joined.call(commands -> commands.clusterMeet("127.0.0.1", servers.get(0).port()));
        for (RedisProcess server : servers) {
            await(() -> server.call(commands -> commands.clusterInfo().contains("cluster_state:ok")
                    && commands.clusterNodes().lines().count() == 4));
        }
        RedisProcess owner = servers.stream()
                .filter(server -> !keys(server).isEmpty())
                .findFirst()
                .orElseThrow();
        move(keys(owner).get(0), owner, joined);
        assertThat(keys(joined)).as("the key has moved").hasSize(1);

        here.put("key", "new");
        await(() -> !"old".equals(value(there, "key")));
        // What was changed within a minute before a new connection may be deleted by it: it is gone then, not old.
        await(() -> {
            here.put("key", "newer");
            return "newer".equals(value(there, "key"));
        });
        await(() -> {
            there.put("key", "newest");
            return "newest".equals(value(here, "key"));
        });
    }

    private static List<String> keys(RedisProcess server) {
        return server.call(commands -> commands.keys("*moved*:key"));
    }

    private static void move(String key, RedisProcess from, RedisProcess to) {
        String source = from.call(commands -> commands.clusterMyId());
        String target = to.call(commands -> commands.clusterMyId());
        int slot = from.call(commands -> commands.clusterKeyslot(key)).intValue();
        to.call(commands -> commands.clusterSetSlotImporting(slot, source));
        from.call(commands -> commands.clusterSetSlotMigrating(slot, target));
        List<String> moved = from.call(commands -> commands.clusterGetKeysInSlot(slot, 1_000));
        from.call(commands -> commands.migrate("127.0.0.1", to.port(), 0, 5_000, MigrateArgs.Builder.keys(moved)));
        to.call(commands -> commands.clusterSetSlotNode(slot, target));
        from.call(commands -> commands.clusterSetSlotNode(slot, target));
    }
}
