package io.tinyllm.cache.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
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
 * The entries of one cache in Redis. Their keys contain a generation, a random name that Redis holds at one key a
 * cache; giving it another clears the cache. A generation that Redis has lost is replaced by a new one, so that entries
 * which outlived it stay out of reach. Entries are written with a time-to-live, those that never expire too, so that
 * the ones of old generations go. Thread-safe.
 */
final class RedisStore implements RemoteStore, LeaseStore {

    /** How long an entry without a time-to-live stays. */
    static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(30);

    private static final String RELEASE =
            "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";
    private static final String RENEW = "if redis.call('get', KEYS[1]) == ARGV[1]"
            + " then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end";

    private static final byte[] NOTHING = {};

    private static final SetArgs SHORTLY = SetArgs.Builder.px(1_000);

    private final CurrentConnection connection;
    private final ServerClock clock;
    private final RedisKeys keys;
    private final String escapedName;
    private final byte[] generationKey;
    private final byte[] leaseSection;
    private final byte[] retractedSection;

    /** The prefix of the keys of the current generation; null while it is not known. */
    private volatile byte @Nullable [] section;

    /**
     * Creates a store whose generation is not known yet.
     * @param connection to the server
     * @param clock the time of the server
     * @param keys the names of keys there
     * @param escapedName the name of the cache as it stands in keys
     */
    RedisStore(CurrentConnection connection, ServerClock clock, RedisKeys keys, String escapedName) {
        this.connection = connection;
        this.clock = clock;
        this.keys = keys;
        this.escapedName = escapedName;
        this.leaseSection = keys.section(escapedName, RedisKeys.LEASE);
        this.retractedSection = keys.section(escapedName, RedisKeys.RETRACTED);
        this.generationKey = keys.generation(escapedName);
    }

    // ----------------------------------------------------------------------------------------------------------
    // entries

    @Override
    public CompletableFuture<byte @Nullable []> get(byte[] key) {
        byte[] current = section;
        // What was read of a generation that has ended meanwhile is nothing.
        return send(current, key, (commands, redisKey) -> commands.get(redisKey))
                .thenApply(value -> section == current ? value : null);
    }

    @Override
    public CompletableFuture<?> set(byte[] key, byte[] value, long ttlMillis) {
        return send(section, key, (commands, redisKey) -> commands.set(redisKey, value, expiry(ttlMillis)));
    }

    @Override
    public CompletableFuture<?> setIfAbsent(byte[] key, byte[] value, long ttlMillis) {
        SetArgs unlessThere = expiry(ttlMillis).nx();
        return send(section, key, (commands, redisKey) -> commands.set(redisKey, value, unlessThere));
    }

    private static SetArgs expiry(long ttlMillis) {
        return SetArgs.Builder.px(ttlMillis == 0 ? LONGEST_MILLIS : Math.min(ttlMillis, LONGEST_MILLIS));
    }

    @Override
    public CompletableFuture<Boolean> delete(byte[] key) {
        return send(section, key, (commands, redisKey) -> commands.del(redisKey))
                .thenApply(removed -> removed > 0);
    }

    /**
     * A server that tracks changes tells of none where it removes what is not there, and of an entry that it finds
     * expired it tells in the same words as of one that was removed. So a key that stands for the retraction exists for
     * a moment: whoever hears of it knows.
     */
    @Override
    public CompletableFuture<Boolean> retract(byte[] key) {
        CompletableFuture<Boolean> removed = delete(key);
        CompletableFuture<?> told =
                send(retractedSection, key, (commands, redisKey) -> commands.set(redisKey, NOTHING, SHORTLY));
        CompletableFuture<?> over = send(retractedSection, key, (commands, redisKey) -> commands.del(redisKey));
        // A server that is full refuses it; the entry is gone nevertheless.
        return told.handle((ok, refused) -> true)
                .thenCombine(over, (ok, done) -> true)
                .thenCombine(removed, (ok, held) -> held);
    }

    /** Returns whether there is an entry of a key, one that has expired not among them. */
    CompletableFuture<Boolean> exists(byte[] key) {
        return send(section, key, (commands, redisKey) -> commands.exists(redisKey))
                .thenApply(count -> count > 0);
    }

    private <T> CompletableFuture<T> send(byte @Nullable [] current, byte[] key, KeyCommand<T> command) {
        return current == null
                ? CurrentConnection.disconnected()
                : connection.send(commands -> command.send(commands, RedisKeys.join(current, key)));
    }

    /** Sends a command about one key. */
    private interface KeyCommand<T> {

        CompletionStage<T> send(RedisClusterAsyncCommands<byte[], byte[]> commands, byte[] redisKey);
    }

    @Override
    public long currentTimeMillis() {
        return clock.currentTimeMillis();
    }

    @Override
    public long currentTimeMillis(long createdMillis) {
        return clock.currentTimeMillis(createdMillis);
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
        return connection.send(commands -> commands.set(generationKey, bytes(next)));
    }

    /**
     * Learns the generation from Redis, or gives it one. Until then there is none.
     * @return whether it is another than the one known before; ends when it is known
     */
    CompletableFuture<Boolean> learnGeneration(RedisClusterAsyncCommands<byte[], byte[]> over) {
        byte[] before = section;
        over.set(generationKey, bytes(newGeneration()), SetArgs.Builder.nx());
        return connection.send(over, commands -> commands.get(generationKey)).thenApply(generation -> {
            if (generation == null) {
                throw new RemoteFailure(Reason.ERROR, "Redis does not keep the generation of a cache");
            }
            return learned(before, keys.section(escapedName, text(generation)));
        });
    }

    private synchronized boolean learned(byte @Nullable [] before, byte[] learned) {
        if (section != before || Arrays.equals(learned, before)) {
            // Where they differ: cleared meanwhile, by a command that Redis got after this one. Ours is the newer one.
            return false;
        }
        section = learned;
        return before != null;
    }

    /** Forgets the generation: nothing is read until another is learned. */
    void forgetGeneration() {
        section = null;
    }

    boolean knowsGeneration() {
        return section != null;
    }

    boolean isCurrent(String generation) {
        byte[] current = section;
        return current != null && Arrays.equals(current, keys.section(escapedName, generation));
    }

    /** Returns where a key is stored now, null while the generation is not known. */
    byte @Nullable [] redisKey(byte[] key) {
        byte[] current = section;
        return current == null ? null : RedisKeys.join(current, key);
    }

    byte[] generationKey() {
        return generationKey;
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
