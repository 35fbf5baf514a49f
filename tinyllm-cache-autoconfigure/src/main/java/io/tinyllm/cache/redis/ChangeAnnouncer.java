package io.tinyllm.cache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the changes that this JVM makes, for servers that do not tell others of them. A message is the number of
 * the JVM that sent it and the Redis key. Thread-safe; nothing blocks.
 */
final class ChangeAnnouncer {

    private final long node = ThreadLocalRandom.current().nextLong();
    private final CurrentConnection connection;

    ChangeAnnouncer(CurrentConnection connection) {
        this.connection = connection;
    }

    /** Tells the others of a change, as far as there is a connection. */
    void announce(byte[] channel, byte[] redisKey) {
        RedisClusterAsyncCommands<byte[], byte[]> commands = connection.commands();
        if (commands != null) {
            commands.publish(
                    channel,
                    ByteBuffer.allocate(Long.BYTES + redisKey.length)
                            .putLong(node)
                            .put(redisKey)
                            .array());
        }
    }

    /** Returns the Redis key in a message of another JVM, null where the message is our own or none at all. */
    byte @Nullable [] keyOfAnother(byte[] message) {
        if (message.length < Long.BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(message);
        if (buffer.getLong() == node) {
            return null;
        }
        byte[] redisKey = new byte[buffer.remaining()];
        buffer.get(redisKey);
        return redisKey;
    }
}
