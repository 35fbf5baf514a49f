package io.tinyllm.cache.benchmarks.redis;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lettuce alone, on a connection of its own: the limit of a cache on top of it, not a peer. */
record LettuceContender(String name, RedisCommands<String, String> redis, Duration expiry) implements Contender {

    /** What tables call it. */
    static final String NAME = "bare Lettuce";

    @Override
    public @Nullable Object get(String key) {
        return redis.get("lettuce:" + key);
    }

    @Override
    public void put(String key, String value) {
        redis.set("lettuce:" + key, value, SetArgs.Builder.ex(expiry));
    }

    @Override
    public boolean isLimit() {
        return true;
    }
}
