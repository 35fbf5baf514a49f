package io.tinyllm.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandType;
import io.tinyllm.cache.codec.Envelope;
import io.tinyllm.cache.codec.EnvelopeFormat;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.remote.BackendHealth.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis refuses, or hands out damaged, fails no caller and brings nothing old back. */
class RefusalTests {

    private RedisProcess redis;
    private RedisNode node;

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        node = RedisNode.connected(redis);
    }

    @AfterEach
    void stop() {
        node.close();
        redis.close();
    }

    private List<byte[]> entryKeys() {
        return redis.call(
                ByteArrayCodec.INSTANCE,
                commands -> commands.keys("tinyllm:*").stream()
                        .filter(key -> !new String(key).endsWith(":generation"))
                        .toList());
    }

    @Test
    void bringsNoOldValueBackWhenRedisIsFull() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", "old");
        redis.configure("maxmemory-policy", "noeviction");
        redis.configure("maxmemory", "1");

        cache.put("key", "new");

        assertThat(cache.get("key")).isNull();
        assertThat(node.backend().guard().errors("oom")).isPositive();
        assertThat(node.backend().health().state()).isEqualTo(State.UP);

        redis.configure("maxmemory", "0");
        assertThat(cache.get("key")).isNull();
        cache.put("key", "newest");
        assertThat(cache.get("key").value()).isEqualTo("newest");
    }

    @Test
    void readsFromReplicaAndCountsWritesThatItRefuses() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("kept", "value");
        cache.put("key", "old");
        redis.configure("replica-serve-stale-data", "yes");
        redis.call(commands -> commands.replicaof("127.0.0.1", 1));

        cache.put("key", "new");

        assertThat(node.backend().guard().errors("readonly")).isPositive();
        assertThat(cache.get("key")).isNull();
        // It may be connecting anew, in case there is another server by now that takes writes.
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> cache.get("kept") != null);
        assertThat(cache.get("key")).isNull();

        redis.call(commands -> commands.replicaofNoOne());
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            cache.put("key", "newer");
            return cache.get("key") != null;
        });
    }

    @Test
    void saysThatTheUserLacksPermissionsAndIsWellAgainWithThem() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", "old");
        redis.call(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.SET)));

        cache.put("key", "new");

        assertThat(cache.get("key")).isNull();
        assertThat(node.backend().health().state()).isEqualTo(State.REFUSING);
        assertThat(node.backend().health().detail())
                .contains("tracking changes")
                .contains("NOPERM");
        assertThat(node.backend().health().address()).contains(":" + redis.port());

        redis.call(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.addCommand(CommandType.SET)));
        cache.put("key", "newest");
        assertThat(cache.get("key").value()).isEqualTo("newest");
    }

    @Test
    void saysThatTheKeyOfAGenerationIsOfAnotherType() {
        String generationKey = new String(new RedisKeys("tinyllm:").generation("taken"), StandardCharsets.UTF_8);
        redis.call(commands -> commands.lpush(generationKey, "somebody's"));
        TieredCache cache = node.cacheWithoutMemory("taken", RedisNode.PATIENT);

        cache.put("key", "value");

        assertThat(cache.get("key")).isNull();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> node.backend().health().state() == State.REFUSING);
        assertThat(node.backend().health().detail()).contains("WRONGTYPE");
        TieredCache other = node.cacheWithoutMemory("other", RedisNode.PATIENT);
        other.put("key", "value");
        assertThat(other.get("key").value()).isEqualTo("value");

        redis.call(commands -> commands.del(generationKey));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            cache.put("key", "value");
            return cache.get("key") != null;
        });
    }

    @Test
    void servesNoOtherKeysValueAndDropsAConnectionWhoseAnswersAreMixedUp() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("mine", "my value");
        byte[] mine = entryKeys().get(0);
        cache.put("yours", "your value");
        byte[] yours = entryKeys().stream()
                .filter(key -> !java.util.Arrays.equals(key, mine))
                .findFirst()
                .orElseThrow();
        AtomicBoolean lost = new AtomicBoolean();
        node.backend().guard().onStateChange(() -> {
            if (node.backend().guard().state() == State.DISCONNECTED) {
                lost.set(true);
            }
        });
        redis.call(ByteArrayCodec.INSTANCE, commands -> commands.set(mine, commands.get(yours)));

        assertThat(cache.get("mine")).isNull();

        Awaitility.await().atMost(Duration.ofSeconds(20)).untilTrue(lost);
        node.awaitUp();
        assertThat(cache.get("yours").value()).isEqualTo("your value");
    }

    /** The connection would be closed after two seconds at the latest, and local copies be dropped each time. */
    @Test
    void keepsAConnectionInUseThatTheServerWouldCloseForIdleness() {
        redis.configure("timeout", "2");
        TieredCache cache = node.cache("cache");
        cache.put("key", "value");
        AtomicBoolean lost = new AtomicBoolean();
        node.backend().guard().onStateChange(() -> lost.set(true));

        Awaitility.await()
                .pollDelay(Duration.ofSeconds(5))
                .atMost(Duration.ofSeconds(10))
                .until(() -> true);

        assertThat(lost).isFalse();
        assertThat(cache.memory().peek("key")).isNotNull();
    }

    @Test
    void takesDamageAnywhereForMiss() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", List.of("a value", 1, 2L));
        byte[] redisKey = entryKeys().get(0);
        redis.call(ByteArrayCodec.INSTANCE, commands -> {
            byte[] intact = commands.get(redisKey);
            Random random = new Random(42);
            for (int i = 0; i < intact.length; i++) {
                byte[] damaged = intact.clone();
                damaged[i] ^= (byte) (1 << random.nextInt(8));
                commands.set(redisKey, damaged);
                assertThat(cache.get("key")).as("byte %d", i).isNull();
                commands.set(redisKey, java.util.Arrays.copyOf(intact, i));
                assertThat(cache.get("key")).as("%d bytes", i).isNull();
            }
            for (int i = 0; i < 200; i++) {
                byte[] garbage = new byte[random.nextInt(300)];
                random.nextBytes(garbage);
                commands.set(redisKey, garbage);
                assertThat(cache.get("key")).isNull();
            }
            commands.set(redisKey, intact);
            return null;
        });
        assertThat(cache.get("key").value()).isEqualTo(List.of("a value", 1, 2L));
        assertThat(node.backend().health().errors().keySet()).anyMatch(reason -> reason.startsWith("decode:"));
    }

    /** A class whose initialization shows. */
    public static final class Gadget {

        static {
            System.setProperty(GADGET_RAN, "true");
        }

        public String command = "";
    }

    private static final String GADGET_RAN = "tinyllm.test.gadget";

    @Test
    void neverTouchesClassThatStoredValueNamesOutsideTheAllowList() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", "value");
        byte[] redisKey = entryKeys().get(0);
        long before = node.backend().guard().errors("decode:type_not_allowed");
        // Whole and sealed as we would seal it, so that only the type stands in its way.
        byte[] stored = redis.call(ByteArrayCodec.INSTANCE, commands -> commands.get(redisKey));
        byte[] digest = new EnvelopeFormat(EnvelopeFormat.NEVER, 1 << 20)
                .open(stored)
                .envelope()
                .digest();
        String name = RefusalTests.class.getName() + "$Gadget";
        for (String type : List.of(name, name + "[]", "javax.script.ScriptEngineManager")) {
            String payload = type.endsWith("[]") ? "{\"%s\":[null]}" : "{\"%s#abcdefgh\":{\"command\":\"rm\"}}";
            byte[] sealed = new EnvelopeFormat(EnvelopeFormat.NEVER, 1 << 20)
                    .seal(new Envelope(
                            Envelope.Stamp.of(System.currentTimeMillis(), 600_000),
                            digest,
                            "Gadget",
                            List.of(),
                            payload.formatted(type).getBytes(StandardCharsets.US_ASCII)));
            redis.call(ByteArrayCodec.INSTANCE, commands -> commands.set(redisKey, sealed));

            assertThat(cache.get("key")).as(type).isNull();
            assertThat(cache.get("key", () -> "loaded")).as(type).isEqualTo("loaded");
            assertThat(cache.get("key").value()).as(type).isEqualTo("loaded");
        }

        assertThat(node.backend().guard().errors("decode:type_not_allowed")).isGreaterThanOrEqualTo(before + 3);
        assertThat(System.getProperty(GADGET_RAN)).isNull();
    }

    @Test
    void loadsAnewWhatAnotherTypeIsStoredUnder() {
        TieredCache cache = node.cacheWithoutMemory("cache", RedisNode.PATIENT);
        cache.put("key", "value");
        byte[] redisKey = entryKeys().get(0);
        redis.call(ByteArrayCodec.INSTANCE, commands -> {
            commands.del(redisKey);
            return commands.lpush(redisKey, "not a value".getBytes());
        });

        // Behind the news of that change, which a load in progress would be overtaken by.
        assertThat(cache.get("key")).isNull();
        assertThat(cache.get("key", () -> "loaded")).isEqualTo("loaded");
        assertThat(cache.get("key").value()).isEqualTo("loaded");
    }

    @Test
    void writesEveryEntryWithTimeToLive() {
        var tier = node.tier("cache");
        tier.prepare("never", 1, Long.MAX_VALUE).send().join();
        tier.prepare("soon", 1, Duration.ofMinutes(1).toNanos()).send().join();

        List<Long> lives = redis.call(
                ByteArrayCodec.INSTANCE,
                commands -> entryKeys().stream().map(commands::pttl).sorted().toList());

        assertThat(lives.get(0)).isBetween(1L, 60_000L);
        assertThat(lives.get(1)).isBetween(60_000L, RedisStore.LONGEST_MILLIS);
    }

    @Test
    void clearsWithoutTouchingEntries() {
        TieredCache users = node.cacheWithoutMemory("users", RedisNode.PATIENT);
        TieredCache wild = node.cacheWithoutMemory("u*", RedisNode.PATIENT);
        users.put("key", 1);
        wild.put("key", 2);
        redis.call(commands -> commands.configResetstat());

        wild.clear();

        assertThat(wild.get("key")).isNull();
        assertThat(users.get("key").value()).isEqualTo(1);
        String statistics = redis.call(commands -> commands.info("commandstats"));
        assertThat(statistics).doesNotContain("cmdstat_keys", "cmdstat_scan", "cmdstat_flush", "cmdstat_del");
    }
}
