package io.tinyllm.cache.redis;

import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.core.port.TagFeed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Evictions by tag in one Redis: a sorted set under {@code <prefix>tags}, of what was evicted by its number. Redis
 * gives the numbers, from its own clock and greater than every earlier one, so that no JVM's clock matters. Evictions
 * older than any entry are dropped, but for the latest, which carries the order on. Thread-safe; nothing blocks.
 */
final class RedisTags implements TagFeed {

    /** A day longer than the longest that an entry stays, in microseconds. */
    private static final String KEPT_MICROS = Long.toString((RedisStore.LONGEST_MILLIS + 86_400_000L) * 1_000);

    private static final String TELL = "local top = redis.call('zrevrange', KEYS[1], 0, 0, 'withscores') "
            + "local time = redis.call('time') local n = time[1] * 1000000 + time[2] "
            + "if top[2] and tonumber(top[2]) >= n then n = tonumber(top[2]) + 1 end "
            + "local number = string.format('%.0f', n) redis.call('zadd', KEYS[1], number, ARGV[1]) "
            + "redis.call('zremrangebyscore', KEYS[1], '-inf', '(' .. string.format('%.0f', n - ARGV[2])) "
            + "return number";

    private final CurrentConnection connection;
    private final byte[] key;
    private volatile @Nullable Listener listener;

    /** The greatest number that was heard. Guarded by this. */
    private long heard;

    RedisTags(CurrentConnection connection, String keyPrefix) {
        this.connection = connection;
        this.key = bytes(keyPrefix + "tags");
    }

    @Override
    public void onEviction(Listener told) {
        listener = told;
    }

    @Override
    public CompletableFuture<Long> tell(String name) {
        return connection.send(commands -> tell(commands, name)).thenApply(RedisTags::number);
    }

    private io.lettuce.core.RedisFuture<byte[]> tell(RedisClusterAsyncCommands<byte[], byte[]> over, String name) {
        return over.eval(TELL, ScriptOutputType.VALUE, new byte[][] {key}, bytes(name), bytes(KEPT_MICROS));
    }

    /** Catches up where a change is one of the evictions. */
    void changed(byte[] redisKey) {
        if (Arrays.equals(redisKey, key)) {
            catchUp();
        }
    }

    /** Hears of what was evicted meanwhile, and tells what could not be told; ends when that is done. */
    CompletableFuture<?> catchUp() {
        RedisClusterAsyncCommands<byte[], byte[]> commands = connection.commands();
        return commands == null ? CompletableFuture.completedFuture(null) : catchUp(commands);
    }

    /** As {@link #catchUp()}, over a connection that is not used yet. */
    CompletableFuture<?> catchUp(RedisClusterAsyncCommands<byte[], byte[]> over) {
        Listener told = listener;
        if (told == null) {
            return CompletableFuture.completedFuture(null);
        }
        long known = heard();
        return over.zrevrangeWithScores(key, 0, 0)
                .toCompletableFuture()
                .thenCompose(top -> {
                    if ((top.isEmpty() ? 0 : number(top.get(0))) < known) {
                        // Redis has lost some: it is told all again, and given numbers after those that it gave before.
                        told.forgotten();
                        heard(0, true);
                    }
                    return tellUntold(over, told);
                })
                .thenCompose(done -> over.zrangebyscoreWithScores(
                                key, Range.from(Boundary.excluding(heard()), Boundary.unbounded()))
                        .toCompletableFuture())
                .thenAccept(evicted -> {
                    Map<String, Long> evictions = new LinkedHashMap<>();
                    for (ScoredValue<byte[]> each : evicted) {
                        evictions.put(new String(each.getValue(), StandardCharsets.UTF_8), number(each));
                    }
                    told.evicted(evictions);
                    evictions.values().forEach(number -> heard(number, false));
                });
    }

    private CompletableFuture<?> tellUntold(RedisClusterAsyncCommands<byte[], byte[]> over, Listener told) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        told.untold()
                .forEach((name, id) -> sent.add(tell(over, name)
                        .toCompletableFuture()
                        .thenAccept(number -> told.told(name, id, number(number)))));
        return CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new));
    }

    private synchronized long heard() {
        return heard;
    }

    private synchronized void heard(long number, boolean anew) {
        heard = anew ? number : Math.max(heard, number);
    }

    private static long number(ScoredValue<byte[]> evicted) {
        return (long) evicted.getScore();
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
