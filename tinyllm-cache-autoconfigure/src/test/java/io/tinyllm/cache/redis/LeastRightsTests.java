package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TagFeed;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.BackendHealth.State;
import io.tinyllm.cache.remote.GuardedRemoteTier;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rights that the documentation gives to the user of a Redis are enough, and none of them is idle. */
class LeastRightsTests {

    private static final Path PAGE = Path.of("..", "docs", "operations.md");

    private static final Duration LEASE = Duration.ofMillis(400);

    private RedisProcess redis;
    private List<String> documented;

    @BeforeEach
    void start() throws IOException {
        redis = RedisProcess.start();
        String line = Files.readAllLines(PAGE).stream()
                .map(String::strip)
                .filter(text -> text.startsWith("ACL SETUSER "))
                .findFirst()
                .orElseThrow();
        documented = Arrays.asList(line.split(" "));
        grant(documented);
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private void grant(List<String> command) {
        String answer = redis.call(commands -> {
            CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
            command.subList(1, command.size()).forEach(arguments::add);
            return commands.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments);
        });
        assertThat(answer).isEqualTo("OK");
    }

    private RedisNode node() {
        String name = documented.get(2);
        String secret = documented.stream()
                .filter(rule -> rule.startsWith(">"))
                .findFirst()
                .orElseThrow()
                .substring(1);
        RedisNode node =
                new RedisNode(RedisEndpoint.of("redis://" + name + ":" + secret + "@127.0.0.1:" + redis.port()));
        node.awaitUp();
        return node;
    }

    @ParameterizedTest
    @EnumSource(
            value = Invalidation.class,
            names = {"TRACKING", "PUB_SUB"})
    void withTheDocumentedRightsNothingIsRefused(Invalidation invalidation) throws Exception {
        try (RedisNode one = node();
                RedisNode two = node()) {
            doEverything(one, two, invalidation);
            assertThat(one.backend().health().state()).isEqualTo(State.UP);
            assertThat(two.backend().health().state()).isEqualTo(State.UP);
            assertThat(one.backend().health().detail()).contains("tracking changes");
        }
        assertThat(refused()).isEmpty();
    }

    @Test
    void whoMayNeitherTrackNorAskWhoTheServerIsHearsOfChangesByTheOthers() throws Exception {
        List<String> fewer = new ArrayList<>(documented);
        fewer.removeAll(List.of("+client|tracking", "+info"));
        assertThat(fewer).hasSize(documented.size() - 2);
        fewer.add(3, "reset");
        grant(fewer);
        try (RedisNode one = node();
                RedisNode two = node()) {
            assertThat(one.backend().health().detail()).isEqualTo("not tracking changes");
            TieredCache here = cache(one, "cache", Invalidation.AUTO);
            TieredCache there = cache(two, "cache", Invalidation.AUTO);
            for (String round : List.of("before", "after the connections were lost")) {
                await(() -> {
                    here.put("key", round);
                    return round.equals(value(there, "key"));
                });
                here.put("key", "new");
                await(() -> "new".equals(value(there, "key")));
                there.evict("key");
                await(() -> value(here, "key") == null);
                redis.call(commands ->
                        commands.clientKill(KillArgs.Builder.typeNormal().skipme()));
            }
        }
    }

    @Test
    void noneOfTheDocumentedRightsIsIdle() throws Exception {
        try (RedisNode one = node();
                RedisNode two = node()) {
            doEverything(one, two, Invalidation.TRACKING);
            doEverything(one, two, Invalidation.PUB_SUB);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(idle()).isEmpty());
        }
    }

    private List<String> idle() {
        List<String> idle = new ArrayList<>();
        String used = redis.call(commands -> commands.info("commandstats"));
        for (String right : documented) {
            String command = right.startsWith("+") ? right.substring(1) : "";
            if (!command.isEmpty() && !used.contains("cmdstat_" + command.split("\\|")[0] + ":")) {
                idle.add(right);
            }
        }
        return idle;
    }

    /** What was refused, but for the driver's telling of its name, which servers before 7.2 do not know. */
    private List<Map<String, Object>> refused() {
        return redis.call(commands -> commands.aclLog()).stream()
                .filter(refusal -> !"client".equals(refusal.get("object")))
                .toList();
    }

    /** Every operation that sends a command which no other sends. */
    private void doEverything(RedisNode one, RedisNode two, Invalidation invalidation) throws Exception {
        String name = "cache-" + invalidation;
        TieredCache here = cache(one, name, invalidation);
        TieredCache there = cache(two, name, invalidation);
        await(() -> {
            here.put("key", "old");
            return "old".equals(value(there, "key"));
        });
        here.put("key", "new");
        await(() -> "new".equals(value(there, "key")));
        here.evict("key");
        await(() -> value(there, "key") == null);
        here.put("another", "value");
        assertThat(value(there, "another")).isEqualTo("value");
        deleteByHand(name);
        await(() -> value(here, "another") == null);
        here.put("another", "value");
        there.clear();
        await(() -> value(here, "another") == null);
        // Who has just missed a key asks what the news of it means.
        await(() -> value(there, "absent") == null);
        assertThat(here.putIfAbsent("absent", "value")).isNull();
        // Longer than a lease, so that it is renewed.
        assertThat(here.get("loaded", () -> {
                    new CountDownLatch(1).await(LEASE.toMillis() + 300, TimeUnit.MILLISECONDS);
                    return "value";
                }))
                .isEqualTo("value");
        TagFeed tags = one.backend().tags();
        assertThat(tags.tell("tag").get(10, TimeUnit.SECONDS)).isPositive();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> one.backend().health().state() == State.UP);
    }

    private void deleteByHand(String cacheName) {
        redis.call(ByteArrayCodec.INSTANCE, commands -> {
            commands.keys("tinyllm:" + cacheName + ":*:*another*").forEach(commands::del);
            return null;
        });
    }

    private static TieredCache cache(RedisNode node, String name, Invalidation invalidation) {
        GuardedRemoteTier tier = node.tier(name, RedisNode.PATIENT, invalidation);
        node.backend().tags().onEviction(new Hearer());
        return TieredCache.named(name)
                .memory(new CaffeineMemoryTier(1000, System::nanoTime, Runnable::run))
                .remote(tier)
                .leases(node.backend().leases(name, tier, LEASE, Duration.ofSeconds(30)))
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
    }

    private static Object value(TieredCache cache, String key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    /** Hears of evictions, and has none of its own to tell. */
    private static final class Hearer implements TagFeed.Listener {

        @Override
        public void evicted(Map<String, Long> evictions) {
            // What it does with that is shown elsewhere.
        }

        @Override
        public Map<String, Long> untold() {
            return Map.of();
        }

        @Override
        public void told(String name, long id, long number) {
            throw new AssertionError("nothing was untold");
        }

        @Override
        public void forgotten() {
            // What it does with that is shown elsewhere.
        }
    }
}
