package io.tinyllm.cache.benchmarks.redis;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RMap;
import org.redisson.api.RMapCache;

/** A map of Redisson, by the writes that ask for no old value; with a time to live where it has any. */
record RedissonContender(String name, RMap<String, String> map) implements Contender {

    @Override
    public @Nullable Object get(String key) {
        return map.get(key);
    }

    @Override
    public void put(String key, String value) {
        if (map instanceof RMapCache<String, String> expiring) {
            expiring.fastPut(key, value, 1, TimeUnit.HOURS);
        } else {
            map.fastPut(key, value);
        }
    }
}
