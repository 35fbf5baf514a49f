package io.tinyllm.cache.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisKeyAsyncCommands;
import io.lettuce.core.api.async.RedisStringAsyncCommands;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.remote.LeaseStore;
import io.tinyllm.cache.remote.RemoteFailure;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import io.tinyllm.cache.remote.RemoteStore;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one cache in Redis. Their keys contain a generation, a random name that Redis holds at one key a cache;
 * giving it another clears the cache. A generation that Redis has lost is replaced by a new one, so that entries which outlived
 * it stay out of reach. Entries are written with a time to live, those that never expire too, so that the ones of old
 * generations go. Thread-safe.
 */
final class RedisStore implements RemoteStore, LeaseStore {

    /** How long an entry without a time to live stays. */
    static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(30);

    private static final String RELEASE =
            "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";
    private static final String RENEW = "if redis.call('get', KEYS[1]) == ARGV[1]"
            + " then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end";

    /** What stands at a key for a moment, so that its removal is a change. It reads as no entry. */
    private static final byte[] NOTHING = {};

    private static final SetArgs SHORTLY = SetArgs.Builder.px(1_000);

    private static final RemoteFailure DISCONNECTED = new RemoteFailure(Reason.DISCONNECTED, "No connection to Redis");

    private final RedisLink link;
    private final ServerClock clock;
    private final RedisKeys keys;
    private final String escapedName;
    private final byte[] generationKey;
    private final byte[] leaseSection;
    private final RecentMisses misses;
    private final Publisher publisher;

    /** What the keys of the current generation begin with; null while it is not known. */
    private volatile byte @Nullable [] section;

    private volatile @Nullable ChangeListener listener;

    /** Tells other JVMs of a change, where the server does not. */
    @FunctionalInterface
    interface Publisher {

        void changed(byte[] redisKey);

        default boolean isNeeded() {
            return true;
        }

        /** Whether the server tells of changes itself, of those that are any. */
        default boolean isTracked() {
            return false;
        }
    }

    RedisStore(
            RedisLink link,
            ServerClock clock,
            RedisKeys keys,
            String escapedName,
            RecentMisses misses,
            Publisher publisher) {
        this.link = link;
        this.clock = clock;
        this.keys = keys;
        this.escapedName = escapedName;
        this.leaseSection = keys.section(escapedName, RedisKeys.LEASE);
        this.generationKey = keys.generation(escapedName);
        this.misses = misses;
        this.publisher = publisher;
    }

    String escapedName() {
        return escapedName;
    }

    // ----------------------------------------------------------------------------------------------------------
    // entries

    @Override
    public CompletableFuture<byte @Nullable []> get(byte[] key) {
        byte[] current = section;
        return send(current, key, RedisStringAsyncCommands::get).thenApply(value -> {
            if (value == null && current != null) {
                misses.add(RedisKeys.join(current, key));
            }
            // What was read of a generation that has ended meanwhile is nothing.
            return section == current ? value : null;
        });
    }

    @Override
    public CompletableFuture<?> set(byte[] key, byte[] value, long ttlMillis) {
        SetArgs expiry = SetArgs.Builder.px(ttlMillis == 0 ? LONGEST_MILLIS : Math.min(ttlMillis, LONGEST_MILLIS));
        return change(key, (commands, redisKey) -> commands.set(redisKey, value, expiry));
    }

    @Override
    public CompletableFuture<Boolean> delete(byte[] key) {
        byte[] current = section;
        CompletableFuture<Long> sent = send(current, key, RedisKeyAsyncCommands::del);
        if (current != null && publisher.isNeeded()) {
            sent.whenComplete((removed, failure) -> {
                if (failure != null || removed > 0) {
                    publisher.changed(RedisKeys.join(current, key));
                }
            });
        }
        return sent.thenApply(removed -> removed > 0);
    }

    /**
     * A server that tracks changes tells of none where it removes what is not there. So something is put there for it, on
     * the same connection, and nothing comes in between from this JVM.
     */
    @Override
    public CompletableFuture<Boolean> retract(byte[] key) {
        if (!publisher.isTracked()) {
            return change(key, RedisKeyAsyncCommands::del).thenApply(removed -> removed > 0);
        }
        byte[] current = section;
        CompletableFuture<Long> removed = send(current, key, RedisKeyAsyncCommands::del);
        CompletableFuture<String> put =
                send(current, key, (commands, redisKey) -> commands.set(redisKey, NOTHING, SHORTLY));
        CompletableFuture<Long> removedAgain = send(current, key, RedisKeyAsyncCommands::del);
        return put.thenCombine(removedAgain, (ok, count) -> count).thenCombine(removed, (count, held) -> held > 0);
    }

    /** Tells other JVMs after the change: they would read the old value before. */
    private <T> CompletableFuture<T> change(byte[] key, Command<T> command) {
        byte[] current = section;
        CompletableFuture<T> sent = send(current, key, command);
        if (current != null && publisher.isNeeded()) {
            sent.whenComplete((done, failure) -> publisher.changed(RedisKeys.join(current, key)));
        }
        return sent;
    }

