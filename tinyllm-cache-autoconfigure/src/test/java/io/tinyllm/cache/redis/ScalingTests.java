package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import io.tinyllm.cache.tags.TagBarriers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an operation costs Redis as instances come: commands, messages and processor time. {@code main} prints the
 * tables of {@code docs/scaling.md}; the test holds what does not depend on the machine, with four instances.
 */
@Timeout(300)
class ScalingTests {

    private static final int OPERATIONS = 100;

    private static final List<String> OURS = List.of(
            "get", "set", "del", "exists", "publish", "eval", "zadd", "zrevrange", "zrangebyscore", "zremrangebyscore");

    /** An instance that holds every key in its memory. */
    private static final class Instance implements AutoCloseable {

        final RedisNode node;
        final TagBarriers tags;
        final TieredCache cache;

        Instance(RedisProcess redis, Invalidation invalidation) {
            node = RedisNode.connected(redis);
            TagResolver all = (cacheName, key, value) -> Set.of("all");
            tags = new TagBarriers(
                    List.of(all),
                    1000,
                    0,
                    () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
                    Runnable::run);
            tags.share(node.backend().tags());
            cache = TieredCache.named("cache")
                    .memory(new CaffeineMemoryTier(10_000, System::nanoTime, Runnable::run))
                    .remote(node.tier("cache", RedisNode.PATIENT, invalidation))
                    .tags(tags.policy("cache", () -> {}))
                    .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                    .build();
        }

        Object read(Object key) {
            CacheEntry entry = cache.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public void close() {
            node.close();
        }
    }

    /**
     * What so many operations have cost.
     * @param commands how many of each, by name
     * @param outputBytes what the server has sent
     * @param micros processor time of the server
     */
    record Cost(Map<String, Long> commands, long outputBytes, long micros) {

        Cost since(Cost before) {
            Map<String, Long> more = new LinkedHashMap<>();
            commands.forEach((name, count) -> {
                long difference = count - before.commands().getOrDefault(name, 0L);
                if (difference > 0) {
                    more.put(name, difference);
                }
            });
            return new Cost(more, outputBytes - before.outputBytes(), micros - before.micros());
        }

        long count(String command) {
            return commands.getOrDefault(command, 0L);
        }
    }

    private static Cost cost(RedisProcess redis) {
        return redis.call(commands -> {
            Map<String, Long> counts = new LinkedHashMap<>();
            String statistics = commands.info("commandstats");
            for (String name : OURS) {
                counts.put(name, number(statistics, "cmdstat_" + name + ":calls="));
            }
            double seconds =
                    decimal(commands.info("cpu"), "used_cpu_user:") + decimal(commands.info("cpu"), "used_cpu_sys:");
            return new Cost(counts, number(commands.info("stats"), "total_net_output_bytes:"), (long)
                    (seconds * TimeUnit.SECONDS.toMicros(1)));
        });
    }

    private static long number(String info, String field) {
        return (long) decimal(info, field);
    }

    private static double decimal(String info, String field) {
        int start = info.indexOf(field);
        if (start < 0) {
            return 0;
        }
        String rest = info.substring(start + field.length());
        return Double.parseDouble(rest.split("[,\\s]")[0]);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** What each kind of operation by the first of so many instances has cost, where all hold the key in memory. */
    private static Map<String, Cost> measure(int instances, Invalidation invalidation) throws Exception {
        Map<String, Cost> costs = new LinkedHashMap<>();
        List<Instance> all = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.start()) {
            try {
                for (int i = 0; i < instances; i++) {
                    all.add(new Instance(redis, invalidation));
                }
                Instance first = all.get(0);
                first.cache.put("key", -1);
                all.forEach(each -> await(() -> Integer.valueOf(-1).equals(each.read("key"))));
                costs.put(
                        "a hit in memory",
                        each(redis, () -> assertThat(first.read("key")).isNotNull()));
                int[] next = {0};
                costs.put("a put", each(redis, () -> {
                    int value = next[0]++;
                    first.cache.put("key", value);
                    all.forEach(each -> await(() -> Integer.valueOf(value).equals(each.read("key"))));
                }));
                costs.put("a put, then an evict", each(redis, () -> {
                    first.cache.put("key", "value");
                    all.forEach(each -> await(() -> "value".equals(each.read("key"))));
                    first.cache.evict("key");
                    all.forEach(each -> await(() -> each.read("key") == null));
                }));
                costs.put("a put, then a clear", each(redis, () -> {
                    first.cache.put("key", "value");
                    all.forEach(each -> await(() -> "value".equals(each.read("key"))));
                    first.cache.clear();
                    all.forEach(each -> await(() -> each.read("key") == null));
                }));
                costs.put("a put, then an eviction of its tag", each(redis, () -> {
                    first.cache.put("key", "value");
                    all.forEach(each -> await(() -> "value".equals(each.read("key"))));
                    first.tags.evict("all");
                    all.forEach(each -> await(() -> each.read("key") == null));
                }));
            } finally {
                all.forEach(Instance::close);
            }
        }
        return costs;
    }

    private interface Work {

        void run() throws Exception;
    }

    private static Cost each(RedisProcess redis, Work work) throws Exception {
        Cost before = cost(redis);
        for (int i = 0; i < OPERATIONS; i++) {
            work.run();
        }
        return cost(redis).since(before);
    }

    @Test
    void aHitCostsRedisNothingAndAPutOneCommandAndOneReadOfEachOtherInstance() throws Exception {
        for (Invalidation invalidation : List.of(Invalidation.TRACKING, Invalidation.PUB_SUB)) {
            Map<String, Cost> costs = measure(4, invalidation);
            assertThat(costs.get("a hit in memory").count("get")).isLessThan(5); // of a start that is just ending
            Cost put = costs.get("a put");
            assertThat(put.count("set")).isBetween((long) OPERATIONS, OPERATIONS + 5L);
            assertThat(put.count("publish")).isEqualTo(invalidation == Invalidation.PUB_SUB ? OPERATIONS : 0);
            // The reads of the other three, each once, and more only where one read what was just being replaced.
            assertThat(put.count("get")).isBetween(3L * OPERATIONS, 6L * OPERATIONS);
        }
    }

    /** Prints a table for each way of invalidation; arguments are numbers of instances. */
    public static void main(String[] arguments) throws Exception {
        for (Invalidation invalidation : List.of(Invalidation.TRACKING, Invalidation.PUB_SUB)) {
            System.out.println("\n" + invalidation);
            for (int instances :
                    Stream.of(arguments).mapToInt(Integer::parseInt).toArray()) {
                measure(instances, invalidation).forEach((name, cost) -> {
                    StringBuilder line = new StringBuilder("| " + instances + " | " + name + " | ");
                    cost.commands()
                            .forEach((command, count) ->
                                    line.append("%s %.2f, ".formatted(command, (double) count / OPERATIONS)));
                    System.out.println(line.append(
                            "| %d | %d |".formatted(cost.outputBytes() / OPERATIONS, cost.micros() / OPERATIONS)));
                });
            }
        }
    }
}
