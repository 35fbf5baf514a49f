package io.tinyllm.cache.redis;

import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.remote.RemoteTierContract;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisTierContractTests extends RemoteTierContract {

    private static RedisProcess redis;
    private static RedisNode node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = RedisNode.connected(redis);
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @Override
    protected RemoteTier tier() {
        return node.tier("cache-" + UUID.randomUUID());
    }

    @Override
    protected boolean mayRunDependents(Thread thread) {
        return thread == Thread.currentThread() || thread.getName().startsWith("hand-over");
    }
}