    private <T> CompletableFuture<T> send(byte @Nullable [] current, byte[] key, Command<T> command) {
        RedisClusterAsyncCommands<byte[], byte[]> commands = link.commands();
        if (commands == null || current == null) {
            return CompletableFuture.failedFuture(DISCONNECTED);
        }
        return failing(command.send(commands, RedisKeys.join(current, key)));
    }

    private <T> CompletableFuture<T> failing(CompletionStage<T> sent) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        sent.whenComplete((reply, failure) -> {
            if (failure == null) {
                answer.complete(reply);
            } else {
                RemoteFailure cause = RedisFailures.of(failure);
                if (cause.reason() == Reason.READONLY) {
                    link.wrongServer();
                }
                answer.completeExceptionally(cause);
            }
        });
        return answer;
    }

    /** Sends a command about one key. */
    private interface Command<T> {

        CompletionStage<T> send(RedisClusterAsyncCommands<byte[], byte[]> commands, byte[] redisKey);
    }

    @Override
    public long currentTimeMillis() {
        return clock.currentTimeMillis();
    }

    // -----------------------------------------------------------------------------------------------------------
    // leases

    @Override
    public CompletableFuture<Boolean> acquire(byte[] key, byte[] token, long millis) {
        SetArgs unlessTaken = SetArgs.Builder.nx().px(millis);
        return send(leaseSection, key, (commands, redisKey) -> commands.set(redisKey, token, unlessTaken))
                .thenApply("OK"::equals);
    }

    @Override
    public CompletableFuture<?> renew(byte[] key, byte[] token, long millis) {
        return run(RENEW, key, token, bytes(Long.toString(millis)));
    }

    @Override
    public CompletableFuture<?> release(byte[] key, byte[] token) {
        return run(RELEASE, key, token);
    }

    private CompletableFuture<?> run(String script, byte[] key, byte[]... arguments) {
        return send(
                leaseSection,
                key,
                (commands, redisKey) ->
                        commands.eval(script, ScriptOutputType.INTEGER, new byte[][] {redisKey}, arguments));
    }

    // ------------------------------------------------------------------------------------------------------
    // generations

    @Override
    public CompletableFuture<?> clear() {
        String next = newGeneration();
        section = keys.section(escapedName, next);
        RedisClusterAsyncCommands<byte[], byte[]> commands = link.commands();
        if (commands == null) {
            return CompletableFuture.failedFuture(DISCONNECTED);
        }
        return failing(commands.set(generationKey, bytes(next)))
                .whenComplete((done, failure) -> publisher.changed(generationKey));
    }

    /**
     * Learns the generation from Redis, or gives it one. Until then there is none.
     * @return ends when it is known
     */
    CompletableFuture<?> learnGeneration(RedisClusterAsyncCommands<byte[], byte[]> commands) {
        byte[] before = section;
        commands.set(generationKey, bytes(newGeneration()), SetArgs.Builder.nx());
        return failing(commands.get(generationKey)).thenAccept(generation -> {
            if (generation == null) {
                throw new RemoteFailure(Reason.ERROR, "Redis does not keep the generation of a cache");
            }
            byte[] learned = keys.section(escapedName, text(generation));
            synchronized (this) {
                if (section != before) {
                    // Cleared meanwhile: by a command that Redis got after this one, so that ours is the newer one.
                    return;
                }
                if (!Arrays.equals(learned, before)) {
                    section = learned;
                }
            }
            if (before != null && !Arrays.equals(learned, before)) {
                allChanged();
            }
        });
    }

    /**
     * Takes news of a change.
     * @param what has changed
     * @param missed whether this JVM has just missed it
     */
    void changed(RedisKeys.Parsed what, boolean missed) {
        ChangeListener current = listener;
        if (what.section().equals(RedisKeys.GENERATION)) {
            generationChanged();
        } else if (current != null && isCurrent(what.section())) {
            if (missed) {
                current.expired(what.key());
            } else {
                current.changed(what.key());
            }
        }
    }

    private void generationChanged() {
        // No reads in between: what they would find is cleared.
        section = null;
        relearnGeneration();
        allChanged();
    }

    /**
     * Learns the generation where it is not known.
     * @return ends when it is, or when there is no connection to learn it by
     */
    CompletableFuture<?> relearnGeneration() {
        RedisClusterAsyncCommands<byte[], byte[]> commands = link.commands();
        return section == null && commands != null
                ? learnGeneration(commands)
                : CompletableFuture.completedFuture(null);
    }

    void allChanged() {
        ChangeListener current = listener;
        if (current != null) {
            current.allChanged();
        }
    }

    @Override
    public void onChange(ChangeListener listener) {
        this.listener = listener;
    }

    private boolean isCurrent(String generation) {
        byte[] current = section;
        return current != null && Arrays.equals(current, keys.section(escapedName, generation));
    }

    private static String newGeneration() {
        return Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
