package io.tinyllm.cache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.remote.RemoteStore;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one cache in a Redis that other JVMs change too: a {@link RedisStore}, whose changes by others are
 * told to a listener, and whose own changes are announced where the server does not tell the others of them.
 * Thread-safe.
 */
final class SharedStore implements RemoteStore {

    private final RedisStore store;
    private final CurrentConnection connection;
    private final ChangeAnnouncer announcer;
    private final RecentMisses misses;
    private final Invalidation invalidation;
    private final byte[] channel;
    private volatile @Nullable ChangeListener listener;

    /**
     * Creates a store.
     * @param store the entries
     * @param connection to the server
     * @param announcer publishes changes
     * @param misses takes note of keys that were not found
     * @param invalidation how changes by others are learned of
     * @param channel where the changes of this cache are published
     */
    SharedStore(
            RedisStore store,
            CurrentConnection connection,
            ChangeAnnouncer announcer,
            RecentMisses misses,
            Invalidation invalidation,
            byte[] channel) {
        this.store = store;
        this.connection = connection;
        this.announcer = announcer;
        this.misses = misses;
        this.invalidation = invalidation;
        this.channel = channel;
    }

    RedisStore store() {
        return store;
    }

    byte[] channel() {
        return channel;
    }

    // ----------------------------------------------------------------------------------------------------------
    // entries

    @Override
    public CompletableFuture<byte @Nullable []> get(byte[] key) {
        byte[] redisKey = store.redisKey(key);
        return store.get(key).thenApply(value -> {
            if (value == null && redisKey != null) {
                misses.add(redisKey);
            }
            return value;
        });
    }

    @Override
    public CompletableFuture<?> set(byte[] key, byte[] value, long ttlMillis) {
        byte[] redisKey = announced(key);
        return announcing(store.set(key, value, ttlMillis), redisKey);
    }

    /** Others who hold nothing of the key need not hear of it, and a server that tracks changes tells them. */
    @Override
    public CompletableFuture<?> setIfAbsent(byte[] key, byte[] value, long ttlMillis) {
        return store.setIfAbsent(key, value, ttlMillis);
    }

    @Override
    public CompletableFuture<Boolean> delete(byte[] key) {
        byte[] redisKey = announced(key);
        CompletableFuture<Boolean> sent = store.delete(key);
        if (redisKey != null) {
            sent.whenComplete((removed, failure) -> {
                if ((failure != null || removed) && isAnnounced()) {
                    announcer.announce(channel, redisKey);
                }
            });
        }
        return sent;
    }

    @Override
    public CompletableFuture<Boolean> retract(byte[] key) {
        if (isTracked()) {
            return store.retract(key);
        }
        byte[] redisKey = announced(key);
        return announcing(store.delete(key), redisKey);
    }

    @Override
    public CompletableFuture<?> clear() {
        return announcing(store.clear(), store.generationKey());
    }

    private byte @Nullable [] announced(byte[] key) {
        return isAnnounced() ? store.redisKey(key) : null;
    }

    /** Tells other JVMs after the change: they would read the old value before. */
    private <T> CompletableFuture<T> announcing(CompletableFuture<T> sent, byte @Nullable [] redisKey) {
        if (redisKey != null) {
            sent.whenComplete((done, failure) -> {
                if (isAnnounced()) {
                    announcer.announce(channel, redisKey);
                }
            });
        }
        return sent;
    }

    @Override
    public long currentTimeMillis() {
        return store.currentTimeMillis();
    }

    @Override
    public long currentTimeMillis(long createdMillis) {
        return store.currentTimeMillis(createdMillis);
    }

    @Override
    public void answersAnother() {
        connection.distrust();
    }

    // ---------------------------------------------------------------------------------------------- changes by others

    /** Returns whether the server tells of every change. */
    boolean isTracked() {
        return connection.isTracking() && (invalidation == Invalidation.AUTO || invalidation == Invalidation.TRACKING);
    }

    /** Returns whether caches tell each other of changes. */
    boolean isAnnounced() {
        return invalidation == Invalidation.PUB_SUB
                || invalidation == Invalidation.AUTO && !connection.isTracking() && connection.isOpen();
    }

    @Override
    public void onChange(ChangeListener changeListener) {
        this.listener = changeListener;
    }

    /**
     * Takes note of a change by another.
     * @param what has changed
     * @param missed whether this JVM has just missed it
     * @param executor tells what is found out by asking
     * @param failed takes what the listener throws then
     */
    void changed(RedisKeys.Parsed what, boolean missed, Executor executor, Consumer<Throwable> failed) {
        if (invalidation == Invalidation.NONE) {
            return;
        }
        ChangeListener current = listener;
        if (what.section().equals(RedisKeys.GENERATION)) {
            generationLost();
        } else if (current != null && what.section().equals(RedisKeys.RETRACTED)) {
            current.changed(what.key());
        } else if (current != null && store.isCurrent(what.section())) {
            if (missed) {
                tellWhich(what.key(), current, executor, failed);
            } else {
                current.changed(what.key());
            }
        }
    }

    /** Tells of an entry that had expired, or of one that another has put in its place. */
    private void tellWhich(byte[] key, ChangeListener current, Executor executor, Consumer<Throwable> failed) {
        // At once: what is loaded may be outdated, and may end before the answer is there.
        Runnable expired = current.doubted(key);
        store.exists(key)
                .handleAsync((exists, failure) -> failure == null && !exists, executor)
                .thenAccept(missing -> {
                    if (missing) {
                        expired.run();
                    } else {
                        current.changed(key);
                    }
                })
                .exceptionally(failure -> {
                    if (!(Failures.unwrap(failure) instanceof RejectedExecutionException)) {
                        failed.accept(Failures.unwrap(failure));
                    }
                    return null;
                });
    }

    /** Learns the generation anew. No reads in between: what they would find is cleared. */
    void generationLost() {
        store.forgetGeneration();
        relearnGeneration();
        allChanged();
    }

    /** Takes note that any key may have changed unheard. */
    void allChanged() {
        ChangeListener current = listener;
        if (current != null) {
            current.allChanged();
        }
    }

    /**
     * Learns the generation where it is not known.
     * @return ends when it is, or when there is no connection to learn it by
     */
    CompletableFuture<?> relearnGeneration() {
        RedisClusterAsyncCommands<byte[], byte[]> commands = connection.commands();
        return store.knowsGeneration() || commands == null
                ? CompletableFuture.completedFuture(null)
                : learnGeneration(commands);
    }

    /** Learns the generation, which may be another than before. */
    CompletableFuture<?> learnGeneration(RedisClusterAsyncCommands<byte[], byte[]> over) {
        return store.learnGeneration(over).thenAccept(another -> {
            if (another) {
                allChanged();
            }
        });
    }
}
