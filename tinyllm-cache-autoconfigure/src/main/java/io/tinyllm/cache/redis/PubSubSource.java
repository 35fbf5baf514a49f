package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * News of changes that caches tell each other, by a channel a cache, for servers that do not tell of changes
 * themselves. Every time a subscription begins, all may have changed unheard before. Connects once there is something
 * to subscribe to. Thread-safe; nothing blocks.
 */
final class PubSubSource {

    private static final Log log = LogFactory.getLog(PubSubSource.class);
    private static final long RETRY_MILLIS = 500;

    private final RedisConnector connector;
    private final ChangeAnnouncer announcer;
    private final ChangeFeed feed;
    private final ScheduledExecutorService timer;
    private final Map<String, SharedStore> storesByChannel = new ConcurrentHashMap<>();
    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private boolean connecting;

    /**
     * Creates a source that hears of nothing yet.
     * @param connector opens the connection
     * @param announcer publishes, in this JVM and in the others
     * @param feed takes the news
     * @param timer tries to connect again
     */
    PubSubSource(RedisConnector connector, ChangeAnnouncer announcer, ChangeFeed feed, ScheduledExecutorService timer) {
        this.connector = connector;
        this.announcer = announcer;
        this.feed = feed;
        this.timer = timer;
    }

    /** Listens to the channel of a cache from now on, if its changes are announced there. */
    void followIfAnnounced(SharedStore store) {
        if (!store.isAnnounced() || storesByChannel.putIfAbsent(text(store.channel()), store) != null) {
            return;
        }
        StatefulRedisPubSubConnection<byte[], byte[]> current = connection;
        if (current != null) {
            listen(current, store.channel());
        } else {
            connect();
        }
    }

    private synchronized void connect() {
        if (connecting) {
            return;
        }
        connecting = true;
        connector.connectPubSub().whenComplete((opened, failure) -> {
            if (failure != null) {
                synchronized (this) {
                    connecting = false;
                }
                later(this::connect);
                return;
            }
            opened.addListener(new Listener());
            connection = opened;
            storesByChannel.values().forEach(store -> listen(opened, store.channel()));
        });
    }

    private void listen(StatefulRedisPubSubConnection<byte[], byte[]> on, byte[] channel) {
        on.async().subscribe(channel).exceptionally(failure -> {
            if (failure instanceof RedisCommandExecutionException
                    || failure.getCause() instanceof RedisCommandExecutionException) {
                log.warn("Redis refuses the channel '" + text(channel)
                        + "', so that local copies live until they expire: " + failure.getMessage());
            } else if (connection == on) {
                // Not connected just now; the client repeats by itself only what has succeeded once.
                later(() -> listen(on, channel));
            }
            return null;
        });
    }

    private void later(Runnable action) {
        try {
            timer.schedule(action, RETRY_MILLIS, TimeUnit.MILLISECONDS);
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
            byte[] redisKey = announcer.keyOfAnother(message);
            if (redisKey != null) {
                feed.changed(redisKey);
            }
        }

        @Override
        public void subscribed(byte[] channel, long count) {
            SharedStore store = storesByChannel.get(text(channel));
            if (store != null) {
                store.allChanged();
            }
        }
    }
}
