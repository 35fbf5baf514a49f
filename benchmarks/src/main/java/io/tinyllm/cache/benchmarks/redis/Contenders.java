package io.tinyllm.cache.benchmarks.redis;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.MultiLevelCacheBuilder;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import com.alicp.jetcache.support.Fastjson2KeyConvertor;
import com.alicp.jetcache.support.JavaValueDecoder;
import com.alicp.jetcache.support.JavaValueEncoder;
import io.lettuce.core.RedisClient;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.api.options.LocalCachedMapOptions.CacheProvider;
import org.redisson.api.options.LocalCachedMapOptions.EvictionPolicy;
import org.redisson.config.Config;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * All contenders on one Redis, each with the client, the connections and the serialization that it comes with. Entries
 * live for an hour; local tiers hold {@link #LOCAL} entries.
 */
final class Contenders implements AutoCloseable {

    /** How many entries a local tier holds. */
    static final int LOCAL = 10_000;

    private static final Duration TTL = Duration.ofHours(1);

    private final AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
    private final RedisClient lettuce;
    private final RedissonClient redisson;
    private final List<Contender> single;
    private final List<Contender> twoTier;

    Contenders(int port) {
        application
                .getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "benchmark",
                        Map.of(
                                "spring.data.redis.host",
                                "127.0.0.1",
                                "spring.data.redis.port",
                                port,
                                "tinyllm.cache.defaults.time-to-live",
                                TTL,
                                "tinyllm.cache.defaults.memory.maximum-size",
                                LOCAL,
                                "tinyllm.cache.defaults.redis.enabled",
                                true,
                                "tinyllm.cache.defaults.redis.timeout",
                                "2s",
                                "tinyllm.cache.caches.alone.memory.enabled",
                                false,
                                "tinyllm.cache.caches.both.memory.enabled",
                                true)));
        application.register(DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class);
        application.refresh();
        lettuce = RedisClient.create("redis://127.0.0.1:" + port);
        Config config = new Config();
        config.useSingleServer().setAddress("redis://127.0.0.1:" + port);
        redisson = Redisson.create(config);
        single = List.of(
                new SpringContender("tinyllm, Redis only", ours("alone"), true),
                new SpringContender("Spring RedisCache, as it comes", springs(false), false),
                new SpringContender("Spring RedisCache, immediate", springs(true), true),
                new JetCacheContender("JetCache, remote", jetCacheRemote("jet:")),
                new RedissonContender("Redisson RMapCache", redisson.getMapCache("mapCache")),
                new LettuceContender(LettuceContender.NAME, lettuce.connect().sync(), TTL));
        twoTier = List.of(
                new SpringContender("tinyllm, both tiers", ours("both"), true),
                new JetCacheContender("JetCache, both tiers", jetCacheBoth()),
                new RedissonContender(
                        "Redisson RLocalCachedMap",
                        redisson.getLocalCachedMap(LocalCachedMapOptions.<String, String>name("localCachedMap")
                                .cacheSize(LOCAL)
                                .evictionPolicy(EvictionPolicy.LFU)
                                .cacheProvider(CacheProvider.CAFFEINE))));
    }

    /** Those without a local tier, ours first. */
    List<Contender> single() {
        return single;
    }

    /** Those with a local tier, ours first. */
    List<Contender> twoTier() {
        return twoTier;
    }

    List<Contender> all() {
        return Stream.concat(single.stream(), twoTier.stream()).toList();
    }

    private org.springframework.cache.Cache ours(String name) {
        return Objects.requireNonNull(application.getBean(CacheManager.class).getCache(name));
    }

    private org.springframework.cache.Cache springs(boolean immediate) {
        RedisCacheManager manager = RedisCacheManager.builder(RedisCacheWriter.create(
                        application.getBean(RedisConnectionFactory.class), writer -> writer.immediateWrites(immediate)))
                .cacheDefaults(RedisCacheConfiguration.defaultCacheConfig().entryTtl(TTL))
                .build();
        manager.afterPropertiesSet();
        return Objects.requireNonNull(manager.getCache(immediate ? "immediate" : "asynchronous"));
    }

    private Cache<String, String> jetCacheRemote(String prefix) {
        return RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .valueEncoder(JavaValueEncoder.INSTANCE)
                .valueDecoder(JavaValueDecoder.INSTANCE)
                .redisClient(lettuce)
                .keyPrefix(prefix)
                .expireAfterWrite(TTL.toSeconds(), TimeUnit.SECONDS)
                .buildCache();
    }

    private Cache<String, String> jetCacheBoth() {
        Cache<String, String> local = CaffeineCacheBuilder.createCaffeineCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .limit(LOCAL)
                .expireAfterWrite(TTL.toSeconds(), TimeUnit.SECONDS)
                .buildCache();
        return MultiLevelCacheBuilder.createMultiLevelCacheBuilder()
                .addCache(local, jetCacheRemote("jet2:"))
                .expireAfterWrite(TTL.toSeconds(), TimeUnit.SECONDS)
                .buildCache();
    }

    @Override
    public void close() {
        redisson.shutdown();
        lettuce.shutdown();
        application.close();
    }
}
