package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * News of changes that caches tell each other, by a channel a cache, for servers that do not tell of changes themselves. A
 * message is the number of the node that sent it and the Redis key. Every time a subscription begins, all may have changed
 * unheard before. Connects once there is something to subscribe to. Thread-safe; nothing blocks.
 */
final class RedisSubscriptions {

    private static final Logger log = LoggerFactory.getLogger(RedisSubscriptions.class);
    private static final long RETRY_MILLIS = 500;

    private final long node = ThreadLocalRandom.current().nextLong();
    private final RedisLink link;
    private final ScheduledExecutorService timer;
    private final Consumer<byte[]> changed;
    private final Map<String, Runnable> unheardByChannel = new ConcurrentHashMap<>();
    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private boolean connecting;

    /**
     * @param link the connection that messages are sent over
     * @param timer tries to connect again
     * @param changed takes Redis keys that other nodes have changed
     */
    RedisSubscriptions(RedisLink link, ScheduledExecutorService timer, Consumer<byte[]> changed) {
        this.link = link;
        this.timer = timer;
        this.changed = changed;
    }

    /**
     * Listens to a channel from now on.
     * @param channel its name
     * @param unheard told whenever the subscription begins
     */
    void subscribe(byte[] channel, Runnable unheard) {
        if (unheardByChannel.putIfAbsent(text(channel), unheard) != null) {
            return;
        }
        StatefulRedisPubSubConnection<byte[], byte[]> current = connection;
        if (current != null) {
            listen(current, channel);
        } else {
            connect();
        }
    }

    /** Tells the others of a change. */
    void publish(byte[] channel, byte[] redisKey) {
        RedisClusterAsyncCommands<byte[], byte[]> commands = link.commands();
        if (commands != null) {
            commands.publish(
                    channel,
                    ByteBuffer.allocate(8 + redisKey.length)
                            .putLong(node)
                            .put(redisKey)
                            .array());
        }
    }

    private synchronized void connect() {
        if (connecting) {
            return;
        }
        connecting = true;
        link.connector().connectPubSub().whenComplete((opened, failure) -> {
            if (failure != null) {
                again();
                return;
            }
            opened.addListener(new Listener());
            connection = opened;
            for (String channel : unheardByChannel.keySet()) {
                listen(opened, channel.getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private void listen(StatefulRedisPubSubConnection<byte[], byte[]> on, byte[] channel) {
        on.async().subscribe(channel).exceptionally(failure -> {
            if (failure instanceof RedisCommandExecutionException
                    || failure.getCause() instanceof RedisCommandExecutionException) {
                log.warn(
                        "Redis refuses the channel '{}', so that local copies live until they expire: {}",
                        text(channel),
                        failure.getMessage());
            } else {
                // Not connected just now; the client repeats by itself only what has succeeded once.
                listenLater(on, channel);
            }
            return null;
        });
    }

    private void listenLater(StatefulRedisPubSubConnection<byte[], byte[]> on, byte[] channel) {
        if (connection != on) {
            return;
        }
        try {
            timer.schedule(() -> listen(on, channel), RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            log.debug("Closing: the channel is not asked for again");
        }
    }

    private void again() {
        synchronized (this) {
            connecting = false;
        }
        try {
            timer.schedule(this::connect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closing.
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private final class Listener extends RedisPubSubAdapter<byte[], byte[]> {

        @Override
        public void message(byte[] channel, byte[] message) {
            if (message.length < 8) {
                return;
            }
            ByteBuffer buffer = ByteBuffer.wrap(message);
            if (buffer.getLong() != node) {
                byte[] redisKey = new byte[buffer.remaining()];
                buffer.get(redisKey);
                changed.accept(redisKey);
            }
        }

        @Override
        public void subscribed(byte[] channel, long count) {
            Runnable unheard = unheardByChannel.get(text(channel));
            if (unheard != null) {
                unheard.run();
            }
        }
    }
}
